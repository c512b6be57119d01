import { join, resolve } from "node:path";

import { installPlugins } from "../../../local-cloud/plugins/install.ts";
import type { EnvironmentConfig } from "../../config/schema.ts";
import { pause, type RunContext } from "../../core/run-context.ts";
import { removeTornAttributes, resolveBackend } from "../../engine/backend.ts";
import type { BrokenLock } from "../../engine/locks.ts";
import type { LockPatience } from "../../engine/named-locks.ts";
import { findProject, type Project, INSTALLATION } from "../../engine/project.ts";
import { chooseProviders, isLocalCloud } from "../../engine/providers.ts";
import { ensureCli } from "../../engine/pulumi-cli/ensure.ts";
import { Session } from "../../engine/session.ts";
import { requirePassphrase, requireVendorEnvironment } from "../../engine/vendor-environment.ts";
import { requireWholeState } from "../../engine/whole-state.ts";
import { writeAnalyzer } from "../../policy/analyzer.ts";
import { bundleGateway } from "../../stack/bundle.ts";
import { buildEnvironment } from "../../stack/program.ts";
import { requireWorkspace } from "../../stack/workspace.ts";
import { readIdentity } from "../../state/identity.ts";
import { type EnvironmentFile, readEnvironmentFile } from "./environment-file.ts";
import { guardIdentity } from "./guard-identity.ts";
import { holdStack } from "./stack-lock.ts";

/** An environment that is ready for the engine: file checked, vendors known, stack opened. */
export interface OpenEnvironment extends AsyncDisposable {
  readonly name: string;
  readonly project: Project;
  readonly file: EnvironmentFile;
  readonly config: EnvironmentConfig;
  readonly session: Session;
  /** Whether the vendors are the emulators of this machine. */
  readonly isLocal: boolean;
  /** Of the state; absolute. */
  readonly backendUrl: string;
  /** Locks of dead runs that were in the way; for the audit log. */
  readonly brokenLocks: readonly BrokenLock[];
}

export interface OpenOptions {
  /** Make the stack where it does not exist. */
  readonly create: boolean;
  /** Whether the environment is to be updated; default: as `create`. */
  readonly update?: boolean;
  /** Reading outputs needs no vendor. */
  readonly needsVendors: boolean;
  /** What to do about another run that holds the stack; reading needs no lock. */
  readonly lock: "none" | "refuse" | "wait";
  /**
   * `guard` (default): refuse a file that describes another environment than the one that is provisioned. `same`: refuse
   * a promotion too that no run has carried out. `any`: the command shows what is recorded, and plans nothing by the
   * file.
   */
  readonly identity?: "guard" | "same" | "any";
  /** What describes the environment, where that is not a file of its own: `pr/` renders a template. */
  readonly file?: EnvironmentFile;
}

/**
 * Reads the file, takes the stack for this run, and opens it for the engine. Changes nothing at a vendor.
 *
 * @throws AppError CONFIG_INVALID and its kin, PASSPHRASE_MISSING, VENDOR_ENVIRONMENT_MISSING, STACK_LOCKED,
 *   STATE_DAMAGED, ENVIRONMENT_DIFFERS, CLI_UNAVAILABLE, STACK_NOT_FOUND
 */
export async function openEnvironment(name: string, run: RunContext, options: OpenOptions): Promise<OpenEnvironment> {
  const { env, clock, emit, signal } = run;
  const project = await findProject(run.cwd);
  const file = options.file ?? (await readEnvironmentFile(project, name, clock));
  requirePassphrase(env, file.secretsProvider);
  if (options.needsVendors) requireVendorEnvironment(env);
  requireWorkspace(env, file.config);
  const providers = await chooseProviders(env);
  const backendUrl = await resolveBackend(project, env);
  await removeTornAttributes(backendUrl);
  const locked = { backendUrl, project: project.name, stack: name };
  await using opened = new AsyncDisposableStack();
  const hold = options.lock === "none" ? undefined : opened.use(await holdStack(locked, options.lock === "wait", run));
  await requireWholeState(locked);
  const command = await ensureCli({ env, buildSource: join(INSTALLATION, "tools", "pulumi"), emit, signal });
  const node = { node: process.execPath };
  // Before the engine, which would hide the fix of what fails in the program; preview and update get the same one.
  const module =
    (options.update ?? options.create) && file.config.access === "gateway" ? await bundleGateway() : undefined;
  const bundled = module === undefined ? {} : { bundle: () => Promise.resolve(module) };
  const session = opened.use(
    await Session.open(
      {
        project,
        environment: name,
        ...(options.file === undefined ? {} : { settings: options.file.text }),
        program: (adopt) => Promise.resolve({ ...buildEnvironment({ clock, adopt, ...bundled }) }),
        command,
        backendUrl,
        env: { RENDER_OWNER_ID: file.config.render.ownerId, ...passphraseFile(run) },
        writePolicyPack: (folder) =>
          writeAnalyzer(folder, { ...node, checkout: INSTALLATION, project: project.folder }),
        signal,
        ...(options.lock === "wait" ? { lockPatience: patienceOf(run) } : {}),
        ...(providers === "local" ? { installPlugins: (home: string) => installPlugins(home, node) } : {}),
      },
      options.create,
    ),
  );
  // Before anything is planned: every plan follows the kind.
  if (options.identity !== "any") {
    const promotion = options.identity === "same" ? "refused" : "allowed";
    guardIdentity(name, readIdentity(await session.exportState()), file.config, promotion);
  }
  const closing = opened.move();
  return {
    name,
    project,
    file,
    config: file.config,
    session,
    isLocal: isLocalCloud(env),
    backendUrl,
    brokenLocks: hold?.broken ?? [],
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Locks of a file:// backend were waited for before: what is left is one that only Pulumi sees. */
const LOCK_LIMIT_MS = 30 * 60_000;
const LOCK_POLL_MS = 5000;

function patienceOf({ clock, emit, signal }: Pick<RunContext, "clock" | "emit" | "signal">): LockPatience {
  return {
    limitMs: LOCK_LIMIT_MS,
    everyMs: LOCK_POLL_MS,
    sleep: (milliseconds) => pause(milliseconds, signal),
    now: () => clock.now(),
    onWait: ({ details }) => {
      emit({ type: "note", text: `Another run holds the stack: it is waited for (${details.join("; ")}).` });
    },
  };
}

/** The engine runs in a folder of its own, where a relative path would lead elsewhere. */
export function passphraseFile({ cwd, env }: Pick<RunContext, "cwd" | "env">): Readonly<Record<string, string>> {
  const file = env["PULUMI_CONFIG_PASSPHRASE_FILE"];
  return file ? { PULUMI_CONFIG_PASSPHRASE_FILE: resolve(cwd, file) } : {};
}

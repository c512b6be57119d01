import { randomHex, systemRandom } from "../../core/random.ts";
import { requireConfirmation } from "../../core/ask.ts";
import { AppError } from "../../core/app-error.ts";
import type { Role } from "../../core/names.ts";
import type { RunContext } from "../../core/run-context.ts";
import { resolveBackend } from "../../engine/backend.ts";
import { findProject } from "../../engine/project.ts";
import { readRecordedObjects } from "../../state/objects.ts";
import type { KvAccess } from "../../vendors/kv-access.ts";
import { deployEnvironment } from "../deploy/deploy-environment.ts";
import type { DeployReport } from "../deploy/deploy-stale.ts";
import { holdStack } from "../environment/stack-lock.ts";
import * as edits from "./edits.ts";
import { requireUnchangedFile } from "./file-history.ts";
import { type LinkedService, requireHealthy, requireIntact } from "./gates.ts";
import { ageLine, type ObserveOptions, readLedger, watchQuiet, watchRefusals } from "./observe.ts";
import { proveNew, proveRevoked, type ProofTarget } from "./prove.ts";
import { Rotation, type RotationReason } from "./rotation.ts";
import type { RoleStage } from "./stages.ts";

export interface RotateOptions extends RotationReason, ObserveOptions {
  readonly roles: readonly Role[];
  readonly yes: boolean | undefined;
  /** Wait for another run that holds the stack. */
  readonly wait: boolean;
  /** Commit and push each edit and each record before its effect. */
  readonly commit: boolean;
  /** Go on although somebody edited the file since the last step. */
  readonly acceptFile: boolean;
  /** The secret leaked: it ends before services have another one. */
  readonly emergency: boolean;
}

export interface RotateResult {
  readonly rotation: string | undefined;
  readonly roles: readonly Role[];
  /** Ids of the credentials that ended, and of those that are in use now. */
  readonly revoked: readonly string[];
  readonly live: readonly string[];
  readonly steps: readonly { readonly step: string; readonly ms: number }[];
}

/** How long Render leaves a replaced instance its connections: https://render.com/docs/deploys#zero-downtime-deploys */
const DRAIN_MS = 60_000;
const DEFAULT_SHUTDOWN_SECONDS = 30;

/**
 * Rotates the credentials of roles, or goes on with what a run before this one began: one step at a time, each found by
 * looking. Nothing that somebody still uses is revoked.
 *
 * @throws AppError ROTATION_BLOCKED, ROTATION_FILE_CHANGED, and with the code of what refused or failed (docs/errors.md)
 */
export async function rotate(stack: string, options: RotateOptions, run: RunContext): Promise<RotateResult> {
  return withRotation(stack, options, run, async (rotation, timed) => {
    const roles = begun(rotation.stages(options.roles));
    const stages = rotation.stages(roles);
    const isNew = stages.every(({ stage }) => stage === "idle");
    if (!isNew) await requireUnchangedFile(rotation.environment, options.acceptFile);
    if (!(await rotation.isCarriedOut())) {
      await timed("carry-out", () => rotation.carryOut(roles));
      // A run before this one was killed while it closed its rotation: that is what was asked for.
      if (isNew) return roles;
    }
    if (isNew) {
      await timed("check", () => check(rotation, roles, options));
      await timed("mint", () => mint(rotation, stages, newRotationId(run), options.emergency));
    }
    return roles;
  });
}

/**
 * Goes back to the credential that was before a rotation, as long as it exists: it is handed out again, and the new one
 * ends in the same careful steps.
 *
 * @throws AppError ROTATION_BLOCKED where the old credential is gone, or none is being rotated
 */
export async function abortRotation(stack: string, options: RotateOptions, run: RunContext): Promise<RotateResult> {
  return withRotation(stack, options, run, async (rotation, timed) => {
    const { environment } = rotation;
    const stages = rotation.stages(options.roles).filter(({ stage }) => stage !== "idle");
    const gone = stages.filter(({ stage }) => stage === "revoked");
    if (stages.length === 0 || gone.length > 0) throw nothingToAbort(stack, gone);
    await requireUnchangedFile(environment, options.acceptFile);
    const back = stages.filter((stage) => !edits.isTurnedBack(stage));
    const what = back.map(({ nextId, oldId }) => `${nextId}, back to ${oldId}`).join("; ");
    if (back.length > 0) await requireConfirmation(`Give up ${what}?`, "abort", options.yes, run);
    const minted = await rotation.existing();
    const written = back.filter(({ nextId }) => !minted.has(nextId));
    if (written.length > 0)
      await timed("abort", () => rotation.change("abort", written, edits.unmint(environment.config, written)));
    const suspended = back.filter(({ stage }) => stage === "suspended");
    if (suspended.length > 0)
      await timed("resume", () => rotation.change("resume", suspended, edits.resume(suspended)));
    const rest = back.filter(({ nextId }) => minted.has(nextId));
    if (rest.length > 0) await timed("abort", () => rotation.change("abort", rest, edits.turnBack(rest)));
    if (!(await rotation.isCarriedOut())) await timed("carry-out", () => rotation.carryOut(options.roles));
    return stages.map(({ role }) => role);
  });
}

type Timed = (step: string, work: () => Promise<void>) => Promise<void>;

/** Holds the stack for all of a rotation, begins or takes it up, then goes on until it is closed. */
async function withRotation(
  stack: string,
  options: RotateOptions,
  run: RunContext,
  begin: (rotation: Rotation, timed: Timed) => Promise<readonly Role[]>,
): Promise<RotateResult> {
  const { reason, ticket, commit } = options;
  const project = await findProject(run.cwd);
  const backendUrl = await resolveBackend(project, run.env);
  await using opened = new AsyncDisposableStack();
  // For all of it: between two steps nobody else may come in.
  const { broken } = opened.use(await holdStack({ backendUrl, project: project.name, stack }, options.wait, run));
  const rotation = opened.use(
    await Rotation.open(stack, run, { why: { reason, ticket }, commit, brokenLocks: broken }),
  );
  const steps: { step: string; ms: number }[] = [];
  const timed: Timed = async (step, work) => {
    const started = run.clock.now();
    await work();
    steps.push({ step, ms: run.clock.now() - started });
  };
  const roles = await begin(rotation, timed);
  const ended = rotation.stages(roles).map(({ oldId }) => oldId);
  const id = rotation.stages(roles)[0]?.rotation;
  const memory: Memory = { old: new Map(), deployed: undefined, suspendedAt: new Map() };
  for (;;) {
    const stages = rotation.next(roles.filter((role) => rotation.stages([role])[0]?.stage !== "idle"));
    const stage = stages[0]?.stage;
    if (stage === undefined) break;
    if (stage === "minted") await timed("distribute", () => distribute(rotation, stages, options.emergency));
    else if (stage === "distributed") await timed("suspend", () => suspend(rotation, stages, options, memory));
    else if (stage === "suspended") await timed("revoke", () => revoke(rotation, stages, options, memory));
    else await timed("close", () => close(rotation, stages, memory));
  }
  const live = rotation.stages(roles).map(({ oldId }) => oldId);
  return { rotation: id, roles, revoked: ended, live, steps };
}

/** What only this run knows: a run that goes on for another one does without it. */
interface Memory {
  /** KV as the holder of what is being revoked: once it is revoked, its secret is nowhere else. */
  readonly old: Map<string, KvAccess>;
  /** Linked services, once all of them run with the current variables and their old instances are gone. */
  deployed: readonly LinkedService[] | undefined;
  /** By credential: the gateway's time when it was suspended. */
  readonly suspendedAt: Map<string, number>;
}

/** A rotation that was begun is finished before another one begins. */
function begun(stages: readonly RoleStage[]): readonly Role[] {
  const under = stages.filter(({ stage }) => stage !== "idle");
  return (under.length > 0 ? under : stages).map(({ role }) => role);
}

async function check(rotation: Rotation, roles: readonly Role[], options: RotateOptions): Promise<void> {
  const { environment, vendors, run } = rotation;
  const { name } = environment;
  if (!options.emergency) {
    run.emit({ type: "step-started", step: "Check" });
    await requireHealthy(environment, vendors, run);
    // What evidence will be read from has to be readable before anything is minted.
    if (environment.config.access === "gateway") await readLedger(rotation);
    run.emit({ type: "step-finished", step: "Check", note: "state, vendors and services agree" });
  }
  const stages = rotation.stages(roles);
  const what = stages.map(({ oldId, nextId }) => `${oldId} by ${nextId}`).join(", ");
  if (options.emergency) {
    const affected = roles.includes("application") ? environment.config.render.services.join(", ") : "no service";
    run.emit({
      type: "warning",
      text: `Emergency: what leaked is refused within a minute. Until its deploy is live, requests to KV fail for: ${affected}.`,
    });
  }
  await requireConfirmation(`Rotate ${name}: replace ${what}?`, "rotation", options.yes, run);
}

async function mint(rotation: Rotation, stages: readonly RoleStage[], id: string, emergency: boolean): Promise<void> {
  const { environment, run } = rotation;
  const edit = edits.mint(environment.config, stages, { rotation: id, now: run.clock.now(), handOut: emergency });
  await rotation.change("mint", stages, edit);
}

/** The next credential is proved before anybody is given it, then it is handed out while the old one goes on. */
async function distribute(rotation: Rotation, stages: readonly RoleStage[], emergency: boolean): Promise<void> {
  const { vendors, run, wait } = rotation;
  if (!emergency) {
    run.emit({ type: "step-started", step: "Prove the next credential" });
    for (const stage of stages) {
      const kv = await rotation.kvAs(stage.nextId);
      if (kv === undefined) throw secretMissing(stage);
      const target = await proofTarget(rotation, stage);
      const proof = await rotation.recorded(
        "prove",
        [stage],
        () => proveNew(stage, kv, target, wait),
        (found) => ({ proof: found }),
      );
      if (!proof.proved) run.emit({ type: "warning", text: `${stage.nextId}: ${proof.found}` });
    }
    run.emit({ type: "step-finished", step: "Prove the next credential" });
  }
  await rotation.change("distribute", stages, edits.distribute(stages));
  await requireIntact(rotation.environment, vendors);
}

/** The old credential is taken from everybody before it is suspended, unless it leaked. */
async function suspend(
  rotation: Rotation,
  stages: readonly RoleStage[],
  options: RotateOptions,
  memory: Memory,
): Promise<void> {
  const services = await requireIntact(rotation.environment, rotation.vendors);
  if (!options.emergency) {
    if (stages.some(({ role }) => role === "application")) await deployAll(rotation, stages, memory, services);
    await watchQuiet(rotation, stages, services, options);
  }
  for (const { oldId } of stages) {
    const kv = await rotation.kvAs(oldId);
    if (kv !== undefined) memory.old.set(oldId, kv);
  }
  const now = await gatewayNow(rotation);
  for (const { oldId } of stages) if (now !== undefined) memory.suspendedAt.set(oldId, now);
  await rotation.change("suspend", stages, edits.suspend(stages));
}

/** A refusal puts the old credential back into use: somebody still holds it. */
async function revoke(
  rotation: Rotation,
  stages: readonly RoleStage[],
  options: RotateOptions,
  memory: Memory,
): Promise<void> {
  const services = await requireIntact(rotation.environment, rotation.vendors);
  if (options.emergency) {
    if (stages.some(({ role }) => role === "application")) await deployAll(rotation, stages, memory, services);
  } else {
    const holders = await watchRefusals(rotation, stages, memory.suspendedAt, options);
    if (holders.length > 0) {
      const affected = stages.filter(({ oldId }) => holders.some((holder) => holder.credential === oldId));
      await rotation.change("resume", affected, edits.resume(affected), { refused: holders });
      throw stillHeld(rotation.environment.name, holders);
    }
  }
  for (const { oldId } of stages) {
    const kv = memory.old.get(oldId) ?? (await rotation.kvAs(oldId));
    if (kv !== undefined) memory.old.set(oldId, kv);
  }
  await rotation.change("revoke", stages, edits.revoke(stages));
}

async function close(rotation: Rotation, stages: readonly RoleStage[], memory: Memory): Promise<void> {
  const { run, wait } = rotation;
  run.emit({ type: "step-started", step: "Prove that the old credential ended" });
  for (const stage of stages) {
    const { found, proved } = await rotation.recorded(
      "prove-revoked",
      [stage],
      () => proveRevoked(stage, memory.old.get(stage.oldId), wait),
      (proof) => ({ proof }),
    );
    if (!proved) run.emit({ type: "note", text: `${stage.oldId}: ${found}` });
  }
  run.emit({ type: "step-finished", step: "Prove that the old credential ended" });
  await rotation.change("close", stages, edits.close(stages));
}

/** Every service runs with the current variables, and what it replaced is gone. Once in a run. */
async function deployAll(
  rotation: Rotation,
  stages: readonly RoleStage[],
  memory: Memory,
  linked: readonly LinkedService[],
): Promise<void> {
  if (memory.deployed !== undefined) return;
  const { environment, vendors, run, wait } = rotation;
  const { session, config } = environment;
  const ids = [...new Set([...config.render.services, ...linked.map(({ id }) => id)])];
  const report = await rotation.recorded(
    "deploy",
    stages,
    // Previews that are linked to the group hold the credential too.
    () => deployEnvironment({ session, config: { render: { ...config.render, services: ids } } }, vendors, run),
    (done: DeployReport) => ({ deployed: done.deployed, current: done.current, suspendedServices: done.suspended }),
  );
  const services = await Promise.all(ids.map((id) => vendors.render.service(id)));
  const delays = services.map(
    (service) => service?.serviceDetails?.maxShutdownDelaySeconds ?? DEFAULT_SHUTDOWN_SECONDS,
  );
  const passing = DRAIN_MS + Math.max(...delays) * 1000;
  run.emit({
    type: "step-started",
    step: "Wait for old instances to end",
    note: `${ageLine(wait.scaled(passing))}: Render's minute and the longest shutdown delay`,
  });
  await wait.pass(passing);
  run.emit({
    type: "step-finished",
    step: "Wait for old instances to end",
    note: `${String(report.deployed.length)} deployed`,
  });
  memory.deployed = linked;
}

async function proofTarget({ environment }: Rotation, { role }: RoleStage): Promise<ProofTarget> {
  const { config, session } = environment;
  const { namespaces } = readRecordedObjects(await session.exportState());
  return {
    access: config.access,
    accountId: config.cloudflare.accountId,
    namespaces: Object.fromEntries(namespaces.map(({ name, id }) => [name, id])),
    isBound: config.credentials[role].allowedIps !== undefined,
    probeKey: `kvshift:probe:${randomHex(systemRandom, 16)}`,
  };
}

/** Of a gateway; `undefined` under `rest`. */
async function gatewayNow(rotation: Rotation): Promise<number | undefined> {
  if (rotation.environment.config.access !== "gateway") return undefined;
  return (await readLedger(rotation)).now;
}

function newRotationId({ clock }: Pick<RunContext, "clock">): string {
  const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll("-", "");
  return `rotate-${day}-${randomHex(systemRandom, 6)}`;
}

function nothingToAbort(stack: string, gone: readonly RoleStage[]): AppError {
  const [first] = gone;
  return new AppError("ROTATION_BLOCKED", {
    problem:
      first === undefined
        ? `No credential of ${stack} is being rotated.`
        : `${first.oldId} is gone already: there is nothing to go back to.`,
    fix: first === undefined ? "See `kvshift rotate status`." : "Close the rotation with `kvshift rotate apply`.",
  });
}

function secretMissing({ nextId }: RoleStage): AppError {
  return new AppError("ROTATION_BLOCKED", {
    problem: `The secret of ${nextId} is not in the state: it cannot be proved.`,
    fix: "See with `kvshift status` what the state lacks; `kvshift rotate abort` goes back to the old credential.",
  });
}

function stillHeld(
  environment: string,
  holders: readonly { readonly credential: string; readonly client: string }[],
): AppError {
  return new AppError("ROTATION_BLOCKED", {
    problem: `Somebody still holds the old credential of ${environment}: it was suspended, refused a request, and is accepted again.`,
    details: holders.map(({ credential, client }) => `${credential}: reported by ${client}`),
    fix: "Give that client the current credential (deploy it), then run `kvshift rotate apply` again. `unattributed` are clients that send no Kvshift-Client header.",
    retryable: true,
    data: { holders },
  });
}

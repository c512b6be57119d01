import { type AuditRecord, sha256 } from "../../audit/record.ts";
import type { AuditTrail } from "../../audit/trail.ts";
import { type CredentialsEdit, editCredentials } from "../../config/edit-credentials.ts";
import { environmentFileName } from "../../config/formats.ts";
import { AppError } from "../../core/app-error.ts";
import { type Role, ROLES, SLOTS } from "../../core/names.ts";
import { pause, type RunContext } from "../../core/run-context.ts";
import type { BrokenLock } from "../../engine/locks.ts";
import { timeScale } from "../../config/time-scale.ts";
import { readRecorded } from "../../state/recorded.ts";
import { runName } from "../../state/runs.ts";
import { readStackOutputs } from "../../state/stack-outputs.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { KvAccess } from "../../vendors/kv-access.ts";
import { kvAs, kvAsOperator } from "../environment/open-kv.ts";
import { replaceFile } from "../environment/replace-file.ts";
import { auditPath, openTrail } from "../environment/audit-trail.ts";
import { vendorsOf } from "../environment/connect-vendors.ts";
import { openEnvironment, type OpenEnvironment } from "../environment/open-environment.ts";
import { bringUp, type UpResult } from "../environment/up.ts";
import { createPublisher } from "./publish.ts";
import { earliest, type RoleStage, stageOf } from "./stages.ts";
import { type Wait, waiting } from "../environment/wait.ts";

/** Only what is known of a rotation from outside: who asked for it and why. Recorded with each step. */
export interface RotationReason {
  readonly reason?: string | undefined;
  readonly ticket?: string | undefined;
}

export interface RotationOptions {
  readonly why: RotationReason;
  /** Commit and push each edit and each record before its effect. */
  readonly commit: boolean;
  /** What was in the way of the hold of this run. */
  readonly brokenLocks: readonly BrokenLock[];
}

const FLOW = "rotate";

/**
 * One rotation under way: the environment as its file says it now, the log, and how to wait. The file is edited here and
 * nowhere else; each edit is followed by an update, so that file and state say the same when a step has ended.
 */
export class Rotation implements AsyncDisposable {
  readonly vendors: Vendors;
  readonly wait: Wait;
  readonly trail: AuditTrail;
  readonly run: RunContext;
  readonly #stack: string;
  readonly #reason: RotationReason;
  readonly #commits: boolean;
  #environment: OpenEnvironment;
  /** The edit that goes out with the next record; returns how to undo it. */
  #prepared: (() => Promise<() => Promise<void>>) | undefined;

  private constructor(
    stack: string,
    environment: OpenEnvironment,
    trail: AuditTrail,
    run: RunContext,
    reason: RotationReason,
    commits: boolean,
  ) {
    this.#stack = stack;
    this.#environment = environment;
    this.trail = trail;
    this.run = run;
    this.#reason = reason;
    this.#commits = commits;
    this.vendors = vendorsOf(run);
    this.wait = waiting({ clock: run.clock, signal: run.signal, scale: timeScale(run.env), sleep: pause });
  }

  /** Opens an environment whose stack this run holds already. */
  static async open(stack: string, run: RunContext, { why, commit, brokenLocks }: RotationOptions): Promise<Rotation> {
    const environment = await openForUpdate(stack, run);
    try {
      const holder: { rotation?: Rotation } = {};
      const sessionOf = () => (holder.rotation?.environment ?? environment).session;
      const files = [environment.file.path, auditPath(environment)];
      const publisher = commit ? await createPublisher(environment.project.folder, files) : undefined;
      const publish = async ({ flow, step = "", kind }: AuditRecord): Promise<void> => {
        const prepared = holder.rotation === undefined ? undefined : holder.rotation.#prepared;
        const undo = await prepared?.();
        await publisher?.publish(`${flow} ${stack}: ${step} (${kind})`).catch(async (error: unknown) => {
          await undo?.();
          throw error;
        });
      };
      const trail = await openTrail(
        { ...environment, brokenLocks },
        run,
        sessionOf,
        publisher === undefined ? undefined : publish,
      );
      holder.rotation = new Rotation(stack, environment, trail, run, why, commit);
      return holder.rotation;
    } catch (error) {
      await environment[Symbol.asyncDispose]();
      throw error;
    }
  }

  get environment(): OpenEnvironment {
    return this.#environment;
  }

  /** Where the rotation of each role stands. */
  stages(roles: readonly Role[]): readonly RoleStage[] {
    const { name, config } = this.#environment;
    return roles.map((role) => stageOf(name, config.credentials, role));
  }

  /** Those that go on next, together. */
  next(roles: readonly Role[]): readonly RoleStage[] {
    return earliest(this.stages(roles));
  }

  /**
   * Edits the file, then makes what it says so: intent, edit, update, outcome. A file that another one has written since
   * it was read is left alone.
   */
  async change(step: string, stages: readonly RoleStage[], edit: CredentialsEdit, seen: Details = {}): Promise<void> {
    const { file, name } = this.#environment;
    const now = this.run.clock.now();
    const text = editCredentials(file.text, edit, { environment: name, now, file: environmentFileName(name) });
    const details = { file: { before: sha256(file.text), after: sha256(text) }, ...seen };
    const write = async () => {
      this.#prepared = undefined;
      await replaceOrRefuse(file.path, file.text, text);
      return () => replaceOrRefuse(file.path, text, file.text);
    };
    // What is committed before the effect is the intent together with the edit.
    this.#prepared = this.#commits ? write : undefined;
    await this.#recorded(step, stages, details, async () => {
      if (!this.#commits) await write();
      await this.#reopen();
      return this.#update();
    });
  }

  /** Makes what the file says so: an update that a killed run did not end. */
  async carryOut(roles: readonly Role[]): Promise<void> {
    await this.#recorded("carry-out", this.stages(roles), {}, () => this.#update());
  }

  /** Records a step that changes nothing in the file. */
  async recorded<Result>(
    step: string,
    stages: readonly RoleStage[],
    work: () => Promise<Result>,
    describe: (result: Result) => Details,
  ): Promise<Result> {
    return this.trail.around(
      { flow: FLOW, step, roles: stages.map(({ role }) => role), details: { ...this.#reason, ...idsOf(stages) } },
      work,
      describe,
    );
  }

  /** Records what was seen and decided by. */
  async evidence(step: string, stages: readonly RoleStage[], seen: Details): Promise<void> {
    const roles = stages.map(({ role }) => role);
    await this.trail.evidence({ flow: FLOW, step, roles, details: { ...this.#reason, ...idsOf(stages), ...seen } });
  }

  /** Whether the state is what the file says, as far as credentials go. */
  async isCarriedOut(): Promise<boolean> {
    const { config, session } = this.#environment;
    const state = await session.exportState();
    const outputs = readStackOutputs(state);
    const recorded = readRecorded(state);
    return ROLES.every((role) => {
      const { active, rotation, slots } = config.credentials[role];
      const said = outputs?.credentials[role];
      return (
        said?.active === active &&
        said.rotation === rotation &&
        SLOTS.every((slot) => {
          const was = recorded.slots[role][slot];
          const { epoch, state: wanted } = slots[slot];
          return was?.epoch === epoch && was.state === wanted && was.lost !== true;
        })
      );
    });
  }

  /** Ids of the credentials that exist. */
  async existing(): Promise<ReadonlySet<string>> {
    return new Set((await this.#environment.session.credentialSecrets()).keys());
  }

  /** KV as the holder of a credential; `undefined` where its secret is in no state. */
  async kvAs(credentialId: string): Promise<KvAccess | undefined> {
    return kvAs(this.#environment, credentialId, this.run);
  }

  /** KV as the operator, with the credential that is handed out now. */
  async kvAsOperator(): Promise<KvAccess | undefined> {
    return kvAsOperator(this.#environment, this.run);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#environment[Symbol.asyncDispose]();
  }

  async #recorded(
    step: string,
    stages: readonly RoleStage[],
    seen: Details,
    work: () => Promise<Pick<UpResult, "report" | "engineRun">>,
  ): Promise<void> {
    const { emit } = this.run;
    const roles = stages.map(({ role }) => role);
    emit({ type: "step-started", step: TITLES[step] ?? step, note: roles.join(", ") });
    const details = { ...this.#reason, ...idsOf(stages), ...seen };
    await this.trail.around({ flow: FLOW, step, roles, details }, work, ({ report, engineRun }) => ({
      changes: report.counts,
      ...runName(engineRun),
    }));
    emit({ type: "step-finished", step: TITLES[step] ?? step });
  }

  async #update() {
    // That nobody holds what ends was seen before the step, and in an emergency a person said that it does not matter.
    const options = { adopt: false, removeUsed: false, yes: true, force: true };
    // A rotation has its own steps to show.
    const quiet: RunContext = {
      ...this.run,
      emit: (event) => {
        if (event.type === "warning" || event.type === "note") this.run.emit(event);
      },
    };
    return bringUp(this.#environment, this.vendors, options, quiet, "caller");
  }

  async #reopen(): Promise<void> {
    const next = await openForUpdate(this.#stack, this.run);
    await this.#environment[Symbol.asyncDispose]();
    this.#environment = next;
  }
}

type Details = Readonly<Record<string, unknown>>;

const TITLES: Readonly<Record<string, string>> = {
  mint: "Mint the next credential",
  distribute: "Hand out the next credential",
  drain: "Take the old credential out of use",
  suspend: "Suspend the old credential",
  resume: "Accept the old credential again",
  revoke: "Revoke the old credential",
  close: "Close the rotation",
  abort: "Go back to the old credential",
  "carry-out": "Finish what a run before this one began",
};

/** This run holds the stack for the whole rotation. */
function openForUpdate(stack: string, run: RunContext): Promise<OpenEnvironment> {
  return openEnvironment(stack, run, { create: false, update: true, needsVendors: true, lock: "none" });
}

async function replaceOrRefuse(path: string, before: string, after: string): Promise<void> {
  if (await replaceFile(path, before, after)) return;
  throw new AppError("ROTATION_FILE_CHANGED", {
    problem: "The environment's file was changed while this step was prepared: it was left as it is.",
    details: [path],
    fix: "Look at the change, then run `kvshift rotate apply` again.",
    retryable: true,
  });
}

function idsOf(stages: readonly RoleStage[]) {
  return { credentials: stages.map(({ role, stage, oldId, nextId }) => ({ role, stage, old: oldId, next: nextId })) };
}

import { shardsOf } from "../../config/namespace-schema.ts";
import type { EnvironmentConfig } from "../../config/schema.ts";
import { AppError } from "../../core/app-error.ts";
import { type Role, ROLES, SLOTS, type SlotState } from "../../core/names.ts";
import { type Deployment, withoutResources } from "../../state/deployment.ts";
import { readRecorded, type Recorded, type RecordedSlot } from "../../state/recorded.ts";
import type { ReconcilePlan } from "../reconcile/plan.ts";
import { guardPhase } from "./guard-phase.ts";

interface WantedSlot {
  readonly epoch: number;
  readonly state: SlotState;
}

type GuardedConfig = Pick<EnvironmentConfig, "access" | "phase" | "namespaces" | "credentials">;

/**
 * Refuses a configuration that would lose data, break a rotation or undo one that this checkout does not know of.
 * Protection alone acts too late: the engine mints first and fails at the delete, which leaves two protected
 * credentials.
 *
 * @throws AppError STATE_UNREADABLE where nobody can say what was provisioned
 * @throws AppError CONFIG_BEHIND where an epoch would go back
 * @throws AppError PHASE_CHANGE_REFUSED where data would be lost on the way to the phase
 * @throws AppError NAMESPACE_CHANGE_REFUSED where the class or the number of shards would change
 * @throws AppError ACCESS_CHANGE_REFUSED where credentials were minted under another access
 * @throws AppError ROTATION_REFUSED where a slot would skip a step, or end in the step that mints its successor
 */
export function guardTransition(recorded: Recorded, config: GuardedConfig): void {
  guardReadable(recorded);
  guardNewest(recorded, config);
  guardPhase(recorded.phase, config.phase);
  guardNamespaces(recorded, config);
  guardAccess(recorded, config);
  const refused = ROLES.flatMap((role) =>
    SLOTS.flatMap((slot) => {
      const reason = refuseSlot(recorded.slots[role][slot], config.credentials[role].slots[slot]);
      return reason === undefined ? [] : [`${role} slot ${slot}: ${reason}`];
    }),
  );
  const stranded = ROLES.flatMap((role) => strandedLines(recorded, config, role));
  if (refused.length + stranded.length === 0) return;
  throw new AppError("ROTATION_REFUSED", {
    problem: "The change of credentials skips a step.",
    details: [...refused, ...stranded],
    fix: "One `up` for each step: the empty slot live with its next epoch, `active` on it, the old slot draining, then suspended, then empty.",
  });
}

/**
 * `guardTransition` from the state as it will be when what a plan found gone is forgotten: a credential that is gone
 * is lost with its secret.
 *
 * @throws AppError CONFIG_BEHIND, PHASE_CHANGE_REFUSED, NAMESPACE_CHANGE_REFUSED, ACCESS_CHANGE_REFUSED, ROTATION_REFUSED
 */
export function guardPlan(state: Deployment, { drop }: Pick<ReconcilePlan, "drop">, config: GuardedConfig): void {
  guardTransition(readRecorded(withoutResources(state, new Set(drop.map(({ urn }) => urn)))), config);
}

/**
 * Refuses a file that knows less than what was provisioned: whatever else it seems to say follows from that.
 *
 * @throws AppError CONFIG_BEHIND
 */
export function guardNewest(recorded: Recorded, config: Pick<EnvironmentConfig, "credentials">): void {
  const behind = behindLines(recorded, config);
  if (behind.length === 0) return;
  throw new AppError("CONFIG_BEHIND", {
    problem: "The configuration is older than what was provisioned: somebody changed this environment since.",
    details: behind,
    fix: "Pull the newest Pulumi.<environment>.yaml and run again. Epochs never go back.",
  });
}

/** What is unknown allows nothing: a slot that looks empty may be the one that services hold. */
function guardReadable({ unreadable }: Recorded): void {
  if (unreadable.length === 0) return;
  throw new AppError("STATE_UNREADABLE", {
    problem: "The state says in another form than this version reads what was provisioned.",
    details: unreadable.map((what) => `not readable: ${what}`),
    fix: "Use the version of kvshift that wrote the state, or bring back the state as it was (`pulumi stack export --version`, `pulumi stack import`).",
  });
}

/** The class and the number of objects say where a key is: after a change every key would be missing. */
function guardNamespaces({ namespaces }: Recorded, config: Pick<EnvironmentConfig, "namespaces">): void {
  const details = Object.entries(namespaces).flatMap(([name, was]) => {
    const wanted = config.namespaces[name];
    if (wanted === undefined) return [];
    const { consistency } = wanted;
    if (consistency !== was.consistency) return [`${name}: ${consistency}, provisioned is ${was.consistency}`];
    const shards = shardsOf(wanted);
    if (shards === was.shards) return [];
    return [`${name}: ${String(shards)} shards, provisioned are ${String(was.shards)}`];
  });
  if (details.length === 0) return;
  throw new AppError("NAMESPACE_CHANGE_REFUSED", {
    problem: "A namespace keeps its consistency class and its number of shards: its keys would no longer be found.",
    details,
    fix: "Declare a namespace of another name with the wanted class or number, move the data, then remove the old one.",
  });
}

/** Another access takes its credentials away in the run that mints the others, before any service has those. */
function guardAccess({ access }: Recorded, config: Pick<EnvironmentConfig, "access">): void {
  const others = access.filter((minted) => minted !== config.access);
  if (others.length === 0) return;
  throw new AppError("ACCESS_CHANGE_REFUSED", {
    problem: "The credentials of this environment were minted under another access.",
    details: [`access: ${config.access}, provisioned is ${others.join()}`],
    fix: "Keep the access. To change it outside production: `kvshift destroy`, then `kvshift up`. In production make another environment beside this one, and move data and services to it.",
  });
}

/** Slots whose epoch the file has not reached. */
export function behindLines(recorded: Recorded, config: Pick<EnvironmentConfig, "credentials">): string[] {
  return ROLES.flatMap((role) =>
    SLOTS.flatMap((slot) => {
      const was = recorded.slots[role][slot];
      const wanted = config.credentials[role].slots[slot];
      const went = was !== undefined && wanted.epoch < was.epoch;
      return went ? [`${role} slot ${slot}: epoch ${String(wanted.epoch)}, provisioned is ${String(was.epoch)}`] : [];
    }),
  );
}

/** Why a slot may not go from `was` to `wanted`, or `undefined` where it may. Epochs that went back are handled before. */
function refuseSlot(was: RecordedSlot | undefined, wanted: WantedSlot): string | undefined {
  if (was === undefined) return undefined;
  const same = was.epoch === wanted.epoch;
  const next = was.epoch + 1 === wanted.epoch;
  if (was.lost === true && wanted.state !== "empty") {
    const reason = `its credential of epoch ${String(was.epoch)} no longer exists`;
    return wanted.state === "live" && next
      ? undefined
      : `${reason}: live with epoch ${String(was.epoch + 1)}, or empty`;
  }
  if (was.state === "empty") {
    if (wanted.state === "empty") return same ? undefined : `an empty slot keeps its epoch ${String(was.epoch)}`;
    if (wanted.state !== "live") return `an empty slot has nothing that could be ${wanted.state}`;
    return next ? undefined : `a filled slot takes the next epoch, ${String(was.epoch + 1)}`;
  }
  if (!same) return `${was.state} with epoch ${String(was.epoch)}: it must drain and become empty before a new epoch`;
  if (was.state === "live" && (wanted.state === "suspended" || wanted.state === "empty")) {
    return "live: it must be draining for one `up` before it ends";
  }
  if (was.state === "suspended" && wanted.state === "live") return "suspended: it goes back to draining first";
  return undefined;
}

/** A credential that services still hold must not drain in the same step that takes it from them. */
function strandedLines(recorded: Recorded, config: Pick<EnvironmentConfig, "credentials">, role: Role): string[] {
  const wanted = config.credentials[role];
  const minted = SLOTS.filter((slot) => isNew(recorded.slots[role][slot], wanted.slots[slot]));
  const ended = SLOTS.filter((slot) => isEnding(recorded.slots[role][slot], wanted.slots[slot]));
  if (minted.length === 0 || ended.length === 0) return [];
  return [`${role}: slot ${minted.join()} is minted and slot ${ended.join()} ends in one step`];
}

function isNew(was: RecordedSlot | undefined, wanted: WantedSlot): boolean {
  return wanted.state === "live" && was?.state === "empty";
}

function isEnding(was: RecordedSlot | undefined, wanted: WantedSlot): boolean {
  return was !== undefined && was.state !== "empty" && wanted.state !== was.state;
}

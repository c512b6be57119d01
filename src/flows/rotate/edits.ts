import type { CredentialsEdit, RoleEdit } from "../../config/edit-credentials.ts";
import type { EnvironmentConfig } from "../../config/schema.ts";
import type { RoleStage } from "./stages.ts";

const DAY_MS = 86_400_000;
const DEFAULT_MARGIN_DAYS = 30;
const MAX_ROTATION_CHARACTERS = 64;

export interface MintDates {
  readonly mintedAt: string;
  /** `never`, or a date. */
  readonly expiresAt: string;
}

/**
 * The dates of a new credential: it ends a margin after its next rotation is due, so that a rotation that nobody makes
 * is noticed before it is too late, and a secret that nobody rotates ends. Without `kvshift:rotation` it lasts as long as
 * the one before it. `now`: milliseconds since the epoch.
 */
export function datesOf(
  { rotation, credentials }: EnvironmentConfig,
  { role, old }: RoleStage,
  now: number,
): MintDates {
  const mintedAt = toSecond(now);
  if (rotation !== undefined) {
    const days = rotation.everyDays + (rotation.marginDays ?? DEFAULT_MARGIN_DAYS);
    return { mintedAt, expiresAt: toSecond(now + days * DAY_MS) };
  }
  const { mintedAt: from = "", expiresAt: to = "never" } = credentials[role].slots[old];
  const lifetime = Date.parse(to) - Date.parse(from);
  return { mintedAt, expiresAt: to === "never" ? "never" : toSecond(now + lifetime) };
}

/** The next credential beside the old one. `handOut`: at once, where the old one has leaked. */
export function mint(
  config: EnvironmentConfig,
  stages: readonly RoleStage[],
  { rotation, now, handOut }: { readonly rotation: string; readonly now: number; readonly handOut: boolean },
): CredentialsEdit {
  return forRoles(stages, (stage) => ({
    rotation,
    ...(handOut ? { active: stage.next } : {}),
    slots: {
      [stage.next]: {
        epoch: config.credentials[stage.role].slots[stage.next].epoch + 1,
        state: "live",
        ...datesOf(config, stage, now),
      },
    },
  }));
}

/** The next credential is handed out, the old one drains. */
export function distribute(stages: readonly RoleStage[]): CredentialsEdit {
  return forRoles(stages, ({ next, old }) => ({ active: next, slots: { [old]: { state: "draining" } } }));
}

/** The old credential is refused, and each refusal counted. */
export function suspend(stages: readonly RoleStage[]): CredentialsEdit {
  return forRoles(stages, ({ old }) => ({ slots: { [old]: { state: "suspended" } } }));
}

/** The old credential is accepted again: somebody still holds it. */
export function resume(stages: readonly RoleStage[]): CredentialsEdit {
  return forRoles(stages, ({ old }) => ({ slots: { [old]: { state: "draining" } } }));
}

/** The old credential ends. */
export function revoke(stages: readonly RoleStage[]): CredentialsEdit {
  return forRoles(stages, ({ old }) => ({ slots: { [old]: { state: "empty", mintedAt: null, expiresAt: null } } }));
}

/** Nothing is left of the rotation. */
export function close(stages: readonly RoleStage[]): CredentialsEdit {
  return forRoles(stages, () => ({ rotation: null }));
}

const TURNED_BACK = "abort-";

/** Whether a rotation goes back to the credential that was before it. */
export function isTurnedBack({ rotation }: Pick<RoleStage, "rotation">): boolean {
  return rotation?.startsWith(TURNED_BACK) === true;
}

/** Back to the old credential, which still exists: it is handed out again, the new one drains. */
export function turnBack(stages: readonly RoleStage[]): CredentialsEdit {
  return forRoles(stages, ({ old, next, rotation = "" }) => ({
    active: old,
    rotation: `${TURNED_BACK}${rotation}`.slice(0, MAX_ROTATION_CHARACTERS),
    slots: { [old]: { state: "live" }, [next]: { state: "draining" } },
  }));
}

/** As if nothing had been minted: what a run wrote into the file and could not make. */
export function unmint(config: EnvironmentConfig, stages: readonly RoleStage[]): CredentialsEdit {
  return forRoles(stages, ({ role, next }) => {
    const epoch = config.credentials[role].slots[next].epoch - 1;
    return { rotation: null, slots: { [next]: { epoch, state: "empty", mintedAt: null, expiresAt: null } } };
  });
}

function forRoles(stages: readonly RoleStage[], edit: (stage: RoleStage) => RoleEdit): CredentialsEdit {
  return Object.fromEntries(stages.map((stage) => [stage.role, edit(stage)]));
}

/** RFC 3339 in UTC, to the second, as Cloudflare's API takes it. */
function toSecond(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

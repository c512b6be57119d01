import type { EnvironmentConfig } from "../../config/schema.ts";
import { credentialId, type Role, type Slot } from "../../core/names.ts";

/** How far the rotation of a role has come, in this order. */
export const STAGES = ["idle", "minted", "distributed", "suspended", "revoked"] as const;

/**
 * `idle`: one credential, no rotation. `minted`: both slots are live. `distributed`: the next one is handed out, the old
 * one is draining. `suspended`: the old one is refused and watched. `revoked`: it is gone, the rotation is to be closed.
 */
export type Stage = (typeof STAGES)[number];

/** Where the rotation of one role stands. */
export interface RoleStage {
  readonly role: Role;
  readonly stage: Stage;
  /** The slot that is to end, or that just ended. */
  readonly old: Slot;
  readonly oldId: string;
  /** The slot that is to be handed out. */
  readonly next: Slot;
  readonly nextId: string;
  /** Whether `next` is handed out. */
  readonly handedOut: boolean;
  readonly rotation: string | undefined;
}

type Credentials = EnvironmentConfig["credentials"];

/**
 * Reads the stage of a role from the environment's file: it is found by looking, not by remembering. Of two live slots
 * the one that was minted later is the next one. Pure.
 */
export function stageOf(environment: string, credentials: Credentials, role: Role): RoleStage {
  const { active, slots, rotation } = credentials[role];
  const other = otherSlot(active);
  const states = {
    empty: rotation === undefined ? "idle" : "revoked",
    live: "minted",
    draining: "distributed",
  } as const;
  const { state } = slots[other];
  const stage = state === "suspended" ? "suspended" : states[state];
  const next = stage === "idle" || (stage === "minted" && isNewer(slots[other], slots[active])) ? other : active;
  const old = otherSlot(next);
  const idOf = (slot: Slot, epoch: number) => credentialId(environment, role, slot, epoch);
  return {
    role,
    stage,
    old,
    oldId: idOf(old, slots[old].epoch),
    next,
    nextId: idOf(next, slots[next].epoch + (stage === "idle" ? 1 : 0)),
    handedOut: active === next,
    rotation,
  };
}

/** Those of `stages` that come first: roles are brought to the same stage, then go on together. */
export function earliest(stages: readonly RoleStage[]): readonly RoleStage[] {
  const order = Math.min(...stages.map(({ stage }) => STAGES.indexOf(stage)));
  return stages.filter(({ stage }) => STAGES.indexOf(stage) === order);
}

function otherSlot(slot: Slot): Slot {
  return slot === "a" ? "b" : "a";
}

type Minted = Pick<Credentials[Role]["slots"][Slot], "mintedAt">;

function isNewer(one: Minted, than: Minted): boolean {
  const [time, other] = [Date.parse(one.mintedAt ?? ""), Date.parse(than.mintedAt ?? "")];
  // One that cannot be compared is the one that nobody was given yet.
  return Number.isNaN(time) || Number.isNaN(other) || time >= other;
}

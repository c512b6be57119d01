import type { EnvironmentConfig } from "../../../../src/config/schema.ts";
import type { Phase, Role, Slot, SlotState } from "../../../../src/core/names.ts";
import type { Recorded } from "../../../../src/state/recorded.ts";

/** `live 1`, `draining 3`, `empty 0`: state and epoch of a slot. */
export type SlotText = `${SlotState} ${number}`;
export type RoleText = Readonly<Record<Slot, SlotText>> & { readonly active?: Slot };

export const FIRST: RoleText = { a: "live 1", b: "empty 0" };

function slotOf(text: SlotText): { readonly epoch: number; readonly state: SlotState } {
  const [state = "", epoch = ""] = text.split(" ");
  return { state: state as SlotState, epoch: Number(epoch) };
}

/** What stands in state after a run that ended well. Roles that are not given are as after the first `up`. */
export function recorded(roles: Partial<Record<Role, RoleText>> = {}, phase: Phase = "kv"): Recorded {
  const role = ({ a, b }: RoleText) => ({ a: slotOf(a), b: slotOf(b) });
  const { application = FIRST, operator = FIRST } = roles;
  const slots = { application: role(application), operator: role(operator) };
  return { phase, access: ["rest"], namespaces: {}, slots, unreadable: [] };
}

/** The part of an environment's file that the guards look at. */
export function wanted(
  roles: Partial<Record<Role, RoleText>> = {},
  phase: Phase = "kv",
): Pick<EnvironmentConfig, "access" | "phase" | "namespaces" | "credentials"> {
  const dates = { mintedAt: "2026-11-23T00:00:00Z", expiresAt: "2027-11-23T00:00:00Z" };
  const slot = (text: SlotText) => ({ ...slotOf(text), ...(text.startsWith("empty") ? {} : dates) });
  const role = ({ a, b, active = "a" }: RoleText) => ({ active, slots: { a: slot(a), b: slot(b) } });
  const { application = FIRST, operator = FIRST } = roles;
  const credentials = { application: role(application), operator: role(operator) };
  return { access: "rest", phase, namespaces: {}, credentials };
}

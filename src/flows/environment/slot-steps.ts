import type { EnvironmentConfig } from "../../config/schema.ts";
import { type Role, ROLES, type Slot, SLOTS, type SlotState } from "../../core/names.ts";
import type { Recorded } from "../../state/recorded.ts";

/** What a run does with one slot. */
export interface SlotStep {
  readonly role: Role;
  readonly slot: Slot;
  readonly from: SlotState;
  readonly to: SlotState;
}

/** Slots whose state the file changes, beside those that nothing was recorded of. Pure. */
export function slotSteps({ slots }: Recorded, { credentials }: Pick<EnvironmentConfig, "credentials">): SlotStep[] {
  return ROLES.flatMap((role) =>
    SLOTS.flatMap((slot) => {
      const from = slots[role][slot]?.state;
      const to = credentials[role].slots[slot].state;
      return from === undefined || from === to ? [] : [{ role, slot, from, to }];
    }),
  );
}

/** `application slot a: live → draining` */
export function stepLine({ role, slot, from, to }: SlotStep): string {
  return `${role} slot ${slot}: ${from} → ${to}`;
}

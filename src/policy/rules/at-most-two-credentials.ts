import { ROLES, SLOTS } from "../../core/names.ts";
import { type PolicyRule, resourcesOfType } from "../model.ts";

const CREDENTIAL_TYPES = ["accountToken", "randomPassword"] as const;

export const rule: PolicyRule = {
  name: "at-most-two-credentials",
  level: "mandatory",
  description: "A role has at most two credentials in a stack, one for each slot.",
  reason:
    "A rotation needs the old and the new secret for a while. A third one belongs to no slot: nobody drains it, nobody revokes it, and it stays valid unseen.",
  fix: "Let the draining slot become empty before its next epoch is minted.",
  check: (stack) =>
    CREDENTIAL_TYPES.flatMap((type) =>
      ROLES.flatMap((role) => {
        const count = resourcesOfType(stack, type).filter(({ name }) => name.startsWith(`${role}-`)).length;
        return count > SLOTS.length ? [{ message: `Role ${role} has ${String(count)} credentials.` }] : [];
      }),
    ),
};

import { unreadableVariables, variableNames } from "../group-variables.ts";
import { type PolicyRule, resourcesOfType } from "../model.ts";

const PREFIX = "UPSTASH_";

export const rule: PolicyRule = {
  name: "no-upstash-variables-in-phase-kv",
  level: "mandatory",
  description: "In phase `kv` the environment group holds no variable whose name starts with `UPSTASH_`.",
  reason: "A service that still finds Redis may go on writing there, and those writes are lost to every other reader.",
  fix: "Remove the variable from the group; while services still need Redis, stay in `dual` and do not set `kvshift:phase` to `kv` yet.",
  check: (stack) => {
    if (stack.environment.phase !== "kv") return [];
    return resourcesOfType(stack, "group").flatMap((group) => {
      const names = variableNames(group);
      if (names === undefined) return [unreadableVariables(group)];
      return names
        .filter((name) => name.startsWith(PREFIX))
        .map((name) => ({
          message: `Environment group ${group.name} holds ${name} in phase kv.`,
          urn: group.urn,
        }));
    });
  },
};

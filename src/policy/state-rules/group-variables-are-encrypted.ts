import { RESOURCE_TYPES } from "../../stack/types.ts";
import { isEncrypted, showsNothing } from "../../state/ciphertext.ts";
import { isPropertyMap, type PropertyMap, type PropertyValue } from "../../state/properties.ts";
import type { StateRule } from "../state.ts";

/** What a group hands to services, and the property of an entry that carries its content. */
const CONTENTS = { envVars: "value", secretFiles: "content" } as const;

export const rule: StateRule = {
  name: "group-variables-are-encrypted",
  description:
    "Every variable of an environment group is encrypted in the state, the token of Upstash included, and so is every secret file.",
  reason:
    "The group holds what opens the data. Which variable is harmless is decided nowhere, so none stands in clear.",
  fix: 'Wrap each value with `pulumi.secret()` and give the group `additionalSecretOutputs: ["envVars"]`, run `up`, then rotate what was in clear.',
  check: ({ resources }) =>
    resources
      .filter(({ type }) => type === RESOURCE_TYPES.group)
      .flatMap(({ name, urn, inputs, outputs }) =>
        [...new Set([...plainEntries(inputs), ...plainEntries(outputs)])].map((entry) => ({
          message: `Environment group ${name}: ${entry} is in clear.`,
          urn,
        })),
      ),
};

function plainEntries(properties: PropertyMap): readonly string[] {
  return Object.entries(CONTENTS).flatMap(([property, content]) => {
    const entries = properties[property];
    if (showsNothing(entries)) return [];
    if (!isPropertyMap(entries)) return [property];
    return Object.keys(entries).filter((name) => isPlain(entries[name], content));
  });
}

function isPlain(entry: PropertyValue | undefined, content: string): boolean {
  if (entry === null || isEncrypted(entry)) return false;
  return !isPropertyMap(entry) || !showsNothing(entry[content]);
}

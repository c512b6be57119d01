import { isPropertyMap, type PropertyValue, UNKNOWN } from "../state/properties.ts";
import type { StackResource } from "./model.ts";

/**
 * The names of the variables in an environment group; their values are secret and are not looked at. `undefined`
 * where the whole map is unknown in a preview.
 */
export function variableNames(group: StackResource): readonly string[] | undefined {
  const { envVars } = group.props;
  if (envVars === undefined || envVars === null) return [];
  return isPropertyMap(envVars) ? Object.keys(envVars).toSorted() : undefined;
}

/** The value of one variable; `UNKNOWN` where a preview cannot know it, `undefined` where the group lacks it. */
export function variableValue(group: StackResource, name: string): PropertyValue | undefined {
  const entry = variableEntry(group, name);
  if (entry === UNKNOWN) return UNKNOWN;
  return isPropertyMap(entry) ? entry["value"] : undefined;
}

/** What a group says of one variable: its value, or that Render makes one up. */
export function variableEntry({ props }: StackResource, name: string): PropertyValue | undefined {
  const { envVars } = props;
  return isPropertyMap(envVars) ? envVars[name] : envVars === UNKNOWN ? UNKNOWN : undefined;
}

/** Reported where the names themselves are unknown: a rule about them cannot say that it holds. */
export function unreadableVariables({ name, urn }: StackResource) {
  return { message: `The variables of environment group ${name} are not known before it is created.`, urn };
}

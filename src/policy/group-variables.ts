import { isPropertyMap, type StackResource } from "./model.ts";

/**
 * The names of the variables in an environment group; their values are secret and are not looked at. `undefined`
 * where the whole map is unknown in a preview.
 */
export function variableNames(group: StackResource): readonly string[] | undefined {
  const { envVars } = group.props;
  if (envVars === undefined || envVars === null) return [];
  return isPropertyMap(envVars) ? Object.keys(envVars).toSorted() : undefined;
}

/** Reported where the names themselves are unknown: a rule about them cannot say that it holds. */
export function unreadableVariables({ name, urn }: StackResource) {
  return { message: `The variables of environment group ${name} are not known before it is created.`, urn };
}

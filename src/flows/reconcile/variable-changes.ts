import type { NamedSecret } from "../../state/group-variables.ts";

/** A variable of the environment's group that a person changed. Without its value. */
export interface VariableChange {
  readonly key: string;
  readonly change: "missing" | "another value" | "added";
}

/** How the variables of a group differ from what the last run gave it, by name. */
export function changedVariables(expected: readonly NamedSecret[], actual: readonly NamedSecret[]): VariableChange[] {
  const keys = new Set([...expected, ...actual].map(({ key }) => key));
  return [...keys].toSorted().flatMap((key): VariableChange[] => {
    const was = valueOf(expected, key);
    const is = valueOf(actual, key);
    if (was === is) return [];
    if (was === undefined) return [{ key, change: "added" }];
    return [{ key, change: is === undefined ? "missing" : "another value" }];
  });
}

function valueOf(variables: readonly NamedSecret[], key: string): string | undefined {
  return variables.find((variable) => variable.key === key)?.value.reveal();
}

import type { Path } from "./path.ts";
import type { Problem } from "./problems.ts";
import type { EnvironmentConfig } from "./schema.ts";

/** What is left of a configuration when everything that has the wrong form is taken out. */
type Partially<T> = T extends readonly (infer Item)[]
  ? readonly (Partially<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Partially<T[Key]> | undefined }
    : T;

export type PartialConfig = Partially<EnvironmentConfig>;

/** Where a configuration is checked. */
export interface CheckContext {
  /** The stack's name. */
  readonly environment: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether secrets are as the file holds them, or as the program gets them from Pulumi. */
  readonly secrets: "encrypted" | "decrypted";
}

/** A rule over several keys. A key that is missing or malformed has been reported already: checks pass over it. */
export interface Check {
  /** The rule as a sentence of the documentation. */
  readonly rule: string;
  readonly find: (config: PartialConfig, context: CheckContext) => readonly Problem[];
}

/** No problem where `holds`, else the one given. */
export function unless(holds: boolean, path: Path, problem: Omit<Problem, "path">): readonly Problem[] {
  return holds ? [] : [{ path, ...problem }];
}

/** The entries of a mapping whose values have the right form. */
export function present<T>(
  mapping: Readonly<Record<string, T | undefined>> | undefined,
): readonly (readonly [string, T])[] {
  return Object.entries(mapping ?? {}).filter((entry): entry is [string, T] => entry[1] !== undefined);
}

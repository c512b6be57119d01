import type { Properties } from "./plain.ts";

export interface CheckFailure {
  /** Path of the property, as a user writes it. */
  readonly property: string;
  readonly reason: string;
}

export interface Difference {
  /** Names of the properties that an update would change. */
  readonly changed: readonly string[];
  /** Those of them that only a new resource can change. */
  readonly replaces: readonly string[];
}

export interface Existing {
  readonly id: string;
  readonly state: Properties;
}

export interface Imported extends Existing {
  /** What a program would say to get this object. */
  readonly inputs: Properties;
}

/**
 * One type of resource, as data in and data out: no signatures of secrets. Inputs of `check` and `diff` may hold
 * values that are not known yet (`isUnknown`); all others are known.
 */
export interface ResourceType {
  /** Places in the state that are always secret, as `wrapAt` reads them. */
  readonly secrets: readonly string[];
  check(inputs: Properties): Promise<readonly CheckFailure[]>;
  diff(state: Properties, inputs: Properties): Promise<Difference>;
  create(inputs: Properties): Promise<Existing>;
  /** `undefined` where the object is gone. */
  read(id: string, state: Properties): Promise<Existing | undefined>;
  /** Takes up an object by its import id; absent where kvshift imports none of this type. */
  import?(importId: string): Promise<Imported | undefined>;
  update(id: string, state: Properties, inputs: Properties): Promise<Properties>;
  delete(id: string, state: Properties): Promise<void>;
}

/** A type that has no `update` because every change replaces. */
export function neverUpdated(): Promise<never> {
  return Promise.reject(new Error("every change of this resource replaces it"));
}

import { z } from "zod";

/** What people read about a key: in problems, and in `docs/configuration.md`. */
export interface KeyNote {
  /** What the key decides, in one sentence. */
  readonly meaning: string;
  /** What a value must be: ends the sentence "found X, expected …". */
  readonly expected: string;
  /** A valid value as YAML, in one line. */
  readonly example: string;
  /** What to do about a wrong value, where writing one like the example does not say it all. */
  readonly fix?: string;
  /** What holds where the key is absent. */
  readonly fallback?: string;
  /** Whether the value must be quoted in the file: YAML readers take such text for numbers or dates. */
  readonly quoted?: boolean;
  /** How much of a wrong value a problem may show. A secret may have been pasted in its place. Default: the value. */
  readonly shows?: "kind" | "length";
}

/** The notes of the schema's nodes; the documentation and the problems look them up here. */
export const keyNotes = z.registry<KeyNote>();

/** Attaches `note` to `schema`. */
export function noted<T extends z.ZodType>(schema: T, note: KeyNote): T {
  keyNotes.add(schema, note);
  return schema;
}

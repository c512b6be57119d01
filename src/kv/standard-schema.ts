import { KvError } from "./kv-error.ts";

/** The part of Standard Schema that is used: zod, valibot, arktype have it. https://standardschema.dev */
export interface StandardSchema<Output> {
  readonly "~standard": {
    readonly version: 1;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
  };
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly path?: readonly unknown[] | undefined }[] };

/** @throws KvError VALUE_INVALID with the places, never what stands there */
export async function validated<Output>(schema: StandardSchema<Output>, value: unknown): Promise<Output> {
  let result: StandardResult<Output>;
  try {
    result = await schema["~standard"].validate(value);
  } catch {
    // What it throws may hold the value.
    throw new KvError("VALUE_INVALID", "The stored value could not be judged: its schema threw.");
  }
  if (result.issues === undefined) return result.value;
  const places = result.issues.map(({ path = [] }) => path.map(nameOf).join(".") || "the value itself");
  throw new KvError(
    "VALUE_INVALID",
    `The stored value does not fit its schema at ${[...new Set(places)].slice(0, 5).join(", ")}.`,
  );
}

/** Names out of stored data may be anything, a person's too: only what looks like a field of a program is shown. */
const FIELD = /^[A-Za-z_$][\w$-]{0,31}$/;

function nameOf(segment: unknown): string {
  const key = typeof segment === "object" && segment !== null && "key" in segment ? segment.key : segment;
  if (typeof key === "number") return String(key);
  return typeof key === "string" && FIELD.test(key) ? key : "…";
}

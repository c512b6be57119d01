import { Secret } from "../core/secret.ts";

const MASK = new Secret("");

/** Outputs by name, secret ones as `[secret]`. */
export function maskedOutputs(
  outputs: Readonly<Record<string, { readonly value: unknown; readonly secret: boolean }>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { value, secret }]) => [name, secret ? MASK.toString() : value]),
  );
}

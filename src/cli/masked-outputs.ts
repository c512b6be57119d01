import { Secret } from "../core/secret.ts";
import type { Outputs } from "../state/outputs.ts";

const MASK = new Secret("");

/** Outputs by name, secret ones as `[secret]`. */
export function maskedOutputs(outputs: Outputs): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { value, secret }]) => [name, secret ? MASK.toString() : value]),
  );
}

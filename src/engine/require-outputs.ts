import { stackNotFound } from "./engine-error.ts";

/** A stack that was destroyed still exists, but has no outputs: for people it is the same as none. */
export function requireOutputs<T extends Readonly<Record<string, unknown>>>(outputs: T): T {
  if (Object.keys(outputs).length === 0) throw stackNotFound();
  return outputs;
}

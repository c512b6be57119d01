import { readObject } from "./body.ts";
import { invalid, outOfScope } from "./envelope.ts";
import type { ParityReport } from "./ledger.ts";

const MAX_BODY_BYTES = 64 * 1024;

/** What an application reports of phase `dual`: docs/gateway.md. */
export async function readParityReport(request: Request, names: ReadonlySet<string>): Promise<ParityReport> {
  const body = await readObject(request, MAX_BODY_BYTES);
  const { client, namespace, sequence, compared, different, missing } = body;
  if (typeof client !== "string" || !/^[\w/-]{1,128}$/.test(client)) {
    throw invalid("client has to be up to 128 letters, digits, dashes and slashes.");
  }
  if (typeof namespace !== "string") throw invalid("namespace has to be a string.");
  if (!names.has(namespace)) throw outOfScope();
  return {
    client,
    namespace,
    sequence: countOf("sequence", sequence),
    compared: countOf("compared", compared),
    different: countOf("different", different),
    missing: countOf("missing", missing),
  };
}

function countOf(name: string, count: unknown): number {
  if (typeof count === "number" && Number.isSafeInteger(count) && count >= 0) return count;
  throw invalid(`${name} has to be a whole number.`);
}

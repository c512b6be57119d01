import { readObject } from "./body.ts";
import type { Credential } from "./credentials.ts";
import { CODES, invalid, outOfScope, Refusal } from "./envelope.ts";
import { MAX_SEQUENCE_STEP, type ParityOutcome, type ParityReport } from "./ledger.ts";

const MAX_BODY_BYTES = 64 * 1024;

/** What an application reports of phase `dual`: docs/gateway.md. */
export async function readParityReport(
  request: Request,
  { id: credential, namespaces: names }: Pick<Credential, "id" | "namespaces">,
): Promise<ParityReport> {
  const body = await readObject(request, MAX_BODY_BYTES);
  const { client, namespace, sequence, compared, different, missing } = body;
  if (typeof client !== "string" || !/^[\w/-]{1,128}$/.test(client)) {
    throw invalid("client has to be up to 128 letters, digits, dashes and slashes.");
  }
  if (typeof namespace !== "string") throw invalid("namespace has to be a string.");
  if (!names.has(namespace)) throw outOfScope();
  return {
    credential,
    client,
    namespace,
    sequence: countOf("sequence", sequence),
    compared: countOf("compared", compared),
    different: countOf("different", different),
    missing: countOf("missing", missing),
  };
}

/** A report that is not kept is an error to its sender, who else would believe that it counts. */
export function assertTaken(outcome: ParityOutcome): void {
  if (outcome === "behind") {
    throw new Refusal(409, CODES.INVALID, "A later report of this client is there: sequence has to grow.");
  }
  if (outcome === "jumps") {
    throw new Refusal(
      409,
      CODES.INVALID,
      `sequence is more than ${String(MAX_SEQUENCE_STEP)} ahead of the last report of this client: count from 1 under a new name.`,
    );
  }
}

function countOf(name: string, count: unknown): number {
  if (typeof count === "number" && Number.isSafeInteger(count) && count >= 0) return count;
  throw invalid(`${name} has to be a whole number.`);
}

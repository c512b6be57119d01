/** What Redis answers: integers as their digits, which may be too many for a number; texts as their bytes. */
export type Reply = null | string | Buffer | Error | readonly Reply[];

/** One command's end. */
export type Outcome = { readonly reply: Reply } | { readonly error: string };

/** `base64` where a client asks for it by the header `Upstash-Encoding`. */
export type Encoding = "utf8" | "base64";

const OK = Buffer.from("OK");

/**
 * An outcome as JSON: `{"result":…}` or `{"error":"…"}`. Under base64 every text is encoded but the answer `OK`: clients
 * decode an `OK` inside an array, and not one that is the whole result.
 * https://upstash.com/docs/redis/features/restapi#base64-encoded-responses
 */
export function outcomeJson(outcome: Outcome, encoding: Encoding): string {
  if ("error" in outcome) return JSON.stringify({ error: outcome.error });
  const { reply } = outcome;
  const isOk = Buffer.isBuffer(reply) && reply.equals(OK);
  return `{"result":${isOk ? '"OK"' : replyJson(reply, encoding)}}`;
}

function replyJson(reply: Reply, encoding: Encoding): string {
  if (reply === null) return "null";
  if (typeof reply === "string") return reply;
  // An error inside of an array, which a script can answer.
  if (reply instanceof Error) return replyJson(Buffer.from(reply.message), encoding);
  if (!Buffer.isBuffer(reply)) return `[${reply.map((item) => replyJson(item, encoding)).join(",")}]`;
  return encoding === "base64" ? `"${reply.toString("base64")}"` : JSON.stringify(reply.toString("utf8"));
}

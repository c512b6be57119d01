import { nestsDeeper } from "../core/json-depth.ts";
import { isJsonObject } from "../core/json-object.ts";
import { KV_LIMITS } from "../core/limits.ts";
import { concat } from "./bytes.ts";
import { invalid } from "./envelope.ts";

/** The whole body, refused with 413 as soon as it is known to exceed `maxBytes`: before it is held in memory. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () => invalid(`The request body exceeds ${maxBytes} bytes.`, 413);
  const announced = announcedBytes(request);
  if (announced > maxBytes) throw tooLarge();
  // The runtime holds a body to the length that it announces, and reads it faster than chunks can be.
  if (announced <= maxBytes) return new Uint8Array(await request.arrayBuffer().catch(brokenOff));
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(request)) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return concat(chunks, length);
}

/** The body as it arrives. A connection that breaks off ends in a refusal, not in a crash. */
export async function* chunksOf(request: Request): AsyncGenerator<Uint8Array> {
  if (request.body === null) return;
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(brokenOff);
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

/**
 * Lets the rest of a body pass by, held nowhere: a caller that is still sending would lose the answer with the
 * connection, and take a refusal for a network that failed. Nobody has a reason to send more than a bulk request.
 */
export async function discard(request: Request): Promise<void> {
  let left: number = KV_LIMITS.MAX_BULK_BODY_BYTES;
  try {
    for await (const chunk of chunksOf(request)) {
      left -= chunk.byteLength;
      if (left < 0) return;
    }
  } catch {
    // Whoever broke off does not wait for an answer.
  }
}

/** `bytes` as JSON. `what`: what they are, for the refusal. */
export function parseJson(bytes: Uint8Array, what = "The request body"): unknown {
  if (nestsDeeper(bytes)) throw invalid(`${what} nests too deeply.`);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw invalid(`${what} is not valid JSON.`);
  }
}

/** `NaN` where the end is known only when it comes: beside chunks a length means nothing, and the runtime ignores it. */
function announcedBytes({ headers }: Request): number {
  return headers.has("transfer-encoding") ? Number.NaN : Number(headers.get("content-length") ?? Number.NaN);
}

function brokenOff(): never {
  throw invalid("The request body ended before it was complete.");
}

/** A body that has to be a JSON object of at most `maxBytes`. */
export async function readObject(request: Request, maxBytes: number): Promise<Readonly<Record<string, unknown>>> {
  const body = parseJson(await readBytes(request, maxBytes));
  if (isJsonObject(body)) return body;
  throw invalid("The request body is no JSON object.");
}

import { KvError } from "./kv-error.ts";

/** https://developer.mozilla.org/docs/Web/API/CompressionStream; in Node.js from 18 on, and in Workers. */
export async function packed(bytes: Uint8Array): Promise<Uint8Array> {
  return through(bytes, new CompressionStream("gzip"));
}

/** At most `maxBytes` come out: a few bytes may unpack to gigabytes. @throws KvError VALUE_INVALID */
export async function unpacked(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  try {
    return await through(bytes, new DecompressionStream("gzip"), maxBytes);
  } catch (error) {
    if (error instanceof KvError) throw error;
    throw new KvError("VALUE_INVALID", "The stored value says that it is packed, and is not.");
  }
}

async function through(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
  maxBytes = Infinity,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const source = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(stream);
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maxBytes) {
      await source.cancel().catch(() => undefined);
      throw new KvError("VALUE_INVALID", `The stored value unpacks to more than ${String(maxBytes)} bytes.`);
    }
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

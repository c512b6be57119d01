import type { KvListedKey } from "../../src/core/kv-binding.ts";
import { assertValueSize, failure } from "./binding-rules.ts";
import type { Content } from "./content.ts";

/** Independent of what the caller does with its own bytes from now on. */
export function copyOf(value: Uint8Array): Uint8Array {
  assertValueSize(value.byteLength);
  return new Uint8Array(value);
}

/** The bytes of a stream that ends well. One that grows too long is cancelled; one that fails, fails the call. */
export async function readWhole(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.byteLength;
    assertValueSize(length);
    chunks.push(new Uint8Array(chunk));
  }
  return new Uint8Array(Buffer.concat(chunks, length));
}

export function streamOf(value: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (value.byteLength > 0) controller.enqueue(new Uint8Array(value));
      controller.close();
    },
  });
}

export function metadataOf({ metadata }: Content): unknown {
  return metadata === undefined ? null : (JSON.parse(metadata) as unknown);
}

export function textEntry(content: Content): { readonly value: string; readonly metadata: unknown } {
  try {
    const value = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content.value);
    return { value, metadata: metadataOf(content) };
  } catch {
    throw failure("GET_BULK", 400, "At least one of the requested keys corresponds to a non-text value");
  }
}

export function listedKey(name: string, content: Content): KvListedKey {
  const { expiration } = content;
  return {
    name,
    ...(expiration === undefined ? {} : { expiration }),
    ...(content.metadata === undefined ? {} : { metadata: metadataOf(content) }),
  };
}

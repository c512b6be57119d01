import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { Dicer } from "@fastify/busboy";
import { z } from "zod";

/** Headers of a part, by name in lower case. */
const headersSchema = z.object({ "content-disposition": z.array(z.string()).nonempty() });

/** As a socket brings it: the splitter waits for ever behind a part that does not fit into one write. */
const CHUNK_BYTES = 64 * 1024;

interface Part {
  readonly name: string | undefined;
  readonly content: Uint8Array;
}

/**
 * The parts of a `multipart/form-data` body by name, byte for byte; `undefined` where the body is none, or a part has
 * no name. Not the gateway's parser: one suite judges both, and would not see a fault that they share.
 */
export async function multipartParts(
  contentType: string,
  body: Uint8Array,
): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const boundary = parametersOf(contentType).get("boundary");
  if (!boundary) return undefined;
  const reading: Promise<Part>[] = [];
  const splitter = new Dicer({ boundary }).on("part", (stream) => {
    const part = readPart(stream);
    part.catch(() => undefined); // Breaks off with the body, which is refused as a whole.
    reading.push(part);
  });
  try {
    await pipeline(Readable.from(chunksOf(body)), splitter);
  } catch {
    return undefined;
  }
  const parts = new Map<string, Uint8Array>();
  for (const { name, content } of await Promise.all(reading)) {
    if (name === undefined) return undefined;
    parts.set(name, content);
  }
  return parts;
}

async function readPart(stream: Dicer.PartStream): Promise<Part> {
  let name: string | undefined;
  stream.on("header", (headers: object) => {
    const disposition = headersSchema.safeParse(headers).data?.["content-disposition"][0];
    name = parametersOf(disposition ?? "").get("name");
  });
  const chunks: Uint8Array[] = await stream.toArray();
  return { content: Buffer.concat(chunks), name };
}

/** The parameters behind the first word of a header, read from the left: a quoted one ends at its quote alone. */
function parametersOf(header: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const next = /\s*;\s*([^\s=;]+)\s*=\s*("(?:\\.|[^"\\])*"|[^\s;]*)/y;
  next.lastIndex = header.search(/\s*(?:;|$)/);
  for (let part = next.exec(header); part !== null; part = next.exec(header)) {
    const [, name = "", written = ""] = part;
    const value = written.startsWith('"') ? written.slice(1, -1).replaceAll(/\\(["\\])/g, "$1") : written;
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), value);
  }
  return found;
}

function* chunksOf(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.byteLength; at += CHUNK_BYTES) yield body.subarray(at, at + CHUNK_BYTES);
}

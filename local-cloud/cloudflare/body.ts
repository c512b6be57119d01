import type { z } from "zod";

import { nestsDeeper } from "../../src/core/json-depth.ts";
import { MAX_LOGGED_BYTES } from "../http/request-log.ts";
import type { EmulatorContext } from "./context.ts";
import { ApiError } from "./envelope.ts";

const MEBIBYTE = 1024 * 1024;

export const BODY_LIMITS = { OBJECT_BYTES: MEBIBYTE, WORKER_VERSION_BYTES: 100 * MEBIBYTE } as const;

interface JsonBodyOptions {
  readonly maxBytes: number;
  /** Code of the refusal where the body is too large, no JSON or of another form. */
  readonly code: number;
}

/** The whole body, refused with 413 as soon as it is known to exceed `maxBytes`: before it is held in memory. */
export async function readBytes(request: Request, { maxBytes, code }: JsonBodyOptions): Promise<Buffer> {
  const tooLarge = (): ApiError =>
    new ApiError(413, { code, message: `The request body exceeds ${String(maxBytes)} bytes.` });
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Not cancelled: undici's form bodies reject in the background when they are cancelled while they produce a chunk.
  for await (const chunk of request.body?.values({ preventCancel: true }) ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** The body as JSON of the form of `schema`; anything else is refused with 400. */
export async function readJson<Schema extends z.ZodType>(
  c: EmulatorContext,
  schema: Schema,
  options: JsonBodyOptions,
): Promise<z.output<Schema>> {
  const bytes = await readBytes(c.req.raw, options);
  const json = parseJson(bytes, options.code);
  if (bytes.byteLength <= MAX_LOGGED_BYTES) c.env.exchange.request = json;
  return parseWith(schema, json, options.code);
}

/** `value` in the form of `schema`, or a refusal with 400 that names the first wrong place. */
function parseWith<Schema extends z.ZodType>(schema: Schema, value: unknown, code: number): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  throw new ApiError(400, { code, message: `${place}${issue?.message ?? "invalid"}` });
}

function parseJson(bytes: Buffer, code: number): unknown {
  if (nestsDeeper(bytes)) throw new ApiError(400, { code, message: "The request body nests too deeply." });
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return JSON.parse(text) as unknown;
  } catch {
    throw new ApiError(400, { code, message: "The request body is not valid JSON." });
  }
}

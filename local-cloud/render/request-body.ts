import type { z } from "zod";

import { nestsDeeper } from "../../src/core/json-depth.ts";
import { badRequest } from "./problem.ts";

/** No call of Render's API needs more: secret files are limited to 1 MB together. */
const MAX_BODY_BYTES = 1024 * 1024;

/** The body as parsed JSON, `undefined` where there is none. Never holds more than the limit. */
export async function readJsonBody(request: Request): Promise<unknown> {
  if (request.body === null) return undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw badRequest(`request body exceeds ${String(MAX_BODY_BYTES)} bytes`);
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  if (nestsDeeper(whole)) throw badRequest("request body nests too deeply");
  const text = whole.toString("utf8");
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badRequest("request body is not valid JSON");
  }
}

/** A body in the form that a call needs, or a 400 that names every part that does not fit, never a value. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  if (body === undefined) throw badRequest("a JSON request body is required");
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const findings = parsed.error.issues.map((issue) => `${issue.path.join(".") || "body"}: ${issue.message}`);
  throw badRequest(findings.join("; "));
}

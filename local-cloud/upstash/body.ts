import { Refusal } from "./refusal.ts";

const BODILESS: ReadonlySet<string> = new Set(["GET", "HEAD"]);
const NOTHING = Buffer.alloc(0);

/**
 * The whole body, refused as soon as it is known to exceed `maxBytes`: before it is held in memory.
 * https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded
 */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  if (BODILESS.has(request.method)) return NOTHING;
  const announced = request.headers.get("content-length");
  if (announced !== null) {
    if (Number(announced) > maxBytes) throw tooLarge(maxBytes, Number(announced));
    return Buffer.from(await request.arrayBuffer());
  }
  if (request.body === null) return NOTHING;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge(maxBytes, length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function tooLarge(limit: number, actual: number): Refusal {
  const sizes = `Limit: ${String(limit)} bytes, Actual: ${String(actual)} bytes`;
  return new Refusal(400, `ERR max request size exceeded. ${sizes}`);
}

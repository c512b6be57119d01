import { type IncomingMessage, request as send } from "node:http";
import { buffer } from "node:stream/consumers";

/** `fetch` on a connection of its own: workerd closes one that idles for five seconds, without a word. */
export async function ownConnection(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const body = Buffer.from(await request.arrayBuffer());
  const headers = { ...Object.fromEntries(request.headers), "content-length": String(body.byteLength) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = send(request.url, { method: request.method, headers, agent: false }, resolve);
    sent.on("error", reject);
    sent.end(body);
  });
  const contentType = response.headers["content-type"] ?? "application/octet-stream";
  const status = response.statusCode ?? 0;
  return new Response(await buffer(response), { status, headers: { "content-type": contentType } });
}

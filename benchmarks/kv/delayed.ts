import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Where a server is reached, with a round trip of so many milliseconds added; with 0 the server itself. */
export async function delayed(url: string, roundTripMs: number): Promise<{ readonly url: string } & AsyncDisposable> {
  if (roundTripMs === 0) return { url, [Symbol.asyncDispose]: () => Promise.resolve() };
  const at = new URL(url);
  const workerData = { target: { host: at.hostname, port: Number(at.port) }, roundTripMs };
  const worker = new Worker(new URL("delay-proxy.ts", import.meta.url), { workerData });
  const [port]: unknown[] = await once(worker, "message");
  at.port = String(port);
  return {
    url: at.href.replace(/\/$/, ""),
    [Symbol.asyncDispose]: async () => {
      await worker.terminate();
    },
  };
}

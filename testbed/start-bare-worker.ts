import { readFile } from "node:fs/promises";

import { Miniflare } from "miniflare";

/** bare-worker.js in a workerd of its own: what the gateway is compared with. */
export async function startBareWorker(): Promise<{ readonly url: string } & AsyncDisposable> {
  const contents = await readFile(new URL("bare-worker.js", import.meta.url), "utf8");
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "bare-worker.js", contents }],
    compatibilityDate: "2026-07-01",
    kvNamespaces: { KV: "bare" },
    durableObjects: { STORE: { className: "Store", useSQLite: true } },
  });
  return { url: (await miniflare.ready).origin, [Symbol.asyncDispose]: () => miniflare.dispose() };
}

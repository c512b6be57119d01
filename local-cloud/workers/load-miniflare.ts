import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const WRAPPER = fileURLToPath(new URL("./workerd.sh", import.meta.url));

/**
 * Miniflare, whose runtime ends with this process even where this process is killed. Loaded where a Worker is deployed:
 * it is heavy, and most runs of the local cloud have none.
 */
export async function loadMiniflare() {
  const { env } = process;
  if (env["MINIFLARE_WORKERD_PATH"] !== WRAPPER) {
    // The one way to tell Miniflare which program to start.
    env["KVSHIFT_WORKERD"] = env["MINIFLARE_WORKERD_PATH"] ?? workerdPath();
    env["MINIFLARE_WORKERD_PATH"] = WRAPPER;
  }
  return import("miniflare");
}

/** Of the workerd that belongs to the installed Miniflare. */
function workerdPath(): string {
  const ofMiniflare = createRequire(createRequire(import.meta.url).resolve("miniflare"));
  const { default: path }: { readonly default: string } = ofMiniflare("workerd");
  return path;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * What `create` makes, without the handlers of signals that it leaves behind: Miniflare ends the process on them, while
 * a command first cleans up and then says how it went.
 */
export function withoutSignalHandlers<T>(create: () => T): T {
  const before = new Map(SIGNALS.map((signal) => [signal, new Set(process.listeners(signal))]));
  const created = create();
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal)) {
      if (before.get(signal)?.has(listener) === false) process.removeListener(signal, listener);
    }
  }
  return created;
}

import { fileURLToPath } from "node:url";

import { bundleWorker } from "../../src/stack/bundle.ts";

const ENTRY = fileURLToPath(new URL("./kv-binding.ts", import.meta.url));
let script: Promise<string> | undefined;

/** kv-binding.ts as one module for workerd; made once. */
export function kvBindingScript(): Promise<string> {
  return (script ??= bundleWorker(ENTRY));
}

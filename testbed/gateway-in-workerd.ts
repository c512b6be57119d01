import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

import { Miniflare } from "miniflare";

import { BINDINGS, CREDENTIAL_BINDINGS, kvBinding, namespaceBinding, OBJECT_CLASSES } from "../src/gateway/bindings.ts";
import type { GatewayConfig } from "../src/gateway/config.ts";
import { bundleGateway } from "../src/stack/bundle.ts";

const ENTRY = fileURLToPath(new URL("../src/gateway/worker.ts", import.meta.url));
const COMPATIBILITY_DATE = "2026-07-01";

export interface GatewayInWorkerd extends AsyncDisposable {
  /** Of the Worker, without a slash at the end. */
  readonly url: string;
  readonly miniflare: Miniflare;
  /** What the Worker wrote to its log, line by line. */
  readonly log: readonly string[];
}

export interface WorkerdOptions {
  readonly config: GatewayConfig;
  /** Another entry that is built on the Worker's own, for tests that must reach inside. */
  readonly entry?: string;
  /** A folder for the data, which then outlives this process. */
  readonly folder?: string;
  readonly extraBindings?: Readonly<Record<string, string>>;
}

/** The Worker as it is uploaded, in the real runtime. */
export async function startGatewayInWorkerd(options: WorkerdOptions): Promise<GatewayInWorkerd> {
  const { config, entry = ENTRY, folder, extraBindings } = options;
  const log: string[] = [];
  const miniflare = new Miniflare({
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      for (const stream of [stdout, stderr]) createInterface({ input: stream }).on("line", (line) => log.push(line));
    },
    modules: [{ type: "ESModule", path: "gateway.js", contents: await bundleGateway(entry) }],
    compatibilityDate: COMPATIBILITY_DATE,
    ...(folder === undefined ? {} : { defaultPersistRoot: folder }),
    kvNamespaces: Object.fromEntries(
      config.namespaces
        .filter(({ consistency }) => consistency === "eventual")
        .map(({ name, id }) => [kvBinding(name), id]),
    ),
    durableObjects: {
      [BINDINGS.SHARDS]: { className: OBJECT_CLASSES.shards, useSQLite: true },
      [BINDINGS.LEDGER]: { className: OBJECT_CLASSES.ledger, useSQLite: true },
    },
    bindings: { ...textBindings(config), ...extraBindings },
  });
  const url = (await miniflare.ready).origin;
  return { url, miniflare, log, [Symbol.asyncDispose]: () => miniflare.dispose() };
}

function textBindings(config: GatewayConfig): Record<string, string> {
  const namespaces = config.namespaces.map((one) => [namespaceBinding(one.name), JSON.stringify(one)]);
  const credentials = config.credentials.map((one, index) => [bindingOf(index), JSON.stringify(one)]);
  return {
    [BINDINGS.ENVIRONMENT]: config.environment,
    [BINDINGS.ACCOUNT_ID]: config.accountId,
    ...Object.fromEntries([...namespaces, ...credentials]),
  };
}

/** The first ones have the bindings of slots; the Worker reads no more of them, but where a test's entry opens it to them. */
function bindingOf(index: number): string {
  return CREDENTIAL_BINDINGS[index] ?? `CREDENTIAL_${index}`;
}

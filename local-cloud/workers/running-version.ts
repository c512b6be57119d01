import { Agent } from "node:http";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pathToFileURL } from "node:url";

import { getRequestListener } from "@hono/node-server";
import type { MiniflareOptions } from "miniflare";

import type { Clock } from "../../src/core/clock.ts";
import { type ServedVersion, ScriptRefused } from "../cloudflare/worker-host.ts";
import { kvBindingScript } from "./kv-binding-script.ts";
import { createKvService } from "./kv-service.ts";
import { loadMiniflare, withoutSignalHandlers } from "./load-miniflare.ts";
import { KV_BINDING, runtimeOptions } from "./runtime-options.ts";

export interface RunningVersion {
  readonly version: ServedVersion;
  /** Of workerd, on 127.0.0.1. */
  readonly port: number;
  /** Holds the connections to it. */
  readonly agent: Agent;
  /** Cuts what is still open. */
  stop(): Promise<void>;
}

interface StartOptions {
  readonly clock: Clock;
  /** For the data of its Durable Objects: at most one version runs on it at a time. */
  readonly folder: string;
  readonly onLog: (line: string) => void;
}

/** Runs a version in workerd. Throws `ScriptRefused` where it does not start. */
export async function startVersion(version: ServedVersion, options: StartOptions): Promise<RunningVersion> {
  const { Miniflare, MiniflareError, supportedCompatibilityDate } = await loadMiniflare();
  const service = createKvService({ clock: options.clock, keysOf: version.keysOf });
  const settings = {
    defaultPersistRoot: options.folder,
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      for (const input of [stdout, stderr]) createInterface({ input }).on("line", options.onLog);
    },
    workers: [
      // The name is part of where its Durable Objects are stored: the same for every version.
      { name: "worker", ...runtimeOptions(version, supportedCompatibilityDate) },
      {
        name: KV_BINDING,
        modules: [{ type: "ESModule", path: "kv-binding.js", contents: await kvBindingScript() }],
        serviceBindings: { store: { node: getRequestListener(service, { overrideGlobalObjects: false }) } },
      },
    ],
  } satisfies MiniflareOptions;
  const miniflare = withoutSignalHandlers(() => new Miniflare(settings));
  try {
    const { port } = await miniflare.ready;
    const agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
    return {
      version,
      port: Number(port),
      agent,
      stop: async () => {
        agent.destroy();
        await miniflare.dispose();
      },
    };
  } catch (error) {
    await miniflare.dispose().catch(() => undefined);
    if (error instanceof MiniflareError) throw new ScriptRefused(reasonOf(error.message));
    throw error;
  }
}

/** workerd closes connections that are idle for five seconds: one of them must not be used at that moment. */
const IDLE_MS = 3_000;
const RUNTIME_STDERR = "Runtime stderr:\n";

/** What the runtime says about the script, without what Miniflare says about itself. */
function reasonOf(message: string): string {
  const start = message.indexOf(RUNTIME_STDERR);
  const said = start === -1 ? message : message.slice(start + RUNTIME_STDERR.length);
  // Modules are taken to lie in the working directory, where they never were.
  return said
    .replaceAll(/^service \S+: /gm, "")
    .replaceAll(`${pathToFileURL(process.cwd()).href}/`, "")
    .trim();
}

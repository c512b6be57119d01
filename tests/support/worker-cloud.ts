import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { systemSleep } from "../../local-cloud/system-sleep.ts";
import { WorkerRuntime } from "../../local-cloud/workers/worker-runtime.ts";
import { listenForWorkers } from "../../local-cloud/workers/workers-edge.ts";
import { systemRandom } from "../../src/core/random.ts";
import {
  emulateCloudflare,
  type EmulatedCloudflare,
  ManualClock,
  START,
} from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";

export interface WorkerCloud extends AsyncDisposable, EmulatedCloudflare {
  readonly runtime: WorkerRuntime;
  /** Where Workers answer. */
  readonly url: string;
  /** What Workers wrote to their log. */
  readonly log: readonly string[];
  /** Uploads and deploys a script with the calls of the provider. */
  readonly deploy: (
    script: string,
    bindings?: readonly object[],
    fields?: object,
  ) => Promise<{ status: number; text: string }>;
}

/** The emulated Cloudflare with its runtime and its edge, and one Worker of the name `gateway`. */
export async function startWorkerCloud(): Promise<WorkerCloud> {
  const folder = await mkdtemp(join(tmpdir(), "kvshift-workers-"));
  const clock = new ManualClock(START);
  const log: string[] = [];
  const runtime = new WorkerRuntime({
    clock,
    folder,
    sleep: systemSleep,
    onLog: (_, line) => log.push(line),
  });
  const emulated = emulateCloudflare({ clock, workerHost: runtime });
  const { workerIdOf, sourceAddress } = emulated.emulator;
  const edge = await listenForWorkers({ runtime, workerIdOf, sourceAddress, random: systemRandom });
  await emulated.call("POST", "/workers/workers", { json: { name: "gateway" } });
  return {
    ...emulated,
    clock,
    runtime,
    url: edge.url,
    log,
    deploy: async (script, bindings = [], fields = {}) => {
      const json = {
        main_module: "main.js",
        compatibility_date: "2026-07-01",
        modules: [
          {
            name: "main.js",
            content_type: "application/javascript+module",
            content_base64: Buffer.from(script).toString("base64"),
          },
        ],
        bindings,
        ...fields,
      };
      const answer = await emulated.call("POST", "/workers/workers/gateway/versions?deploy=true", { json });
      return { status: answer.status, text: Buffer.from(answer.bytes).toString() };
    },
    [Symbol.asyncDispose]: async () => {
      await edge.close();
      await runtime[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

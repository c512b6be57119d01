import { onTestFinished } from "vitest";

import { createCloudflareEmulator } from "../../../../local-cloud/cloudflare/emulator.ts";
import type { Sleep } from "../../../../local-cloud/http/edge.ts";
import type { CallFault, FaultHandle, FaultRule } from "../../../../local-cloud/http/faults.ts";
import { listen } from "../../../../local-cloud/http/listen.ts";
import type { RequestLog } from "../../../../local-cloud/http/request-log.ts";
import { createRenderEmulator } from "../../../../local-cloud/render/emulator.ts";
import { ACCOUNT, countingRandom, ManualClock, START } from "../cloudflare/emulated-cloudflare.ts";
import { RecordingLauncher } from "../render/recording-launcher.ts";

export const VENDORS = ["cloudflare", "render"] as const;
export const TRANSPORTS = ["in process", "on a socket"] as const;
type Vendor = (typeof VENDORS)[number];
type Transport = (typeof TRANSPORTS)[number];

export interface FaultyVendor {
  readonly requestLog: RequestLog;
  /** Plans a fault for creates. */
  readonly add: (rule: Omit<FaultRule<CallFault>, "method" | "path">) => FaultHandle;
  /** Creates a thing. */
  readonly create: (signal?: AbortSignal) => Promise<Response>;
  /** How many things there are. */
  readonly count: () => Promise<number>;
  /** Path of creates. */
  readonly path: string;
}

const OWNER = "tea-00000000000000000000";

/** A vendor with one thing that can be created and counted. */
export async function startFaultyVendor(vendor: Vendor, transport: Transport, sleep: Sleep): Promise<FaultyVendor> {
  const { emulator, key, path, body, countOf } = vendor === "cloudflare" ? cloudflare(sleep) : render(sleep);
  let base = "http://vendor.test";
  let send = emulator.fetch;
  if (transport === "on a socket") {
    const listening = await listen(emulator.fetch);
    onTestFinished(() => listening.close());
    base = listening.url;
    send = fetch;
  }
  const call = (method: string, json?: unknown, signal?: AbortSignal): Promise<Response> => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    return send(
      new Request(`${base}${path}`, {
        method,
        headers,
        signal: signal ?? null,
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      }),
    );
  };
  return {
    requestLog: emulator.requestLog,
    add: (rule) => emulator.faults.add({ method: "POST", path, ...rule }),
    create: (signal) => call("POST", body(), signal),
    count: async () => countOf(await (await call("GET")).json()),
    path,
  };
}

function cloudflare(sleep: Sleep) {
  const emulator = createCloudflareEmulator({
    clock: new ManualClock(START),
    random: countingRandom(),
    accounts: [{ id: ACCOUNT, name: "first" }],
    sleep,
  });
  let created = 0;
  return {
    emulator,
    key: emulator.userToken.reveal(),
    path: `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces`,
    body: () => ({ title: `namespace ${String((created += 1))}` }),
    countOf: (json: unknown) => (json as { result: unknown[] }).result.length,
  };
}

function render(sleep: Sleep) {
  const emulator = createRenderEmulator({
    clock: new ManualClock(START),
    random: countingRandom(),
    owners: [{ id: OWNER, name: "brainbot" }],
    services: [],
    launcher: new RecordingLauncher(),
    sleep,
  });
  return {
    emulator,
    key: emulator.apiKey.reveal(),
    path: "/v1/env-groups",
    body: () => ({ name: "group", ownerId: OWNER, envVars: [{ key: "A", value: "1" }] }),
    countOf: (json: unknown) => (json as unknown[]).length,
  };
}

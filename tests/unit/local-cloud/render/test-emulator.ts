import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";

import {
  createRenderEmulator,
  type RenderEmulator,
  type RenderEmulatorOptions,
} from "../../../../local-cloud/render/emulator.ts";
import type { RandomBytes } from "../../../../src/core/random.ts";
import { documentedFetch } from "../../../support/render-openapi.ts";
import { RecordingLauncher } from "./recording-launcher.ts";

export const OWNER = "tea-00000000000000000000";
export const OTHER_OWNER = "tea-00000000000000000001";

interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, `null` where there was no body. */
  readonly body: T;
}

export interface TestEmulator {
  readonly emulator: RenderEmulator;
  readonly launcher: RecordingLauncher;
  readonly clock: { now(): number; advance(milliseconds: number): void };
  /** One call with the key, held against Render's document. */
  readonly call: <T = unknown>(method: string, path: string, body?: unknown) => Promise<Answer<T>>;
}

/** The same bytes in each run. */
export function seededRandom(seed = "render"): RandomBytes {
  let calls = 0;
  return (length) => {
    calls += 1;
    const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, block) => {
      return createHash("sha256")
        .update(`${seed}/${String(calls)}/${String(block)}`)
        .digest();
    });
    return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
  };
}

/** Resolves when everything that waits for nothing but other promises has gone on. */
export async function settled(): Promise<void> {
  await setImmediate();
}

export function startTestEmulator(options: Partial<RenderEmulatorOptions> = {}): TestEmulator {
  let now = Date.parse("2026-11-23T00:00:00Z");
  const clock = {
    now: () => now,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
  const launcher = new RecordingLauncher();
  const emulator = createRenderEmulator({
    clock,
    random: seededRandom(),
    owners: [
      { id: OWNER, name: "brainbot" },
      { id: OTHER_OWNER, name: "elsewhere" },
    ],
    services: [
      { id: "srv-1", name: "api", ownerId: OWNER },
      { id: "srv-2", name: "jobs", ownerId: OWNER, type: "background_worker", environmentId: "evm-a" },
    ],
    projects: [{ id: "prj-1", name: "brainbot", ownerId: OWNER }],
    environments: [
      { id: "evm-a", name: "a", projectId: "prj-1" },
      { id: "evm-b", name: "b", projectId: "prj-1" },
    ],
    launcher,
    ...options,
  });
  const fetch = documentedFetch(emulator.fetch);
  return {
    emulator,
    launcher,
    clock,
    call: async <T>(method: string, path: string, body?: unknown): Promise<Answer<T>> => {
      const response = await fetch(
        new Request(`http://render.test/v1${path}`, {
          method,
          headers: { authorization: `Bearer ${emulator.apiKey.reveal()}` },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: JSON.parse(text === "" ? "null" : text) };
    },
  };
}

/** A group to work on; resolves with its id. */
export async function createGroup(bed: TestEmulator, change: Record<string, unknown> = {}): Promise<string> {
  const { body } = await bed.call<{ id: string }>("POST", "/env-groups", {
    name: "brainbot-dev-cloudflare-kv",
    ownerId: OWNER,
    envVars: [{ key: "PHASE", value: "redis" }],
    ...change,
  });
  return body.id;
}

export interface Deploy {
  readonly id: string;
  readonly status: string;
  readonly trigger: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

/** Triggers a deploy of `srv-1`; resolves when it waits for the launcher or is over. */
export async function deploy(bed: TestEmulator): Promise<void> {
  const { status } = await bed.call("POST", "/services/srv-1/deploys", {});
  if (status >= 300) throw new Error(`The deploy was refused with ${String(status)}.`);
  await settled();
}

/** The deploys of `srv-1`, newest first. */
export async function deploys(bed: TestEmulator, query = ""): Promise<readonly Deploy[]> {
  const { body } = await bed.call<{ deploy: Deploy }[]>("GET", `/services/srv-1/deploys${query}`);
  return body.map((item) => item.deploy);
}

/** The statuses of the deploys of `srv-1`, newest first. */
export async function statuses(bed: TestEmulator): Promise<readonly string[]> {
  return (await deploys(bed)).map(({ status }) => status);
}

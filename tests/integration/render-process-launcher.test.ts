import { Agent, get } from "node:http";
import { fileURLToPath } from "node:url";

import { afterEach, describe, expect, it } from "vitest";

import { createRenderEmulator, type RenderEmulator } from "../../local-cloud/render/emulator.ts";
import { createProcessLauncher, type ProcessLauncher } from "../../local-cloud/render/process-launcher.ts";
import { systemClock } from "../../src/core/clock.ts";
import { documentedFetch } from "../support/render-openapi.ts";
import { OWNER, seededRandom } from "../unit/local-cloud/render/test-emulator.ts";

const SERVICE_FILE = fileURLToPath(new URL("../fixtures/render-service.js", import.meta.url));
const FOLDER = fileURLToPath(new URL("../fixtures", import.meta.url));

const HEALTH_TIMEOUT_MS = 60_000;

interface Cloud {
  readonly emulator: RenderEmulator;
  readonly launcher: ProcessLauncher;
  readonly url: string;
  readonly output: readonly string[];
  readonly call: <T = unknown>(method: string, path: string, body?: unknown) => Promise<T>;
  /** Lets the time pass that an instance may take to become healthy. */
  readonly loseHealthTime: () => void;
  /** Triggers a deploy and resolves with its last status. */
  readonly deploy: () => Promise<string>;
}

const clouds: Cloud[] = [];

afterEach(async () => {
  for (const { emulator, launcher } of clouds.splice(0)) {
    await emulator.close();
    await launcher.close();
  }
});

async function startCloud(): Promise<Cloud> {
  const output: string[] = [];
  let skippedMs = 0;
  const launcher = await createProcessLauncher({
    services: [{ id: "srv-1", name: "api" }],
    commandFor: () => ({ command: process.execPath, args: [SERVICE_FILE], cwd: FOLDER, healthPath: "/health" }),
    random: seededRandom("launcher"),
    onOutput: (_, line) => output.push(line),
    clock: { now: () => systemClock.now() + skippedMs },
    healthTimeoutMs: HEALTH_TIMEOUT_MS,
    drainMs: 2000,
    shutdownDelayMs: 300,
  });
  const random = seededRandom();
  const services = [{ id: "srv-1", name: "api", ownerId: OWNER, envVars: { BEHAVIOUR: "healthy" } }];
  const owners = [{ id: OWNER, name: "brainbot" }];
  const emulator = createRenderEmulator({ clock: systemClock, random, owners, services, launcher });
  const answer = documentedFetch(emulator.fetch);
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const headers = { authorization: `Bearer ${emulator.apiKey.reveal()}` };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const text = await (await answer(new Request(`http://render.test/v1${path}`, init))).text();
    return JSON.parse(text === "" ? "null" : text);
  };
  const deploy = async (): Promise<string> => {
    const { id } = await call<{ id: string }>("POST", "/services/srv-1/deploys", { deployMode: "deploy_only" });
    let status = "";
    const isOver = async (): Promise<boolean> => {
      ({ status } = await call<{ status: string }>("GET", `/services/srv-1/deploys/${id}`));
      return ["live", "update_failed", "canceled"].includes(status);
    };
    await expect.poll(isOver, { timeout: 60_000, interval: 20 }).toBe(true);
    return status;
  };
  const loseHealthTime = (): void => {
    skippedMs += HEALTH_TIMEOUT_MS;
  };
  const cloud = { emulator, launcher, loseHealthTime, url: launcher.urlOf("srv-1") ?? "", output, call, deploy };
  clouds.push(cloud);
  return cloud;
}

interface Shown {
  readonly pid: number;
  readonly env: Readonly<Record<string, string>>;
}

/** One request on a connection of its own. */
async function request(url: string): Promise<{ status: number | undefined; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; text: string }>();
  get(url, { agent: new Agent({ keepAlive: false }) }, (response) => {
    let text = "";
    response.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    response.once("end", () => {
      resolve({ status: response.statusCode, text });
    });
    response.once("error", reject);
  }).once("error", reject);
  return promise;
}

async function shown(url: string): Promise<Shown> {
  return JSON.parse((await request(url)).text);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("a service as child processes", () => {
  it("must be named when the launcher is created", async () => {
    const { launcher } = await startCloud();
    const request = { serviceId: "srv-none", deployId: "dep-1", env: {}, signal: new AbortController().signal };
    await expect(launcher.launch(request)).rejects.toThrow("The launcher has no public port for service srv-none.");
    expect(launcher.urlOf("srv-none")).toBeUndefined();
  });

  it("has its public port before the first deploy, and answers 502 there", async () => {
    const { url } = await startCloud();
    expect([url, (await request(url)).status]).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), 502]);
  });

  it("gets exactly the effective variables of its deploy and those of the platform", async () => {
    const { url, call, deploy } = await startCloud();
    await call("POST", "/env-groups", {
      name: "group",
      ownerId: OWNER,
      envVars: [
        { key: "PHASE", value: "dual" },
        { key: "BEHAVIOUR", value: "of the group" },
        { key: "RENDER_SERVICE_ID", value: "not this" },
      ],
      serviceIds: ["srv-1"],
    });
    expect(await deploy()).toBe("live");
    const { env } = await shown(url);
    expect(env).toEqual({
      PHASE: "dual",
      BEHAVIOUR: "healthy",
      PATH: process.env["PATH"],
      PORT: expect.stringMatching(/^\d+$/) as unknown,
      RENDER: "true",
      RENDER_SERVICE_ID: "srv-1",
      RENDER_SERVICE_NAME: "api",
      RENDER_INSTANCE_ID: expect.stringMatching(/^srv-1-[0-9a-z]{5}$/) as unknown,
    });
    expect(url).not.toContain(env["PORT"]);
  });

  it("keeps serving from the old instance when the new one is never healthy", async () => {
    const { url, call, deploy, output, loseHealthTime } = await startCloud();
    expect(await deploy()).toBe("live");
    const { pid } = await shown(url);
    await call("PUT", "/services/srv-1/env-vars/BEHAVIOUR", { value: "unhealthy" });
    const failing = deploy();
    await expect.poll(() => output.length, { timeout: 60_000 }).toBe(2);
    loseHealthTime();
    expect(await failing).toBe("update_failed");
    expect((await shown(url)).pid).toBe(pid);
  });

  it("keeps serving from the old instance when the new one crashes", async () => {
    const { url, call, deploy, output } = await startCloud();
    expect(await deploy()).toBe("live");
    const { pid } = await shown(url);
    await call("PUT", "/services/srv-1/env-vars/BEHAVIOUR", { value: "crashing" });
    expect(await deploy()).toBe("update_failed");
    expect(output.at(-1)).toBe("The instance ended before it was healthy.");
    expect((await shown(url)).pid).toBe(pid);
  });

  it("answers every connection made while deploys swap its instances", async () => {
    const { url, deploy } = await startCloud();
    expect(await deploy()).toBe("live");
    const swaps = { areDone: false };
    const answers: { status: number | undefined; text: string }[] = [];
    const client = async (path: string): Promise<void> => {
      while (!swaps.areDone) answers.push(await request(`${url}${path}`));
    };
    const clients = [client("/slow"), client("/slow"), client("/slow"), client("/"), client("/")];
    expect([await deploy(), await deploy(), await deploy()]).toEqual(["live", "live", "live"]);
    swaps.areDone = true;
    await Promise.all(clients);
    const pids = answers.map(({ text }) => /\d+/.exec(text)?.[0]);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(pids).size).toBeGreaterThanOrEqual(3);
  });

  it("ends the old instance after a swap, by force if it must", async () => {
    const { url, call, deploy } = await startCloud();
    await call("PUT", "/services/srv-1/env-vars/BEHAVIOUR", { value: "stubborn" });
    await deploy();
    const old = (await shown(url)).pid;
    await call("PUT", "/services/srv-1/env-vars/BEHAVIOUR", { value: "healthy" });
    expect(await deploy()).toBe("live");
    expect((await shown(url)).pid).not.toBe(old);
    await expect.poll(() => isRunning(old), { timeout: 60_000 }).toBe(false);
  });

  it("is not there any more after a cancelled start", async () => {
    const { call, output, launcher } = await startCloud();
    await call("PUT", "/services/srv-1/env-vars/BEHAVIOUR", { value: "unhealthy" });
    const { id } = await call<{ id: string }>("POST", "/services/srv-1/deploys", {});
    await expect.poll(() => output.length, { timeout: 60_000 }).toBe(1);
    const pid = Number(output[0]?.split(" ")[1]);
    expect(isRunning(pid)).toBe(true);
    await call("POST", `/services/srv-1/deploys/${id}/cancel`);
    await expect.poll(() => isRunning(pid), { timeout: 60_000 }).toBe(false);
    expect(launcher.urlOf("srv-1")).toBeDefined();
  });

  it("ends with everything else on close, also in the middle of a deploy", async () => {
    const { url, call, deploy, emulator, launcher, output } = await startCloud();
    await deploy();
    await call("PUT", "/services/srv-1/env-vars/BEHAVIOUR", { value: "unhealthy" });
    await call("POST", "/services/srv-1/deploys", {});
    await expect.poll(() => output.length, { timeout: 60_000 }).toBe(2);
    const pids = output.map((line) => Number(line.split(" ")[1]));
    expect(pids.map(isRunning)).toEqual([true, true]);
    await emulator.close();
    await launcher.close();
    expect(pids.map(isRunning)).toEqual([false, false]);
    await expect(request(url)).rejects.toThrow("ECONNREFUSED");
  });
});

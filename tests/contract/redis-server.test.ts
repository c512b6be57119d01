import { createClient } from "redis";
import { describe, expect, it, onTestFinished } from "vitest";

import { type RedisServer, startRedis } from "../../local-cloud/redis/start-redis.ts";
import { cacheFolder } from "../../src/engine/pulumi-cli/cache-folder.ts";
import { allGone, startAndRead } from "../support/processes.ts";

const START_REDIS = new URL("../../local-cloud/redis/start-redis.ts", import.meta.url).href;
const CACHE = cacheFolder(process.env);

async function start(): Promise<RedisServer> {
  const server = await startRedis({ env: process.env, cache: CACHE, emit: () => undefined });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

async function connect(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on("error", () => undefined);
  await client.connect();
  onTestFinished(() => {
    if (client.isOpen) client.destroy();
  });
  return client;
}

async function pidOf(url: string): Promise<number> {
  const client = await connect(url);
  return Number(/^process_id:(\d+)/m.exec(await client.info("server"))?.[1]);
}

describe("startRedis", () => {
  it("starts servers of their own, of this machine only, that keep everything in memory", async () => {
    const [first, second] = [await start(), await start()];
    expect(first.url).toBe(`redis://127.0.0.1:${String(first.port)}`);
    expect(second.port).not.toBe(first.port);
    const client = await connect(first.url);
    await client.set("k", "v");
    expect(await (await connect(second.url)).get("k")).toBeNull();
    const settings = { save: "", appendonly: "no", "maxmemory-policy": "noeviction", bind: "127.0.0.1" };
    for (const [name, value] of Object.entries(settings)) {
      expect({ ...(await client.configGet(name)) }).toEqual({ [name]: value });
    }
    expect(await client.info("server")).toContain(`redis_version:${first.version}`);
  });

  it("ends its server when it is disposed of", async () => {
    const server = await start();
    const pid = await pidOf(server.url);
    await server[Symbol.asyncDispose]();
    await allGone([pid]);
    await expect(connect(server.url)).rejects.toThrow("ECONNREFUSED");
  });

  it("leaves no server behind when the process that started it is killed", async () => {
    const script = `
      const { startRedis } = await import(${JSON.stringify(START_REDIS)});
      const { url } = await startRedis({ env: process.env, cache: ${JSON.stringify(CACHE)}, emit: () => undefined });
      console.log(url);
      setInterval(() => undefined, 1e6);`;
    const { child, lines } = await startAndRead(process.execPath, ["--input-type=module", "-e", script], 1);
    const pid = await pidOf(lines[0] ?? "");
    expect(pid).toBeGreaterThan(0);
    child.kill("SIGKILL");
    await allGone([pid]);
  });
});

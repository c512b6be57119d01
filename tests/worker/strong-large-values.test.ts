import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { credentialOf, GATEWAY_CONFIG, namespacePath, STRONG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { campaign } from "../support/campaign.ts";

const SERVER = fileURLToPath(new URL("../support/gateway-process.ts", import.meta.url));
const PATH = `${namespacePath(STRONG.id)}/values`;
const headers = { authorization: `Bearer ${credentialOf("dev-application-a1")}` };
const MEBIBYTE = 1024 * 1024;
const SIZES = [24 * MEBIBYTE, MEBIBYTE, 24 * MEBIBYTE, MEBIBYTE + 1, 3 * MEBIBYTE, MEBIBYTE - 1, 1];
/** How long a kill waits at most after the last byte was sent: about as long as the write takes. */
const LATEST_MS = 400;

/** Different at every byte that a torn value could show: each MiB begins with its number and the number of the write. */
function valueOf(write: number, size: number): Buffer<ArrayBuffer> {
  const value = Buffer.alloc(size, write % 256);
  for (let at = 0; at + 8 <= size; at += MEBIBYTE) {
    value.writeUInt32BE(write, at);
    value.writeUInt32BE(at, at + 4);
  }
  return value;
}

const hashOf = (value: Uint8Array): string => createHash("sha256").update(value).digest("hex");

async function readHash(url: string, key: string): Promise<string> {
  const response = await fetch(`${url}${PATH}/${key}`, { headers });
  return response.status === 200 ? hashOf(new Uint8Array(await response.arrayBuffer())) : String(response.status);
}

describe("values of a strong namespace that need more than one row", () => {
  test("are what was put last, whatever sizes came before", async () => {
    await using gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
    for (const [write, size] of [...SIZES, ...SIZES.toReversed()].entries()) {
      const value = valueOf(write, size);
      expect((await fetch(`${gateway.url}${PATH}/one`, { method: "PUT", headers, body: value })).status).toBe(200);
      expect(await readHash(gateway.url, "one")).toBe(hashOf(value));
    }
    const refused = await fetch(`${gateway.url}${PATH}/one`, {
      method: "PUT",
      headers,
      body: Buffer.alloc(30 * MEBIBYTE),
    });
    expect(refused.status).toBe(413);
    expect(await readHash(gateway.url, "one")).toBe(hashOf(valueOf(SIZES.length * 2 - 1, SIZES[0] ?? 0)));
  });

  test("are whole, old or new, where the runtime is killed while they are written", async () => {
    const seed = randomInt(2 ** 31);
    const folder = await mkdtemp(join(tmpdir(), "kvshift-values-"));
    let possible = new Set(["404"]);
    const found: string[] = [];
    for (let round = 0; round < campaign(6); round += 1) {
      const server = await startServer(folder);
      const before = await readHash(server.url, "one");
      expect({ seed, round, isWhole: possible.has(before) }).toEqual({ seed, round, isWhole: true });
      found.push(before);
      const value = valueOf(round + 1, 24 * MEBIBYTE);
      const isAnswered = await putAndKill(server, value, pointOf(seed, round));
      possible = new Set(isAnswered ? [hashOf(value)] : [before, hashOf(value)]);
    }
    const server = await startServer(folder);
    expect(possible.has(await readHash(server.url, "one"))).toBe(true);
    await kill(server.process);
    // Some of the kills came after a write and some before one: else the points were badly chosen.
    expect(new Set(found).size).toBeGreaterThan(1);
    await rm(folder, { recursive: true });
  });
});

interface Server {
  readonly url: string;
  readonly process: ChildProcess;
}

async function startServer(folder: string): Promise<Server> {
  // A group of its own, so that the runtime dies in the same moment.
  const server = spawn(process.execPath, [SERVER, folder], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const [url] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
  return { url, process: server };
}

async function kill(server: ChildProcess): Promise<void> {
  const ended = once(server, "exit");
  process.kill(-(server.pid ?? Number.NaN), "SIGKILL");
  await ended;
}

/** Where in a write the runtime is killed: after a part of the body, so long after its end, or with the answer. */
type Point = { readonly sentBytes: number } | { readonly afterMs: number } | "answered";

function pointOf(seed: number, round: number): Point {
  const draw = createHash("sha256")
    .update(`${String(seed)} ${String(round)}`)
    .digest()
    .readUInt32BE(0);
  if (round % 3 === 0) return "answered";
  return round % 3 === 1 ? { afterMs: draw % LATEST_MS } : { sentBytes: draw % (24 * MEBIBYTE) };
}

/** Whether the write was answered before the kill. */
async function putAndKill({ url, process: server }: Server, value: Buffer, point: Point): Promise<boolean> {
  let isAnswered = false;
  const length = String(value.byteLength);
  const put = request(`${url}${PATH}/one`, { method: "PUT", headers: { ...headers, "content-length": length } });
  put.on("response", (response) => {
    isAnswered = response.statusCode === 200;
    response.resume();
  });
  put.on("error", () => undefined);
  const answered = new Promise<void>((resolve) => {
    put.once("response", () => {
      resolve();
    });
  });
  const write = async (bytes: Buffer) =>
    new Promise<void>((resolve) =>
      put.write(bytes, () => {
        resolve();
      }),
    );
  if (point === "answered") {
    put.end(value);
    await answered;
  } else if ("sentBytes" in point) {
    await write(value.subarray(0, point.sentBytes));
  } else {
    await write(value);
    put.end();
    // The moment of the kill, not a wait for something to be over.
    await pause(point.afterMs);
  }
  await kill(server);
  put.destroy();
  return isAnswered;
}

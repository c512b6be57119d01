import { tmpdir } from "node:os";

import { AppError } from "../../src/core/app-error.ts";
import { spawnSupervised, type Supervised } from "../../src/processes/spawn-supervised.ts";
import { freePort, LOOPBACK } from "../http/loopback.ts";
import { createScratch } from "../scratch.ts";
import { systemSleep } from "../system-sleep.ts";
import { findRedis, type FindRedisOptions } from "./find-redis.ts";
import type { RedisProgram } from "./redis-program.ts";

export type StartRedisOptions = FindRedisOptions;

/** A real redis-server of its own, empty at the start, which keeps everything in memory. */
export interface RedisServer extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number;
  /** `redis://127.0.0.1:<port>` */
  readonly url: string;
  /** `7.0.15` */
  readonly version: string;
}

const READY = "Ready to accept connections";
const READY_WITHIN_MS = 15_000;
const STOP_GRACE_MS = 2_000;
/** Another process may take a port between its choice and its use. */
const PORTS_TO_TRY = 3;
/** What it writes before it gives up; later lines are nobody's concern. */
const KEPT_LINES = 20;
const TAKEN = /address already in use/i;

/**
 * Finds a redis-server, and starts it as a child that cannot outlive this process. It writes nothing to the disk and
 * evicts nothing.
 *
 * @throws AppError LOCAL_CLOUD_FAILED where there is none, or where it does not start
 */
export async function startRedis(options: StartRedisOptions): Promise<RedisServer> {
  const program = await findRedis(options);
  const scratch = await createScratch(tmpdir());
  try {
    const { child, port } = await startOnFreePort(program, scratch.path);
    return {
      port,
      url: `redis://${LOOPBACK}:${String(port)}`,
      version: program.version,
      [Symbol.asyncDispose]: async () => {
        await child.stop(STOP_GRACE_MS);
        await scratch[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await scratch[Symbol.asyncDispose]();
    throw error;
  }
}

async function startOnFreePort(program: RedisProgram, folder: string): Promise<{ child: Supervised; port: number }> {
  let details: readonly string[] = [];
  for (let attempt = 0; attempt < PORTS_TO_TRY; attempt += 1) {
    const port = await freePort();
    const lines: string[] = [];
    const ready = Promise.withResolvers<"ready">();
    const child = spawnSupervised(program.command, argumentsOf(port, folder), {
      env: program.env,
      cwd: folder,
      onOutput: (line) => {
        if (line.includes(READY)) ready.resolve("ready");
        else if (lines.length < KEPT_LINES) lines.push(line);
      },
    });
    const over = new AbortController();
    const outcome = await Promise.race([
      ready.promise,
      child.exited.then(() => "ended" as const),
      systemSleep(READY_WITHIN_MS, over.signal).then(() => "late" as const),
    ]);
    over.abort();
    if (outcome === "ready") return { child, port };
    await child.stop(0);
    details = lines;
    if (outcome === "late" || !lines.some((line) => TAKEN.test(line))) break;
  }
  throw new AppError("LOCAL_CLOUD_FAILED", {
    problem: "The local redis-server did not start.",
    details,
    fix: "See what it wrote, and run again.",
    retryable: true,
  });
}

/** https://redis.io/docs/latest/operate/oss_and_stack/management/config/ */
function argumentsOf(port: number, folder: string): string[] {
  const reachable = ["--port", String(port), "--bind", LOOPBACK];
  // A dump that lies in the folder would be loaded: it is a folder of its own.
  const inMemory = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--dir", folder];
  return [...reachable, ...inMemory];
}

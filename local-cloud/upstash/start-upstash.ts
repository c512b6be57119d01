import type { RandomBytes } from "../../src/core/random.ts";
import type { Sleep } from "../http/edge.ts";
import { listen } from "../http/listen.ts";
import { type RedisServer, startRedis, type StartRedisOptions } from "../redis/start-redis.ts";
import { createUpstashEmulator, type UpstashEmulator } from "./emulator.ts";
import { connectRedis } from "./redis-connection.ts";

export interface StartUpstashOptions extends StartRedisOptions {
  readonly random: RandomBytes;
  /** For calls that a fault holds back. */
  readonly sleep: Sleep;
}

/** One database of Upstash on this machine. */
export interface LocalUpstash extends AsyncDisposable, Omit<UpstashEmulator, "fetch"> {
  /** What Upstash names `UPSTASH_REDIS_REST_URL`; `token` is its `UPSTASH_REDIS_REST_TOKEN`. */
  readonly url: string;
  /** The Redis behind it, for whoever speaks Redis' own protocol. */
  readonly redis: RedisServer;
}

/**
 * Starts a real Redis and its REST endpoint on 127.0.0.1.
 *
 * @throws AppError LOCAL_CLOUD_FAILED where no Redis can be had or started
 */
export async function startUpstash(options: StartUpstashOptions): Promise<LocalUpstash> {
  await using started = new AsyncDisposableStack();
  const redis = started.use(await startRedis(options));
  const connection = started.use(await connectRedis(redis.url));
  const emulator = createUpstashEmulator({ redis: connection, random: options.random, sleep: options.sleep });
  const listening = await listen(emulator.fetch);
  started.defer(() => listening.close());
  const { token, requestLog, faults } = emulator;
  const all = started.move();
  return { url: listening.url, token, requestLog, faults, redis, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

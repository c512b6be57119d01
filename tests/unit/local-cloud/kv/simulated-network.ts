import { createHash } from "node:crypto";

import type { DelayRange } from "../../../../local-cloud/kv/draws.ts";
import { SimulatedKv, type SimulatedKvOptions } from "../../../../local-cloud/kv/simulated-kv.ts";
import type { RandomBytes } from "../../../../src/core/random.ts";
import { ManualClock, START } from "../cloudflare/emulated-cloudflare.ts";

export const PROPAGATION_MS = 5000;

export interface Network {
  readonly clock: ManualClock;
  readonly kv: SimulatedKv;
  /** The value as text, `null` where there is none. */
  read(this: void, location: string, key: string, cacheTtl?: number): Promise<string | null>;
  write(this: void, location: string, key: string, value: string, options?: WriteOptions): Promise<void>;
  remove(this: void, location: string, key: string): Promise<void>;
  /** Every page, each as the names that it holds. */
  pages(this: void, location: string, options?: { prefix?: string; limit?: number }): Promise<string[][]>;
  names(this: void, location: string): Promise<string[]>;
}

interface WriteOptions {
  readonly expiration?: number;
  readonly expirationTtl?: number;
  readonly metadata?: unknown;
}

interface NetworkOptions extends Omit<Partial<SimulatedKvOptions>, "listLag"> {
  readonly seed?: string;
  /** "default": what the simulation does where it is not told. */
  readonly listLag?: DelayRange | "default";
}

/** Locations "ams" and "sin", a write visible elsewhere after exactly `PROPAGATION_MS` and in lists at once. */
export function simulate(options: NetworkOptions = {}): Network {
  const { seed = "seed", listLag = { minMs: 0, maxMs: 0 }, ...rest } = options;
  const clock = new ManualClock(START);
  const kv = new SimulatedKv({
    clock,
    random: seededRandom(seed),
    locations: ["ams", "sin"],
    propagation: { minMs: PROPAGATION_MS, maxMs: PROPAGATION_MS },
    ...(listLag === "default" ? {} : { listLag }),
    ...rest,
  });
  const pages: Network["pages"] = async (location, options = {}) => {
    const all: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await kv.at(location).list({ ...options, ...(cursor === undefined ? {} : { cursor }) });
      all.push(page.keys.map(({ name }) => name));
      cursor = page.list_complete ? undefined : page.cursor;
    } while (cursor !== undefined);
    return all;
  };
  return {
    clock,
    kv,
    read: async (location, key, cacheTtl) => {
      const reading = { type: "stream", ...(cacheTtl === undefined ? {} : { cacheTtl }) } as const;
      const { value } = await kv.at(location).getWithMetadata(key, reading);
      return value === null ? null : await new Response(value).text();
    },
    write: (location, key, value, options = {}) => kv.at(location).put(key, Buffer.from(value), options),
    remove: (location, key) => kv.at(location).delete(key),
    pages,
    names: async (location) => (await pages(location)).flat(),
  };
}

/** The same bytes for the same seed. */
export function seededRandom(seed: string): RandomBytes {
  let calls = 0;
  return (length) => {
    calls += 1;
    const digest = createHash("sha512").update(`${seed}/${calls}`).digest();
    return new Uint8Array(digest.subarray(0, length));
  };
}

export const SEEDS = Array.from({ length: 20 }, (_, index) => `seed ${index}`);

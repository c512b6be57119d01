import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import type { Peer } from "./peers.ts";

export interface Load {
  /** Bytes of a value, about. */
  readonly valueBytes: number;
  readonly operations: number;
  readonly concurrency: number;
  readonly rounds: number;
}

export interface Figures {
  readonly peer: string;
  readonly valueBytes: number;
  readonly roundTripMs: number;
  /** Milliseconds, of reads. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Milliseconds, of writes. */
  readonly writeP50: number;
  /** Operations a second. */
  readonly throughput: number;
  /** Microseconds of this process, an operation. */
  readonly cpu: number;
  /** Bytes that this process keeps after all keys were written once. */
  readonly memory: number;
}

setFlagsFromString("--expose-gc");
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the flag gives to a context made after it
const collectGarbage = runInNewContext("gc") as () => void;

const KEYS = 500;
const READ_SHARE = 0.95;

/**
 * The same operations for every peer, drawn from a seed: reads of keys by Zipf's law, and one write in twenty. The peers
 * take turns, round by round, so that a slow minute hits all of them.
 */
export async function measure(peers: readonly Peer[], roundTripMs: number, load: Load): Promise<Figures[]> {
  const value = { text: "v".repeat(load.valueBytes - 20), n: 1 };
  const samples = peers.map(() => ({ reads: [] as number[], writes: [] as number[], seconds: 0, cpu: 0, done: 0 }));
  const memory: number[] = [];
  for (const peer of peers) {
    const before = heapKept();
    for (let key = 0; key < KEYS; key += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => peer.put(nameOf(load, key + index), value)));
    }
    memory.push(Math.max(0, heapKept() - before));
  }
  for (let round = -1; round < load.rounds; round += 1) {
    const order = round % 2 === 0 ? [...peers.keys()] : [...peers.keys()].toReversed();
    for (const index of order) {
      const [peer, sample] = [peers[index], samples[index]];
      if (peer === undefined || sample === undefined) continue;
      const draws = operations(load, round);
      const started = performance.now();
      const before = process.cpuUsage();
      const times = await run(peer, draws, value, load.concurrency);
      // The first round warms everything up.
      if (round < 0) continue;
      const { user, system } = process.cpuUsage(before);
      sample.cpu += user + system;
      sample.seconds += (performance.now() - started) / 1000;
      sample.done += draws.length;
      sample.reads.push(...times.reads);
      sample.writes.push(...times.writes);
    }
  }
  return peers.map((peer, index) => {
    const { reads = [], writes = [], seconds = 1, cpu = 0, done = 1 } = samples[index] ?? {};
    return {
      peer: peer.name,
      valueBytes: load.valueBytes,
      roundTripMs,
      p50: quantile(reads, 0.5),
      p99: quantile(reads, 0.99),
      p999: quantile(reads, 0.999),
      writeP50: quantile(writes, 0.5),
      throughput: done / seconds,
      cpu: cpu / done,
      memory: memory[index] ?? Number.NaN,
    };
  });
}

/** Bytes of this process's heap that are in use. */
function heapKept(): number {
  // Twice: the first one only finds what has a finalizer.
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Milliseconds of so many pieces of work, one after the other, of peers in turns. */
export async function inTurns(works: readonly (() => Promise<unknown>)[], rounds: number): Promise<number[][]> {
  const times = works.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, work] of works.entries()) {
      const started = performance.now();
      await work();
      times[index]?.push(performance.now() - started);
    }
  }
  return times;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

interface Operation {
  readonly key: string;
  readonly isWrite: boolean;
}

async function run(peer: Peer, draws: readonly Operation[], value: object, concurrency: number) {
  const [reads, writes]: [number[], number[]] = [[], []];
  const waiting = draws.values();
  const lane = async (): Promise<void> => {
    for (const { key, isWrite } of waiting) {
      const started = performance.now();
      const found = isWrite ? await peer.put(key, value) : await peer.get(key);
      (isWrite ? writes : reads).push(performance.now() - started);
      if (!isWrite && (found === undefined || found === null)) throw new Error(`${peer.name} lost a key`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { reads, writes };
}

function operations({ valueBytes, operations: count }: Load, round: number): Operation[] {
  const random = seeded(round + 1);
  return Array.from({ length: count }, (_, index) => {
    const isWrite = random() >= READ_SHARE;
    // Workers KV takes one write a second for a key: each write has its own.
    const key = isWrite
      ? `w${String(valueBytes)}-${String(round)}-${String(index)}`
      : nameOf({ valueBytes }, zipf(random()));
    return { key, isWrite };
  });
}

function nameOf({ valueBytes }: Pick<Load, "valueBytes">, index: number): string {
  return `k${String(valueBytes)}-${String(index)}`;
}

/** Zipf's law with exponent 1 over the keys: https://en.wikipedia.org/wiki/Zipf%27s_law */
function zipf(share: number): number {
  return Math.min(KEYS - 1, Math.floor(KEYS ** share) - 1);
}

/** Mulberry32: the same draws in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

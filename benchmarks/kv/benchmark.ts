import { mkdir, writeFile } from "node:fs/promises";
import { arch, cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { systemSleep } from "../../local-cloud/system-sleep.ts";
import { startUpstash } from "../../local-cloud/upstash/start-upstash.ts";
import { systemRandom } from "../../src/core/random.ts";
import { cacheFolder } from "../../src/engine/pulumi-cli/cache-folder.ts";
import { GATEWAY_CONFIG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { aligned } from "../table.ts";
import { chartOf } from "./chart.ts";
import { delayed } from "./delayed.ts";
import { type Figures, inTurns, type Load, measure, quantile } from "./measure.ts";
import { type Peer, peersAt } from "./peers.ts";

const ROUND_TRIPS_MS = [0, 2, 20] as const;
const VALUES_BYTES = [300, 20_000] as const;
const CONCURRENCY = 8;
const ROUNDS = 5;
/** A far network lets fewer operations into a round. */
const OPERATIONS: Readonly<Record<(typeof ROUND_TRIPS_MS)[number], number>> = { 0: 1500, 2: 800, 20: 200 };
const SESSION_ROUNDS = 400;
const HITS = 20_000;

const NEAR = "kvshift-kv eventual, near cache";
const PLAIN = "kvshift-kv eventual";
const STRONG = "kvshift-kv strong";
const HTTP_PEERS = ["@upstash/redis", "unstorage", "keyv"];

interface Target {
  readonly what: string;
  readonly value: number;
  readonly atMost: number;
}

/**
 * The library on the gateway in workerd, beside the clients that people use today: node-redis on a real Redis,
 * @upstash/redis on its REST endpoint in front of the same one, and unstorage's and keyv's drivers of Cloudflare KV on the
 * same gateway. All over the same added round trip, in turns.
 */
export async function benchmarkKv(): Promise<{ table: string; data: object }> {
  await using upstash = await startUpstash({
    env: process.env,
    cache: cacheFolder(process.env),
    emit: () => undefined,
    random: systemRandom,
    sleep: systemSleep,
  });
  await using gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
  const figures: Figures[] = [];
  let sessions: { readonly peer: string; readonly p50: number }[] = [];
  let hitMicroseconds = Number.NaN;
  for (const roundTripMs of ROUND_TRIPS_MS) {
    await using places = new AsyncDisposableStack();
    const through = async (url: string) => places.use(await delayed(url, roundTripMs)).url;
    const peers = await peersAt({
      redis: await through(upstash.redis.url),
      upstash: { url: await through(upstash.url), token: upstash.token.reveal() },
      gateway: await through(gateway.url),
    });
    for (const peer of peers) places.use(peer);
    for (const valueBytes of VALUES_BYTES) {
      const load: Load = { valueBytes, operations: OPERATIONS[roundTripMs], concurrency: CONCURRENCY, rounds: ROUNDS };
      figures.push(...(await measure(peers, roundTripMs, load)));
    }
    if (roundTripMs === 0) {
      sessions = await measureSessions(peers);
      hitMicroseconds = await measureHits(peers);
    }
  }
  const targets = targetsOf(figures, sessions, hitMicroseconds);
  const machine = `${process.platform} ${arch()}, ${String(cpus().length)} cores, Node.js ${process.versions.node}`;
  const date = new Date().toISOString().slice(0, 10);
  const caption = `${date}, npm run bench kv, ${machine}`;
  const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));
  await mkdir(folder, { recursive: true });
  const chart = join(folder, "bench-kv.svg");
  await writeFile(
    chart,
    chartOf(
      figures.filter(({ valueBytes }) => valueBytes === 300),
      caption,
    ),
  );
  return {
    table: `${tableOf(figures)}\n${targetTable(targets)}\n${caption}\n`,
    data: { date, machine, figures, sessions, hitMicroseconds, targets },
  };
}

async function measureSessions(peers: readonly Peer[]) {
  const data = { user: "ada", cart: Array.from({ length: 10 }, (_, index) => ({ item: index })) };
  const writers = peers.flatMap(({ name, saveSession }) => (saveSession === undefined ? [] : [{ name, saveSession }]));
  const works = writers.map(
    ({ saveSession }) =>
      () =>
        saveSession(data),
  );
  await inTurns(works, SESSION_ROUNDS / 4);
  const times = await inTurns(works, SESSION_ROUNDS);
  return writers.map(({ name }, index) => ({ peer: name, p50: quantile(times[index] ?? [], 0.5) }));
}

/** What a hit of the near cache costs, in microseconds. */
async function measureHits(peers: readonly Peer[]): Promise<number> {
  const near = peers.find(({ name }) => name === NEAR);
  if (near === undefined) throw new Error(`no peer ${NEAR}`);
  await near.put("hit", { text: "v".repeat(280) });
  const [times = []] = await inTurns([() => near.get("hit")], HITS);
  return quantile(times.slice(HITS / 10), 0.5) * 1000;
}

function targetsOf(
  figures: readonly Figures[],
  sessions: readonly { readonly peer: string; readonly p50: number }[],
  hitMicroseconds: number,
): Target[] {
  const p50 = (peer: string, roundTripMs: number) =>
    figures.find((one) => one.peer === peer && one.roundTripMs === roundTripMs && one.valueBytes === 300)?.p50 ??
    Number.NaN;
  const session = (peer: string) => sessions.find((one) => one.peer === peer)?.p50 ?? Number.NaN;
  const fastest = Math.min(...HTTP_PEERS.map((peer) => p50(peer, 0)));
  return [
    {
      what: "near cache / @upstash/redis, p50 at 2 ms",
      value: p50(NEAR, 2) / p50("@upstash/redis", 2),
      atMost: 1 / 20,
    },
    { what: "near cache / node-redis, p50 at 0 ms", value: p50(NEAR, 0) / p50("node-redis", 0), atMost: 1 },
    { what: "eventual / fastest other HTTP client, p50 at 0 ms", value: p50(PLAIN, 0) / fastest, atMost: 1.2 },
    { what: "strong / @upstash/redis, p50 at 0 ms", value: p50(STRONG, 0) / p50("@upstash/redis", 0), atMost: 1.2 },
    { what: "strong / @upstash/redis, p50 at 20 ms", value: p50(STRONG, 20) / p50("@upstash/redis", 20), atMost: 1.2 },
    {
      what: "session write / @upstash/redis, p50 at 0 ms",
      value: session(STRONG) / session("@upstash/redis"),
      atMost: 1.2,
    },
    { what: "a hit of the near cache, p50 in microseconds", value: hitMicroseconds, atMost: 20 },
  ];
}

function tableOf(figures: readonly Figures[]): string {
  const rows = figures.map((one) => [
    `${String(one.roundTripMs)} ms`,
    one.valueBytes === 300 ? "300 B" : "20 kB",
    one.peer,
    one.p50.toFixed(3),
    one.p99.toFixed(2),
    one.p999.toFixed(2),
    one.writeP50.toFixed(2),
    one.throughput.toFixed(0),
    one.cpu.toFixed(0),
    (one.memory / 1024).toFixed(0),
  ]);
  return aligned([
    ["round trip", "value", "client", "p50 ms", "p99", "p99.9", "write p50", "ops/s", "CPU µs/op", "kept kB"],
    ...rows,
  ]);
}

function targetTable(targets: readonly Target[]): string {
  const rows = targets.map(({ what, value, atMost }) => [
    value <= atMost ? "✓" : "✗",
    what,
    value.toFixed(3),
    `at most ${atMost.toFixed(2)}`,
  ]);
  return aligned(rows);
}

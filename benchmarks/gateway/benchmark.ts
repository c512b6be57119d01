import {
  credentialOf,
  EVENTUAL,
  GATEWAY_ACCOUNT,
  GATEWAY_CONFIG,
  STRONG,
} from "../../tests/support/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../tests/support/gateway-in-workerd.ts";
import { Load, type Target } from "./load.ts";
import { startBareWorker } from "./start-bare-worker.ts";

const ROUNDS = 12;
const REQUESTS_A_ROUND = 300;
const CONNECTIONS = 16;
const KEYS = 64;
const VALUE = Buffer.alloc(1024, "v");

interface Figures {
  readonly operation: string;
  /** Milliseconds. */
  readonly p50: { readonly bare: number; readonly gateway: number; readonly ratio: number };
  /** Requests a second. */
  readonly throughput: { readonly bare: number; readonly gateway: number; readonly ratio: number };
}

/**
 * The gateway and a bare Worker, each in a workerd of its own on this machine, asked in turns. Both times hold the same
 * client and the same runtime; what differs is what the gateway does: credential, dialect, evidence.
 */
export async function benchmarkGateway(): Promise<{ table: string; data: object }> {
  await using gateway = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
  await using bare = await startBareWorker();
  const figures: Figures[] = [];
  for (const { name, consistency, id } of [STRONG, EVENTUAL]) {
    for (const method of ["PUT", "GET"] as const) {
      const key = (index: number) => `key-${index % KEYS}`;
      // Workers KV takes one write a second for a key: each write has a key of its own.
      const keyOf = method === "PUT" ? (index: number) => `${key(index)}-${index}` : key;
      const path = `/client/v4/accounts/${GATEWAY_ACCOUNT}/storage/kv/namespaces/${id}/values/`;
      const query = method === "PUT" ? "?expiration_ttl=3600" : "";
      const common = { method, ...(method === "PUT" ? { body: VALUE } : {}) };
      const targets: readonly Target[] = [
        { ...common, name: "bare", headers: {}, url: (index) => `${bare.url}/${consistency}/${keyOf(index)}` },
        {
          ...common,
          name: "gateway",
          headers: { authorization: `Bearer ${credentialOf("dev-application-a1")}` },
          url: (index) => `${gateway.url}${path}${keyOf(index)}${query}`,
        },
      ];
      await fill(targets, key);
      figures.push(await compare(`${consistency} ${method} (${name})`, targets));
    }
  }
  return { table: tableOf(figures), data: { rounds: ROUNDS, requests: REQUESTS_A_ROUND, figures } };
}

async function compare(operation: string, targets: readonly Target[]): Promise<Figures> {
  const loads = targets.map((target) => new Load(target, CONNECTIONS));
  for (const load of loads) await load.sequence(REQUESTS_A_ROUND);
  const times: number[][] = loads.map(() => []);
  const rates: number[][] = loads.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    // Who goes first changes, so that neither always follows the other.
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    for (const index of order) times[index]?.push(...((await loads[index]?.sequence(REQUESTS_A_ROUND)) ?? []));
    for (const index of order) rates[index]?.push((await loads[index]?.throughput(REQUESTS_A_ROUND, CONNECTIONS)) ?? 0);
  }
  for (const load of loads) load.close();
  const [bareTime = 0, gatewayTime = 0] = times.map(median);
  const [bareRate = 0, gatewayRate = 0] = rates.map(median);
  return {
    operation,
    p50: { bare: bareTime, gateway: gatewayTime, ratio: gatewayTime / bareTime },
    throughput: { bare: bareRate, gateway: gatewayRate, ratio: gatewayRate / bareRate },
  };
}

/** Every key that is read exists on both sides. */
async function fill(targets: readonly Target[], key: (index: number) => string): Promise<void> {
  for (const target of targets) {
    const { pathname, origin } = new URL(target.url(0));
    const base = `${origin}${pathname.slice(0, pathname.lastIndexOf("/") + 1)}`;
    const url = (index: number) => `${base}${key(index)}`;
    const load = new Load({ ...target, method: "PUT", body: VALUE, url }, 1);
    await load.sequence(KEYS);
    load.close();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function tableOf(figures: readonly Figures[]): string {
  const rows = figures.map(({ operation, p50, throughput }) => [
    operation,
    `${p50.bare.toFixed(2)} ms`,
    `${p50.gateway.toFixed(2)} ms`,
    `× ${p50.ratio.toFixed(2)}`,
    `${throughput.bare.toFixed(0)}/s`,
    `${throughput.gateway.toFixed(0)}/s`,
    `× ${throughput.ratio.toFixed(2)}`,
  ]);
  const head = ["operation", "p50 bare", "gateway", "ratio", "throughput bare", "gateway", "ratio"];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

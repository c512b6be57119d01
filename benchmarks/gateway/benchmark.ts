import { credentialOf, EVENTUAL, GATEWAY_CONFIG, namespacePath, STRONG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { Load, type Target } from "../../testbed/load.ts";
import { startBareWorker } from "../../testbed/start-bare-worker.ts";

const ROUNDS = 30;
const REQUESTS_A_ROUND = 300;
const CONNECTIONS = 16;
const KEYS = 64;
const VALUE = Buffer.alloc(1024, "v");

interface Comparison {
  readonly bare: number;
  readonly gateway: number;
  readonly ratio: number;
}

interface Figures {
  readonly operation: string;
  /** Milliseconds. */
  readonly p50: Comparison;
  /** Requests a second. */
  readonly throughput: Comparison;
}

/**
 * The gateway and a bare Worker, each in a workerd of its own on this machine, asked in turns with the same requests.
 * Both times hold the same client and the same runtime; what differs is what the gateway does: credential, dialect,
 * evidence.
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
      const headers = { authorization: `Bearer ${credentialOf("dev-application-a1")}` };
      // The bare Worker takes the consistency for the id of the namespace.
      const sides = [
        { name: "bare", values: `${bare.url}${namespacePath(consistency)}/values` },
        { name: "gateway", values: `${gateway.url}${namespacePath(id)}/values` },
      ];
      for (const { name: side, values } of sides) {
        // Every key that is read exists.
        const url = (index: number) => `${values}/${key(index)}`;
        await new Load({ name: side, method: "PUT", headers, body: VALUE, url }, 1).sequence(KEYS);
      }
      const targets = sides.map(({ name: side, values }): Target =>
        method === "PUT"
          ? {
              name: side,
              method,
              headers,
              body: VALUE,
              url: (index) => `${values}/${keyOf(index)}?expiration_ttl=3600`,
            }
          : { name: side, method, headers, url: (index) => `${values}/${keyOf(index)}` },
      );
      figures.push(await compare(`${consistency} ${method} (${name})`, targets));
    }
  }
  return { table: tableOf(figures), data: { rounds: ROUNDS, requests: REQUESTS_A_ROUND, figures } };
}

async function compare(operation: string, targets: readonly Target[]): Promise<Figures> {
  const loads = targets.map((target) => new Load(target, CONNECTIONS));
  for (const load of loads) await load.sequence(REQUESTS_A_ROUND);
  const both = loads.map((load, index) => ({ index, load }));
  const medianTimes: number[][] = loads.map(() => []);
  const rates: number[][] = loads.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    // Who goes first changes, so that neither always follows the other.
    const order = round % 2 === 0 ? both : both.toReversed();
    for (const { index, load } of order) medianTimes[index]?.push(median(await load.sequence(REQUESTS_A_ROUND)));
    for (const { index, load } of order) rates[index]?.push(await load.throughput(REQUESTS_A_ROUND, CONNECTIONS));
  }
  return { operation, p50: compared(medianTimes), throughput: compared(rates) };
}

/** Of one figure a round: the medians, and the median of the rounds' ratios, so that a slow minute hits both alike. */
function compared([bare = [], gateway = []]: readonly number[][]): Comparison {
  const ratios = gateway.map((figure, round) => figure / (bare[round] ?? Number.NaN));
  return { bare: median(bare), gateway: median(gateway), ratio: median(ratios) };
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

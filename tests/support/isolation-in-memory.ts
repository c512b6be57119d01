import { createHash } from "node:crypto";

import { SimulatedKv } from "../../local-cloud/kv/simulated-kv.ts";
import { createMemoryGateway, type MemoryGateway } from "./gateway-in-memory.ts";
import { type EnvironmentName, isolatedEnvironments } from "./isolation-environments.ts";
import { OPERATIONS, requestOf, targetOf } from "./isolation-operations.ts";
import type { Environments, Send } from "./isolation.ts";

const NOW = Date.parse("2026-11-23T00:00:00.000Z");
/** One key of an eventual namespace takes one write a second. */
const MILLISECONDS_A_REQUEST = 1001;

export interface IsolatedGateways {
  readonly environments: Environments;
  readonly send: Send;
  readonly gateways: Readonly<Record<EnvironmentName, MemoryGateway>>;
}

/** The gateways of three environments in this process, each namespace with its one key. */
export async function openInMemory(): Promise<IsolatedGateways> {
  const environments = isolatedEnvironments(NOW);
  let now = NOW;
  const clock = { now: () => now };
  const open = (name: EnvironmentName): MemoryGateway =>
    createMemoryGateway({
      config: environments[name].config,
      clock,
      kvOf: () =>
        new SimulatedKv({
          clock,
          random: (length) => Uint8Array.from(createHash("sha512").update(name).digest().subarray(0, length)),
          locations: ["ams"],
          propagation: { minMs: 0, maxMs: 0 },
        }).at("ams"),
    });
  const gateways = { dev: open("dev"), prod: open("prod"), "pr-7": open("pr-7") };
  const send: Send = (gateway, request) => {
    now += MILLISECONDS_A_REQUEST;
    return gateways[gateway].fetch(request);
  };
  await seed(environments, send);
  return { environments, send, gateways };
}

/** Writes what every later write of a matrix writes again. */
export async function seed(environments: Environments, send: Send, origin?: string): Promise<void> {
  const put = OPERATIONS.find(({ name }) => name === "put a value");
  if (put === undefined) throw new Error("the operation that seeds is gone");
  for (const environment of Object.values(environments)) {
    for (const namespace of [environment.sessions, environment.cache]) {
      const [operator = {}] = environment.presented.operator;
      const { status } = await send(
        environment.name,
        requestOf(put, targetOf(environment, namespace), operator, origin),
      );
      if (status !== 200) throw new Error(`${environment.name} refused its own operator with ${String(status)}`);
    }
  }
}

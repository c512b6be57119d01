import type { Clock } from "../../src/core/clock.ts";
import type { GatewayConfig, NamespaceConfig } from "../../src/gateway/config.ts";
import { EventualStore } from "../../src/gateway/eventual-store.ts";
import { createGateway } from "../../src/gateway/gateway.ts";
import type { LogLine } from "../../src/gateway/log.ts";
import type { KvBinding } from "../../src/core/kv-binding.ts";
import { type LedgerApi, LedgerTable } from "../../src/gateway/ledger.ts";
import type { ShardApi } from "../../src/gateway/strong/protocol.ts";
import { Shard } from "../../src/gateway/strong/shard.ts";
import { StrongStore } from "../../src/gateway/strong/strong-store.ts";
import { credentialOf } from "../../testbed/gateway-fixture.ts";
import { bulkInMemory } from "./bulk-in-memory.ts";
import { NodeSql } from "./node-sql.ts";

export interface MemoryGateway {
  fetch(this: void, request: Request): Promise<Response>;
  readonly log: LogLine[];
  readonly ledger: LedgerTable;
  /** Times at which objects asked to be woken, in milliseconds since the epoch. */
  readonly alarms: number[];
}

export interface MemoryGatewayOptions {
  readonly config: GatewayConfig;
  readonly clock: Clock;
  /** The binding of each eventual namespace. */
  readonly kvOf: (namespace: NamespaceConfig) => KvBinding;
}

/** The gateway in this process: its own code on SQLite in memory, without the runtime of Workers. */
export function createMemoryGateway({ config, clock, kvOf }: MemoryGatewayOptions): MemoryGateway {
  const log: LogLine[] = [];
  const alarms: number[] = [];
  const ledger = new LedgerTable(new NodeSql());
  const shards = new Map<string, Shard>();
  const shardAt = (name: string): Shard => {
    const known = shards.get(name);
    if (known !== undefined) return known;
    const shard = new Shard({ sql: new NodeSql(), clock, alarm: { wakeAt: (time) => alarms.push(time) } });
    shards.set(name, shard);
    return shard;
  };
  let operations = 0;
  const storeOf = (namespace: NamespaceConfig) =>
    namespace.consistency === "eventual"
      ? new EventualStore(kvOf(namespace), namespace.cacheTtlSeconds)
      : new StrongStore({
          shards: namespace.shards ?? 1,
          connect: (shard) => asynchronous(shardAt(`${namespace.id}/${shard}`)),
          newId: () => {
            operations += 1;
            return operations.toString(16).padStart(16, "0");
          },
        });
  const gateway = createGateway({
    config,
    storeOf,
    ledger: () => asynchronous(ledger),
    bulk: bulkInMemory((name) => storeOf(config.namespaces.find((one) => one.name === name) ?? missing(name))),
    clock,
    log: (line) => log.push(line),
  });
  return { fetch: (request) => gateway(request, () => undefined), log, ledger, alarms };
}

/** Calls a gateway with a credential of its fixture. `path`: below its host. */
export function callerOf({ fetch }: Pick<MemoryGateway, "fetch">) {
  const headers = { authorization: `Bearer ${credentialOf("dev-application-a1")}` };
  return (method: string, path: string, body: string | null = null): Promise<Response> =>
    fetch(new Request(`https://gateway.example${path}`, { method, headers, body }));
}

function missing(name: string): never {
  throw new Error(`no namespace ${name}`);
}

/** As over a connection: every call takes a turn, and what goes over it is a copy. */
function asynchronous(target: object): ShardApi & LedgerApi {
  return new Proxy(target, {
    get: (object, name) => {
      const method: unknown = Reflect.get(object, name);
      if (typeof method !== "function") return method;
      return async (...args: unknown[]): Promise<unknown> => {
        await Promise.resolve();
        return structuredClone(method.apply(object, structuredClone(args)) as unknown);
      };
    },
  }) as unknown as ShardApi & LedgerApi;
}

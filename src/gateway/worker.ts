import { DurableObject } from "cloudflare:workers";

import { systemClock } from "../core/clock.ts";
import { BINDINGS, kvBinding, readConfig } from "./bindings.ts";
import type { RelayApi } from "./bulk-writes.ts";
import type { NamespaceConfig } from "./config.ts";
import { EventualStore } from "./eventual-store.ts";
import { createGateway, type Gateway, STORAGE_CALLS } from "./gateway.ts";
import type { KvBinding } from "../core/kv-binding.ts";
import { type LedgerApi, LedgerTable, type ParityReport, type Refusals, type Use } from "./ledger.ts";
import { failure, type LogLine } from "./log.ts";
import type { DurableObjectBinding, DurableObjectState, ExecutionContext } from "./runtime.ts";
import type { NamespaceStore, Operation, Pair, StorageBudget } from "./store.ts";
import { DurableSql, ObjectAlarm } from "./strong/durable-sql.ts";
import type { AtomicRequest, ShardApi, ShardListOptions, Write } from "./strong/protocol.ts";
import { shardName } from "./strong/shard-map.ts";
import { Shard as ShardData } from "./strong/shard.ts";
import { StrongStore } from "./strong/strong-store.ts";
import { LEDGER_GAP_MS } from "./usage.ts";

interface Bindings extends Readonly<Record<string, unknown>> {
  readonly SHARDS: DurableObjectBinding<ShardApi & RelayApi>;
  readonly LEDGER: DurableObjectBinding<LedgerApi>;
}

const LEDGER_NAME = "ledger";
/** Objects that lend their invocations to bulk writes, so that several requests do not wait for one. */
const RELAYS = 16;

let gateway: Gateway | undefined;

/** The Worker: the bindings of a version never change, so what is made of them is kept for all requests. */
export default {
  fetch(request: Request, env: Bindings, context: ExecutionContext): Promise<Response> {
    gateway ??= fromBindings(env);
    return gateway(request, (work) => {
      context.waitUntil(work);
    });
  },
};

/**
 * A part of the keys of a strong namespace. Other objects of this class hold nothing: they are relays, each call of which
 * is an invocation of its own. A class for them would count against what an account may have.
 */
export class Shard extends DurableObject implements ShardApi, RelayApi {
  readonly #state: DurableObjectState;
  readonly #env: Bindings;
  readonly #alarm: ObjectAlarm;
  #opened: ShardData | undefined;
  /** What a relay has written to, by name: a version's bindings never change, and neither do the ids of its objects. */
  readonly #relayed = new Map<string, NamespaceStore>();

  constructor(state: DurableObjectState, env: Bindings) {
    super(state, env);
    this.#state = state;
    this.#env = env;
    this.#alarm = new ObjectAlarm(state.storage);
  }

  /** Opened when it is needed: a relay leaves no database behind. */
  get #data(): ShardData {
    const clock = { now: () => this.now() };
    return (this.#opened ??= new ShardData({ sql: new DurableSql(this.#state.storage), clock, alarm: this.#alarm }));
  }

  async putThrough(namespace: string, pairs: readonly Pair[], operation: Operation) {
    return relayed(namespace, (budget) => this.#through(namespace).putMany(pairs, budget, operation));
  }

  async deleteThrough(namespace: string, keys: readonly string[], operation: Operation) {
    return relayed(namespace, (budget) => this.#through(namespace).deleteMany(keys, budget, operation));
  }

  /** Milliseconds since the epoch. A method of its own, so that a test can set the time. */
  protected now(): number {
    return systemClock.now();
  }

  async get(key: string) {
    return this.#data.get(key);
  }

  async metadata(key: string) {
    return this.#data.metadata(key);
  }

  async getMany(keys: readonly string[], maxBytes: number) {
    return this.#data.getMany(keys, maxBytes);
  }

  async put(write: Write, operation: Operation) {
    return this.#data.put(write, operation);
  }

  async delete(key: string, operation: Operation) {
    return this.#data.delete(key, operation);
  }

  async putMany(writes: readonly Write[], operation: Operation) {
    return this.#data.putMany(writes, operation);
  }

  async deleteMany(keys: readonly string[], operation: Operation) {
    return this.#data.deleteMany(keys, operation);
  }

  async list(options: ShardListOptions) {
    return this.#data.list(options);
  }

  async atomic(request: AtomicRequest, operationId: string) {
    return this.#data.atomic(request, operationId);
  }

  #through(namespace: string): NamespaceStore {
    const store = this.#relayed.get(namespace) ?? namespaceStore(this.#env, namespace);
    this.#relayed.set(namespace, store);
    return store;
  }

  override async alarm(): Promise<void> {
    this.#alarm.fired();
    this.#data.clean();
  }
}

/** Who used which credential of the environment, and what applications saw. */
export class Ledger extends DurableObject implements LedgerApi {
  readonly #table: LedgerTable;

  constructor(state: DurableObjectState, env: Bindings) {
    super(state, env);
    this.#table = new LedgerTable(new DurableSql(state.storage));
  }

  async record(uses: readonly Use[]) {
    this.#table.record(uses);
  }

  async refuse(refusals: readonly Refusals[]) {
    this.#table.refuse(refusals);
  }

  async usage() {
    return this.#table.usage();
  }

  async addParity(report: ParityReport, now: number) {
    return this.#table.addParity(report, now);
  }

  async parity() {
    return this.#table.parity();
  }
}

function fromBindings(env: Bindings): Gateway {
  const { SHARDS: shards, LEDGER: ledgers } = env;
  const placement = placementOf(env);
  const ledgerId = ledgers.idFromName(LEDGER_NAME);
  const relayIds = Array.from({ length: RELAYS }, (_, relay) => shards.idFromName(`relay/${relay}`));
  let calls = 0;
  return createGateway({
    config: readConfig(env),
    storeOf: (namespace) => storeOf(env, namespace),
    ledger: () => ledgers.get(ledgerId, placement),
    bulk: {
      relay: () => shards.get(relayIds[(calls += 1) % RELAYS] ?? {}, placement),
      newId,
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    },
    clock: systemClock,
    ledgerGapMs: LEDGER_GAP_MS / timeScaleOf(env),
    log,
  });
}

function log(line: LogLine): void {
  // oxlint-disable-next-line no-console -- the log of a Worker is its console
  console.log(JSON.stringify(line));
}

/** A part of a bulk in an invocation of its own. The gateway hears which keys failed, the log where. */
async function relayed(namespace: string, work: (budget: StorageBudget) => Promise<string[]>): Promise<string[]> {
  const budget: StorageBudget = { left: STORAGE_CALLS };
  const failed = await work(budget);
  if (budget.failure !== undefined) log(failure(503, budget.failure, { operation: "bulk", namespace }));
  return failed;
}

function storeOf(env: Bindings, { id, name, consistency, cacheTtlSeconds, shards: count = 1 }: NamespaceConfig) {
  if (consistency === "eventual") return new EventualStore(kvOf(env, name), cacheTtlSeconds);
  const { SHARDS: shards } = env;
  const placement = placementOf(env);
  // Each id is a hash: they are made once, not at every request.
  const ids = Array.from({ length: count }, (_, shard) => shards.idFromName(shardName(id, shard)));
  return new StrongStore({ shards: count, connect: (shard) => shards.get(ids[shard] ?? {}, placement), newId });
}

/** The store of a namespace by its name, for a relay. */
function namespaceStore(env: Bindings, name: string): NamespaceStore {
  const namespace = readConfig(env).namespaces.find((one) => one.name === name);
  // The gateway and its objects run one version, but for the moment in which it is exchanged.
  if (namespace === undefined) throw new Error("no such namespace");
  return storeOf(env, namespace);
}

function placementOf(env: Bindings): { readonly locationHint?: string } {
  const hint = env[BINDINGS.LOCATION_HINT];
  return typeof hint === "string" ? { locationHint: hint } : {};
}

/** How many times faster waits pass: only the local cloud has another number than 1. */
function timeScaleOf(env: Bindings): number {
  const scale = Number(env[BINDINGS.TIME_SCALE] ?? 1);
  return scale >= 1 ? scale : 1;
}

function newId(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 16);
}

function kvOf(env: Bindings, name: string): KvBinding {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the stack binds each eventual namespace by this name
  return env[kvBinding(name)] as KvBinding;
}

import type { Expiry } from "../../src/gateway/store.ts";
import { ObjectAlarm } from "../../src/gateway/strong/durable-sql.ts";
import type { AtomicRequest, AtomicResult, Outcome } from "../../src/gateway/strong/protocol.ts";
import { Shard } from "../../src/gateway/strong/shard.ts";
import { NodeSql } from "./node-sql.ts";

/** One object of a strong namespace in this process, on a clock that the test moves. */
export class ShardInMemory {
  readonly sql = new NodeSql();
  /** Times at which the alarm was set: each is billed. */
  readonly alarms: number[] = [];
  /** Milliseconds since the epoch. */
  now: number;
  shard: Shard;
  #alarmAt: number | null = null;
  #alarm: ObjectAlarm;
  #operations = 0;

  constructor(now: number) {
    this.now = now;
    [this.shard, this.#alarm] = this.#start();
  }

  /** Another life of the object: only what is stored remains. */
  restart(): void {
    [this.shard, this.#alarm] = this.#start();
  }

  put(key: string, value: string | Uint8Array, expiry?: Expiry): string {
    const id = this.newId();
    this.write(key, value, expiry, { id, isRepeat: false });
    return id;
  }

  write(
    key: string,
    value: string | Uint8Array,
    expiry: Expiry | undefined,
    operation: { readonly id: string; readonly isRepeat: boolean },
  ): Outcome {
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    return this.shard.put({ key, value: bytes, metadata: undefined, expiry }, operation);
  }

  delete(key: string): string {
    const id = this.newId();
    this.shard.delete(key, { id, isRepeat: false });
    return id;
  }

  touch(key: string, expiry?: Expiry): AtomicResult {
    return this.atomic({ kind: "touch", key, expiry });
  }

  atomic(request: AtomicRequest): AtomicResult {
    return this.shard.atomic(request, `operation-${this.newId()}`);
  }

  newId(): string {
    this.#operations += 1;
    return this.#operations.toString(16).padStart(16, "0");
  }

  text(key: string): string | undefined {
    const value = this.shard.get(key)?.value;
    return value && new TextDecoder().decode(value);
  }

  listed(): string[] {
    return this.shard.list({ prefix: "", after: undefined, limit: 1000 }).entries.map(({ key }) => key);
  }

  /** How many rows a table has, whatever they hold. */
  rows(table: "entries" | "parts" | "operations"): number {
    return Number(this.sql.run(`SELECT count(*) AS count FROM ${table}`)[0]?.["count"]);
  }

  /** Moves the clock; the alarm rings at its time. Returns how often it rang. */
  async pass(milliseconds: number): Promise<number> {
    await settled();
    const end = this.now + milliseconds;
    let rings = 0;
    while (this.#alarmAt !== null && this.#alarmAt <= end) {
      this.now = Math.max(this.now, this.#alarmAt);
      this.#alarmAt = null;
      this.#alarm.fired();
      this.shard.clean();
      rings += 1;
    }
    this.now = end;
    return rings;
  }

  #start(): [Shard, ObjectAlarm] {
    const alarm = new ObjectAlarm({
      getAlarm: async () => this.#alarmAt,
      setAlarm: async (time) => {
        this.#alarmAt = time;
        this.alarms.push(time);
      },
    });
    return [new Shard({ sql: this.sql, clock: { now: () => this.now }, alarm }), alarm];
  }
}

/** What the object left to promises is done. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

import type { DurableObjectStorage } from "../runtime.ts";
import type { Alarm, Sql, SqlRow, SqlValue } from "./sql.ts";

/** The SQLite database of a Durable Object. */
export class DurableSql implements Sql {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  run(statement: string, ...values: readonly SqlValue[]): readonly SqlRow[] {
    return this.#storage.sql.exec(statement, ...values).toArray();
  }

  transaction<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }
}

/** The one alarm of a Durable Object, set only where it would ring too late: each setting is billed as a row. */
export class ObjectAlarm implements Alarm {
  readonly #storage: DurableObjectStorage;
  /** Milliseconds since the epoch; `undefined`: not known since the object started. */
  #setTo: number | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  wakeAt(time: number): void {
    if (this.#setTo === undefined) {
      this.#setTo = time;
      void this.#keepEarlier();
      return;
    }
    if (this.#setTo !== undefined && this.#setTo <= time && this.#setTo > Date.now()) return;
    this.#setTo = time;
    void this.#storage.setAlarm(time);
  }
  /** The object may have set one before it was restarted: a later one must not take its place. */
  async #keepEarlier(): Promise<void> {
    const before = await this.#storage.getAlarm();
    if (before !== null && before > Date.now() && before <= (this.#setTo ?? before)) this.#setTo = before;
    else if (this.#setTo !== undefined) await this.#storage.setAlarm(this.#setTo);
  }
}

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

  write(statement: string, ...values: readonly SqlValue[]): boolean {
    return this.#storage.sql.exec(statement, ...values).rowsWritten > 0;
  }

  transaction<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }
}

type AlarmStorage = Pick<DurableObjectStorage, "getAlarm" | "setAlarm">;

/** The one alarm of a Durable Object, set only where it would ring too late: each setting is billed as a row. */
export class ObjectAlarm implements Alarm {
  readonly #storage: AlarmStorage;
  /** Milliseconds since the epoch, `Infinity`: none; `undefined`: not known since the object started. */
  #setTo: number | undefined;

  constructor(storage: AlarmStorage) {
    this.#storage = storage;
  }

  wakeAt(time: number): void {
    // One that is overdue has not rung yet, and will.
    if (this.#setTo !== undefined && this.#setTo <= time) return;
    const isKnown = this.#setTo !== undefined;
    this.#setTo = time;
    void (isKnown ? this.#storage.setAlarm(time) : this.#setUnlessEarlier(time));
  }

  /** To be called when the alarm has fired: from now on none is set. */
  fired(): void {
    this.#setTo = Infinity;
  }

  /** The object may have set one before it was restarted: a later one must not take its place. */
  async #setUnlessEarlier(time: number): Promise<void> {
    const before = (await this.#storage.getAlarm()) ?? Infinity;
    const first = Math.min(time, this.#setTo ?? Infinity);
    this.#setTo = Math.min(before, first);
    if (first < before) await this.#storage.setAlarm(first);
  }
}

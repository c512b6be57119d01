import type { Clock } from "../../core/clock.ts";
import { liesAhead } from "../rules.ts";
import type { Expiry, Operation } from "../store.ts";
import { answerTo } from "./atomic.ts";
import { OperationTable } from "./operation-table.ts";
import type {
  AtomicRequest,
  AtomicResult,
  Outcome,
  ShardListOptions,
  ShardPage,
  ShardValues,
  Stored,
  Write,
} from "./protocol.ts";
import { RecentOperations, REMEMBERED_MS } from "./recent-operations.ts";
import { type NewRow, ShardTable, type StoredRow } from "./shard-table.ts";
import type { Alarm, Sql } from "./sql.ts";

/** Rows that one cleaning removes at most: it must not keep callers waiting. */
const CLEANED_AT_ONCE = 500;
/** The least time between two cleanings: what has ended is not shown anyway. */
const CLEANING_INTERVAL_MS = 60_000;

export interface ShardOptions {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly alarm: Alarm;
}

/**
 * A part of the keys of a strong namespace: every call is one transaction, in the order in which calls arrive. An entry
 * ends at its very millisecond. Its row stays until the operations that it remembers are forgotten: without it a
 * repeated write would bring the entry back. Then the alarm removes it.
 */
export class Shard {
  readonly #sql: Sql;
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #table: ShardTable;
  readonly #operations: OperationTable;

  constructor({ sql, clock, alarm }: ShardOptions) {
    this.#sql = sql;
    this.#clock = clock;
    this.#alarm = alarm;
    this.#table = new ShardTable(sql);
    this.#operations = new OperationTable(sql);
  }

  get(key: string): Stored | undefined {
    const entry = this.#table.entry(key);
    if (entry === undefined || !this.#lives(entry)) return undefined;
    const { value, metadata, expiresAt, version } = entry;
    return { value, metadata, expiresAt, version };
  }

  metadata(key: string): Pick<Stored, "metadata"> | undefined {
    const row = this.#table.row(key);
    return row === undefined || !this.#lives(row) ? undefined : { metadata: row.metadata };
  }

  getMany(keys: readonly string[], maxBytes: number): ShardValues {
    const now = this.#clock.now();
    const bytes = keys.reduce((sum, key) => sum + this.#table.valueBytes(key, now), 0);
    if (bytes > maxBytes) return { bytes, entries: undefined };
    const entries = keys.flatMap((key) => {
      const stored = this.get(key);
      return stored === undefined ? [] : [[key, stored] as const];
    });
    return { bytes, entries };
  }

  put(write: Write, operation: Operation): Outcome {
    return this.#put(write, operation);
  }

  putMany(writes: readonly Write[], operation: Operation): Outcome {
    // Of two with one key the last counts: in a repetition the first would seem to be that one, done before.
    const last = [...new Map(writes.map((write) => [write.key, write])).values()];
    return this.#sql.transaction(() => worst(last.map((write) => this.#put(write, operation))));
  }

  delete(key: string, operation: Operation): Outcome {
    return this.#delete(key, operation);
  }

  deleteMany(keys: readonly string[], operation: Operation): Outcome {
    return this.#sql.transaction(() => worst(keys.map((key) => this.#delete(key, operation))));
  }

  list({ prefix, after, limit }: ShardListOptions): ShardPage {
    const entries = this.#table.list({ prefix, after, limit: limit + 1, now: this.#clock.now() });
    return { entries: entries.slice(0, limit), isComplete: entries.length <= limit };
  }

  /**
   * A call with an operation that is remembered gets the first answer, and changes nothing: also where the end that it
   * asks for has passed by now.
   */
  atomic(request: AtomicRequest, operationId: string): AtomicResult {
    return this.#sql.transaction(() => {
      const known = this.#operations.find(operationId, request);
      if (known !== undefined) return known;
      const now = this.#clock.now();
      if ("expiry" in request && !liesAhead(request.expiry, now)) return { failure: "bad-end" };
      const current = this.#table.entry(request.key);
      const living = current !== undefined && this.#lives(current) ? current : undefined;
      const { result, change } = answerTo(request, living, (expiry) => endOf(expiry, now));
      if (change !== undefined) {
        const operation = { id: change.version, isRepeat: false };
        if (change.kind === "write") this.#write(request.key, change, operation, current);
        else if (change.kind === "delete") this.#writeTombstone(request.key, operation, current);
        else this.#extend(request.key, change, operation, current);
      }
      if ("answer" in result) this.#wakeAt(this.#operations.add(operationId, request, result, now));
      return result;
    });
  }

  /** Removes what has ended. */
  clean(): void {
    const now = this.#clock.now();
    const removed =
      this.#table.removeEnded(now - REMEMBERED_MS, CLEANED_AT_ONCE) +
      this.#operations.removeEnded(now, CLEANED_AT_ONCE);
    if (removed >= CLEANED_AT_ONCE) {
      this.#alarm.wakeAt(now + 1000);
      return;
    }
    const nextRow = (this.#table.nextEnd() ?? Infinity) + REMEMBERED_MS;
    const next = Math.min(nextRow, this.#operations.nextEnd() ?? Infinity);
    if (next !== Infinity) this.#wakeAt(next);
  }

  #put({ key, value, metadata, expiry }: Write, operation: Operation): Outcome {
    const written = { value, metadata, expiresAt: endOf(expiry, this.#clock.now()) };
    if (!operation.isRepeat && this.#writeOver(key, written, operation)) return "done";
    const current = this.#table.row(key);
    const outcome = this.#repeated(operation, current);
    if (outcome !== undefined) return outcome;
    this.#write(key, written, operation, current);
    return "done";
  }

  #delete(key: string, operation: Operation): Outcome {
    const current = this.#table.row(key);
    const outcome = this.#repeated(operation, current);
    if (outcome !== undefined) return outcome;
    // Nothing was there and nothing is: a repetition of this could not be told from the first, and need not.
    if (current === undefined) return "done";
    this.#writeTombstone(key, operation, current);
    return "done";
  }

  #repeated({ id, isRepeat }: Operation, current: StoredRow | undefined): Outcome | undefined {
    if (!isRepeat) return undefined;
    const memory = RecentOperations.parse(current?.recent).recall(id, this.#clock.now());
    return memory === "not-done" ? undefined : memory;
  }

  #writeOver(key: string, written: Pick<NewRow, "value" | "metadata" | "expiresAt">, { id }: Operation): boolean {
    const recent = this.#recentWith(id, undefined);
    if (!this.#table.writeOver(key, { isDeleted: false, ...written, version: id, recent })) return false;
    this.#wakeAfter(written.expiresAt);
    return true;
  }

  #write(
    key: string,
    written: Pick<NewRow, "value" | "metadata" | "expiresAt">,
    { id }: Operation,
    current: StoredRow | undefined,
  ): void {
    const { value, metadata, expiresAt } = written;
    const recent = this.#recentWith(id, current);
    this.#table.write(key, { isDeleted: false, value, metadata, expiresAt, version: id, recent }, current);
    this.#wakeAfter(expiresAt);
  }

  #extend(key: string, { expiresAt }: Pick<NewRow, "expiresAt">, { id }: Operation, current: StoredRow | undefined) {
    this.#table.change(key, { expiresAt, version: id, recent: this.#recentWith(id, current) });
    this.#wakeAfter(expiresAt);
  }

  /** Leaves the memory of the last operations for a while, so that a repeated write does not bring the entry back. */
  #writeTombstone(key: string, { id }: Operation, current: StoredRow | undefined): void {
    const expiresAt = this.#clock.now();
    const recent = this.#recentWith(id, current);
    const nothing = { value: new Uint8Array(), metadata: undefined };
    this.#table.write(key, { isDeleted: true, ...nothing, expiresAt, version: id, recent }, current);
    this.#wakeAfter(expiresAt);
  }

  #recentWith(id: string, current: StoredRow | undefined): string {
    return RecentOperations.parse(current?.recent).with(id, this.#clock.now()).toString();
  }

  #lives({ isDeleted, expiresAt }: StoredRow): boolean {
    return !isDeleted && (expiresAt === undefined || this.#clock.now() < expiresAt);
  }

  #wakeAfter(end: number | undefined): void {
    if (end !== undefined) this.#wakeAt(end + REMEMBERED_MS);
  }

  #wakeAt(time: number): void {
    this.#alarm.wakeAt(Math.max(time, this.#clock.now() + CLEANING_INTERVAL_MS));
  }
}

/** Milliseconds since the epoch. A lifetime counts from `now` to the millisecond. */
function endOf(expiry: Expiry | undefined, now: number): number | undefined {
  if (expiry === undefined) return undefined;
  return "ttlSeconds" in expiry ? now + expiry.ttlSeconds * 1000 : expiry.atSeconds * 1000;
}

function worst(outcomes: readonly Outcome[]): Outcome {
  return outcomes.includes("unknown") ? "unknown" : "done";
}

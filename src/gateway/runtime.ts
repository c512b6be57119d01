import type { SqlRow, SqlValue } from "./strong/sql.ts";

/** The part of the Workers runtime that the gateway uses: https://developers.cloudflare.com/workers/runtime-apis/ */

export interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void;
}

/** https://developers.cloudflare.com/durable-objects/api/namespace/ */
export interface DurableObjectBinding<Api> {
  idFromName(name: string): object;
  get(id: object, options?: { readonly locationHint?: string }): Api;
}

export interface DurableObjectState {
  readonly storage: DurableObjectStorage;
}

export interface SqlCursor {
  /** So far, with those of indexes. */
  readonly rowsWritten: number;
  toArray(): SqlRow[];
}

/** https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/ */
export interface DurableObjectStorage {
  readonly sql: { exec(statement: string, ...values: readonly SqlValue[]): SqlCursor };
  transactionSync<T>(work: () => T): T;
  getAlarm(): Promise<number | null>;
  /** Milliseconds since the epoch. */
  setAlarm(time: number): Promise<void>;
}

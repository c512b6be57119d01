export type SqlValue = string | number | null | Uint8Array | ArrayBuffer;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** SQLite as a Durable Object has it: https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/ */
export interface Sql {
  /** Runs one statement and returns its rows; bytes come back as `ArrayBuffer` or `Uint8Array`. */
  run(statement: string, ...values: readonly SqlValue[]): readonly SqlRow[];
  /** Runs one statement that returns no rows; whether it wrote any. */
  write(statement: string, ...values: readonly SqlValue[]): boolean;
  /** All of `work` or nothing of it. */
  transaction<T>(work: () => T): T;
}

/** Wakes the object that holds the data at a time, in milliseconds since the epoch. */
export interface Alarm {
  wakeAt(time: number): void;
}

export function bytesOf(value: SqlValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new Error("a column of bytes holds something else");
}

/** A column of text that may be empty: `null` is `undefined`. */
export function textOf(row: SqlRow, column: string): string | undefined {
  const value = row[column];
  return typeof value === "string" ? value : undefined;
}

/** A column of numbers that may be empty: `null` is `undefined`. */
export function numberOf(row: SqlRow, column: string): number | undefined {
  const value = row[column];
  return typeof value === "number" ? value : undefined;
}

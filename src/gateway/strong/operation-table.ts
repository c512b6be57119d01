import type { AtomicRequest, AtomicResult } from "./protocol.ts";
import { numberOf, type Sql, textOf } from "./sql.ts";

/** How long the answer to an atomic operation is remembered. */
export const ANSWER_REMEMBERED_MS = 10 * 60_000;

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS operations (
    id TEXT PRIMARY KEY, request TEXT NOT NULL, result TEXT NOT NULL, ends_at INTEGER NOT NULL) WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS operations_by_end ON operations (ends_at)",
];

/**
 * The answers to the atomic operations of the last minutes, by the id that the caller gave and the key. Keys are spread
 * over objects that know nothing of each other: of an id alone no object could say whether it was used.
 */
export class OperationTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    for (const statement of SCHEMA) sql.run(statement);
  }

  /** The first answer; a failure where the id was used for another request. */
  find(id: string, request: AtomicRequest): AtomicResult | undefined {
    const [row] = this.#sql.run("SELECT request, result FROM operations WHERE id = ?", rowId(id, request));
    if (row === undefined) return undefined;
    if (row["request"] !== outline(request)) return { failure: "other-request" };
    return parsed(textOf(row, "result") ?? "");
  }

  /** Returns when it is forgotten, in milliseconds since the epoch. */
  add(id: string, request: AtomicRequest, result: AtomicResult, now: number): number {
    const end = now + ANSWER_REMEMBERED_MS;
    this.#sql.run(
      "INSERT INTO operations (id, request, result, ends_at) VALUES (?, ?, ?, ?)",
      rowId(id, request),
      outline(request),
      JSON.stringify(result),
      end,
    );
    return end;
  }

  removeEnded(now: number, limit: number): number {
    const rows = this.#sql.run("SELECT id FROM operations WHERE ends_at <= ? ORDER BY ends_at LIMIT ?", now, limit);
    for (const row of rows) this.#sql.run("DELETE FROM operations WHERE id = ?", row["id"] ?? "");
    return rows.length;
  }

  nextEnd(): number | undefined {
    const [row] = this.#sql.run("SELECT min(ends_at) AS next FROM operations");
    return row && numberOf(row, "next");
  }
}

/** An id has no space. */
function rowId(id: string, { key }: AtomicRequest): string {
  return `${id} ${key}`;
}

function parsed(result: string): AtomicResult {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written above, with this type
  return JSON.parse(result) as AtomicResult;
}

/** What makes two requests the same. Of a value, which may be large, its length and a fingerprint. */
function outline(request: AtomicRequest): string {
  const entries = Object.entries(request).map(([name, field]: [string, unknown]) => [
    name,
    field instanceof Uint8Array ? [field.byteLength, fingerprint(field)] : field,
  ]);
  return JSON.stringify(Object.fromEntries(entries.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))));
}

/** FNV-1a. It tells a caller's mistake, not an attack: who may use an operation id may write the value anyway. */
function fingerprint(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  // By index: an iterator takes ten times as long, and a value may have 25 MiB.
  for (let index = 0; index < bytes.length; index += 1) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash >>> 0;
}

import type { AtomicRequest, AtomicResult } from "./protocol.ts";
import { numberOf, type Sql, textOf } from "./sql.ts";

/** How long the answer to an atomic operation is remembered. */
export const ANSWER_REMEMBERED_MS = 10 * 60_000;

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS operations (
    id TEXT PRIMARY KEY, request TEXT NOT NULL, result TEXT NOT NULL, ends_at INTEGER NOT NULL) WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS operations_by_end ON operations (ends_at)",
];

/** The answers to the atomic operations of the last minutes, by the id that the caller gave. */
export class OperationTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    for (const statement of SCHEMA) sql.run(statement);
  }

  /** The first answer; a failure where the id was used for another request. */
  find(id: string, request: AtomicRequest): AtomicResult | undefined {
    const [row] = this.#sql.run("SELECT request, result FROM operations WHERE id = ?", id);
    if (row === undefined) return undefined;
    if (row["request"] !== outline(request)) return { failure: "other-request" };
    return parsed(textOf(row, "result") ?? "");
  }

  /** Returns when it is forgotten, in milliseconds since the epoch. */
  add(id: string, request: AtomicRequest, result: AtomicResult, now: number): number {
    const end = now + ANSWER_REMEMBERED_MS;
    this.#sql.run(
      "INSERT INTO operations (id, request, result, ends_at) VALUES (?, ?, ?, ?)",
      id,
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

function parsed(result: string): AtomicResult {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written above, with this type
  return JSON.parse(result) as AtomicResult;
}

/** What makes two requests the same. The value itself is left out: it may be large. */
function outline(request: AtomicRequest): string {
  const { kind, key } = request;
  const value = "value" in request ? request.value.byteLength : undefined;
  const by = request.kind === "increment" ? request.by : undefined;
  const version = request.kind === "put-if-unchanged" ? request.version : undefined;
  return JSON.stringify({ kind, key, value, by, version });
}

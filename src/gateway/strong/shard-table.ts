import { concat } from "../bytes.ts";
import { MAX_RECENT_CHARACTERS } from "./recent-operations.ts";
import { bytesOf, numberOf, type Sql, type SqlRow, textOf } from "./sql.ts";

/** A row takes up to 2 MB: https://developers.cloudflare.com/durable-objects/platform/limits/ */
const MAX_PART_BYTES = 1024 * 1024;

/** A row of the table: an entry, or the memory of one that was deleted. */
export interface StoredRow {
  readonly isDeleted: boolean;
  readonly metadata: string | undefined;
  /** Milliseconds since the epoch; of a deleted one: when it was deleted. */
  readonly expiresAt: number | undefined;
  readonly version: string;
  /** See `RecentOperations`. */
  readonly recent: string;
  readonly parts: number;
}

export interface NewRow extends Omit<StoredRow, "parts"> {
  readonly value: Uint8Array;
}

const SCHEMA = [
  // Keys as bytes: SQLite compares those in the order of the dialect's lists.
  `CREATE TABLE IF NOT EXISTS entries (
    key BLOB PRIMARY KEY, deleted INTEGER NOT NULL, value BLOB, parts INTEGER NOT NULL, metadata TEXT,
    expires_at INTEGER, version TEXT NOT NULL, recent TEXT NOT NULL) WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS entries_by_end ON entries (expires_at) WHERE expires_at IS NOT NULL",
  "CREATE TABLE IF NOT EXISTS parts (key BLOB, part INTEGER, data BLOB, PRIMARY KEY (key, part)) WITHOUT ROWID",
];

const encoder = new TextEncoder();
/** A key may begin with a mark of the byte order: without it, it would be another key. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The entries of one shard in SQLite. A value that is too large for a row is in several, written together with it. */
export class ShardTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    for (const statement of SCHEMA) sql.run(statement);
  }

  /** The row without its value. */
  row(key: string): StoredRow | undefined {
    const [row] = this.#sql.run(
      "SELECT deleted, parts, metadata, expires_at, version, recent FROM entries WHERE key = ?",
      encoder.encode(key),
    );
    return row && storedRow(row);
  }

  /** The row with its value. */
  entry(key: string): (StoredRow & { readonly value: Uint8Array }) | undefined {
    const bytes = encoder.encode(key);
    const [row] = this.#sql.run(
      "SELECT deleted, parts, metadata, expires_at, version, recent, value FROM entries WHERE key = ?",
      bytes,
    );
    if (row === undefined) return undefined;
    const stored = storedRow(row);
    return { ...stored, value: stored.parts === 0 ? valueOf(row) : this.#joined(bytes) };
  }

  /** How long the value of an entry that lives at `now` is, without loading it; 0 where there is none. */
  valueBytes(key: string, now: number): number {
    const [row] = this.#sql.run(
      `SELECT CASE parts WHEN 0 THEN length(value)
         ELSE (SELECT sum(length(data)) FROM parts WHERE parts.key = entries.key) END AS bytes
       FROM entries WHERE key = ? AND deleted = 0 AND (expires_at IS NULL OR expires_at > ?)`,
      encoder.encode(key),
      now,
    );
    return (row && numberOf(row, "bytes")) ?? 0;
  }

  /** All of it or nothing, also without a transaction of the caller. */
  write(key: string, row: NewRow, before: StoredRow | undefined): void {
    const bytes = encoder.encode(key);
    const parts = row.value.byteLength > MAX_PART_BYTES ? Math.ceil(row.value.byteLength / MAX_PART_BYTES) : 0;
    if (parts === 0 && (before === undefined || before.parts === 0)) this.#writeRow(bytes, row, parts);
    else this.#sql.transaction(() => this.#writeParts(bytes, row, parts, before));
  }

  /**
   * Writes an entry of one row over whatever of one row is there, in one statement: nearly every write is such a one.
   * `recent` of the new row comes before what the old one remembers. `false`: nothing was done, more than one row is
   * concerned.
   */
  writeOver(key: string, row: NewRow): boolean {
    if (row.value.byteLength > MAX_PART_BYTES) return false;
    return this.#sql.write(
      `INSERT INTO entries (key, deleted, value, parts, metadata, expires_at, version, recent)
       VALUES (?, 0, ?, 0, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET deleted = 0, value = excluded.value, metadata = excluded.metadata,
         expires_at = excluded.expires_at, version = excluded.version,
         recent = substr(excluded.recent || ' ' || entries.recent, 1, ${MAX_RECENT_CHARACTERS})
       WHERE entries.parts = 0`,
      encoder.encode(key),
      row.value,
      row.metadata ?? null,
      row.expiresAt ?? null,
      row.version,
      row.recent,
    );
  }

  #writeParts(bytes: Uint8Array, row: NewRow, parts: number, before: StoredRow | undefined): void {
    if (before !== undefined && before.parts > 0) this.#sql.run("DELETE FROM parts WHERE key = ?", bytes);
    for (let part = 0; part < parts; part += 1) {
      const data = row.value.subarray(part * MAX_PART_BYTES, (part + 1) * MAX_PART_BYTES);
      this.#sql.run("INSERT INTO parts (key, part, data) VALUES (?, ?, ?)", bytes, part, data);
    }
    this.#writeRow(bytes, row, parts);
  }

  #writeRow(bytes: Uint8Array, row: NewRow, parts: number): void {
    this.#sql.run(
      `INSERT OR REPLACE INTO entries (key, deleted, value, parts, metadata, expires_at, version, recent)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      bytes,
      row.isDeleted ? 1 : 0,
      parts > 0 || row.isDeleted ? null : row.value,
      parts,
      row.metadata ?? null,
      row.expiresAt ?? null,
      row.version,
      row.recent,
    );
  }

  /** Changes everything but the value. In a transaction of the caller. */
  change(key: string, { expiresAt, version, recent }: Pick<StoredRow, "expiresAt" | "version" | "recent">): void {
    this.#sql.run(
      "UPDATE entries SET expires_at = ?, version = ?, recent = ? WHERE key = ?",
      expiresAt ?? null,
      version,
      recent,
      encoder.encode(key),
    );
  }

  /** Entries in order of their keys' bytes, that live at `now`. */
  list(options: { prefix: string; after: string | undefined; limit: number; now: number }): {
    key: string;
    metadata: string | undefined;
    expiresAt: number | undefined;
  }[] {
    const prefix = encoder.encode(options.prefix);
    const behind = behindAll(prefix);
    const after = options.after === undefined ? undefined : encoder.encode(options.after);
    const rows = this.#sql.run(
      `SELECT key, metadata, expires_at FROM entries
       WHERE key >= ? ${after === undefined ? "" : "AND key > ?"} ${behind === undefined ? "" : "AND key < ?"}
       AND deleted = 0 AND (expires_at IS NULL OR expires_at > ?) ORDER BY key LIMIT ?`,
      prefix,
      ...(after === undefined ? [] : [after]),
      ...(behind === undefined ? [] : [behind]),
      options.now,
      options.limit,
    );
    return rows.map((row) => ({
      key: decoder.decode(bytesOf(row["key"])),
      metadata: textOf(row, "metadata"),
      expiresAt: numberOf(row, "expires_at"),
    }));
  }

  /** Removes up to `limit` rows that ended by `now`, and returns how many there were. */
  removeEnded(now: number, limit: number): number {
    return this.#sql.transaction(() => {
      const rows = this.#sql.run(
        "SELECT key, parts FROM entries WHERE expires_at <= ? ORDER BY expires_at LIMIT ?",
        now,
        limit,
      );
      for (const row of rows) {
        const key = bytesOf(row["key"]);
        if (row["parts"] !== 0) this.#sql.run("DELETE FROM parts WHERE key = ?", key);
        this.#sql.run("DELETE FROM entries WHERE key = ?", key);
      }
      return rows.length;
    });
  }

  /** When the next row ends, in milliseconds since the epoch. */
  nextEnd(): number | undefined {
    const [row] = this.#sql.run("SELECT min(expires_at) AS next FROM entries WHERE expires_at IS NOT NULL");
    return row && numberOf(row, "next");
  }

  #joined(key: Uint8Array): Uint8Array {
    const rows = this.#sql.run("SELECT data FROM parts WHERE key = ? ORDER BY part", key);
    const parts = rows.map((row) => bytesOf(row["data"]));
    return concat(
      parts,
      parts.reduce((sum, { byteLength }) => sum + byteLength, 0),
    );
  }
}

/** The first bytes behind everything that begins with `prefix`; `undefined`: nothing is. */
function behindAll(prefix: Uint8Array): Uint8Array | undefined {
  const last = prefix.findLastIndex((byte) => byte < 0xff);
  if (last === -1) return undefined;
  const behind = prefix.slice(0, last + 1);
  behind[last] = (behind[last] ?? 0) + 1;
  return behind;
}

function storedRow(row: SqlRow): StoredRow {
  return {
    isDeleted: row["deleted"] !== 0,
    parts: numberOf(row, "parts") ?? 0,
    metadata: textOf(row, "metadata"),
    expiresAt: numberOf(row, "expires_at"),
    version: textOf(row, "version") ?? "",
    recent: textOf(row, "recent") ?? "",
  };
}

function valueOf(row: SqlRow): Uint8Array {
  return row["value"] === null ? new Uint8Array() : bytesOf(row["value"]);
}

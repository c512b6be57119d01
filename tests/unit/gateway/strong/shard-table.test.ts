import { beforeEach, describe, expect, it } from "vitest";

import { MAX_RECENT_CHARACTERS, RecentOperations } from "../../../../src/gateway/strong/recent-operations.ts";
import { type NewRow, ShardTable } from "../../../../src/gateway/strong/shard-table.ts";
import type { SqlRow, SqlValue } from "../../../../src/gateway/strong/sql.ts";
import { NodeSql } from "../../../support/node-sql.ts";

const MEBIBYTE = 1024 * 1024;
const NOW = Date.parse("2026-11-23T00:00:00.000Z");
const KEYS = ["a", "a\u0000", "a\u0000b", "b", "\u0000", "\u007f", "\u0080", "\uffff", "\u{10000}", "\u{10ffff}", "ab"];

let sql: NodeSql;
let table: ShardTable;

beforeEach(() => {
  sql = new NodeSql();
  table = new ShardTable(sql);
});

function rowOf(value: Uint8Array, rest: Partial<NewRow> = {}): NewRow {
  const plain = { isDeleted: false, metadata: undefined, expiresAt: undefined };
  return { ...plain, version: "0".repeat(16), recent: "0000000000000000@mi8ddc00", ...rest, value };
}

function write(key: string, value: Uint8Array, rest: Partial<NewRow> = {}): void {
  table.write(key, rowOf(value, rest), table.row(key));
}

function listed(options: { prefix?: string; after?: string; limit?: number; now?: number } = {}): string[] {
  const { prefix = "", after, limit = 100, now = NOW } = options;
  return table.list({ prefix, after, limit, now }).map(({ key }) => key);
}

function partsOf(key: string): number[] {
  const rows = sql.run("SELECT length(data) AS bytes FROM parts WHERE key = ? ORDER BY part", Buffer.from(key));
  return rows.map(({ bytes }) => Number(bytes));
}

/** Every byte differs from that of another part. */
function filled(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => index % 251);
}

describe("an entry", () => {
  it("is read as it was written", () => {
    const row = rowOf(filled(300), { metadata: '{"a":"ü"}', expiresAt: NOW, version: "abcdef0123456789" });
    table.write("key", row, undefined);
    expect(table.entry("key")).toEqual({ ...row, parts: 0 });
    const { value: _, ...withoutValue } = row;
    expect(table.row("key")).toEqual({ ...withoutValue, parts: 0 });
    expect(table.entry("other")).toBeUndefined();
    expect(table.row("other")).toBeUndefined();
  });

  it("may be empty", () => {
    write("key", new Uint8Array());
    expect(table.entry("key")?.value).toEqual(new Uint8Array());
  });

  it.each([
    [MEBIBYTE - 1, []],
    [MEBIBYTE, []],
    [MEBIBYTE + 1, [MEBIBYTE, 1]],
    [2 * MEBIBYTE, [MEBIBYTE, MEBIBYTE]],
    [2 * MEBIBYTE + 1, [MEBIBYTE, MEBIBYTE, 1]],
  ])("of %i bytes has parts of %j", (size, parts) => {
    const value = filled(size);
    write("key", value);
    expect(partsOf("key")).toEqual(parts);
    expect(Buffer.compare(table.entry("key")?.value ?? new Uint8Array(), value)).toBe(0);
  });

  it("leaves no part of what was larger before", () => {
    for (const mebibytes of [3, 2, 0, 4, 1, 2]) {
      write("key", filled(mebibytes * MEBIBYTE));
      expect(partsOf("key")).toHaveLength(mebibytes > 1 ? mebibytes : 0);
      expect(table.entry("key")?.value.byteLength).toBe(mebibytes * MEBIBYTE);
    }
    write("key", new Uint8Array(), { isDeleted: true });
    expect(partsOf("key")).toEqual([]);
  });

  it("is as before where one of its parts cannot be written", () => {
    write("key", filled(3 * MEBIBYTE), { version: "1".repeat(16) });
    class FullSql extends NodeSql {
      override run(statement: string, ...values: readonly SqlValue[]): readonly SqlRow[] {
        if (statement.startsWith("INSERT INTO parts") && values[1] === 1) throw new Error("the disk is full");
        return sql.run(statement, ...values);
      }
      override transaction<T>(work: () => T): T {
        return sql.transaction(work);
      }
    }
    const full = new ShardTable(new FullSql());
    expect(() => {
      full.write("key", rowOf(filled(2 * MEBIBYTE)), full.row("key"));
    }).toThrow("the disk is full");
    expect(table.entry("key")).toMatchObject({ version: "1".repeat(16), parts: 3 });
    expect(table.entry("key")?.value.byteLength).toBe(3 * MEBIBYTE);
  });

  it("keeps its value where only the rest is changed", () => {
    write("key", filled(2 * MEBIBYTE), { metadata: '"m"' });
    table.change("key", { expiresAt: NOW, version: "2".repeat(16), recent: "" });
    const changed = { metadata: '"m"', expiresAt: NOW, version: "2".repeat(16), recent: "", parts: 2 };
    expect(table.entry("key")).toMatchObject(changed);
    expect(table.entry("key")?.value.byteLength).toBe(2 * MEBIBYTE);
  });
});

describe("a write over whatever is there", () => {
  const recentOf = (id: string, at = NOW) => RecentOperations.parse(undefined).with(id.repeat(16), at).toString();

  it("makes an entry, replaces one, and brings a deleted one back", () => {
    for (const isDeleted of [undefined, false, true]) {
      if (isDeleted !== undefined) write("key", new Uint8Array(), { isDeleted, metadata: '"old"', expiresAt: NOW });
      expect(table.writeOver("key", rowOf(filled(10), { version: "3".repeat(16) }))).toBe(true);
      expect(table.entry("key")).toMatchObject({
        isDeleted: false,
        value: filled(10),
        metadata: undefined,
        expiresAt: undefined,
        version: "3".repeat(16),
      });
    }
  });

  it("remembers its operation before those of the entry", () => {
    table.writeOver("key", rowOf(filled(1), { recent: recentOf("a") }));
    table.writeOver("key", rowOf(filled(1), { recent: recentOf("b") }));
    expect(table.row("key")?.recent).toBe(`${recentOf("b")} ${recentOf("a")}`);
  });

  it("forgets whole operations, the oldest first, where there are too many", () => {
    const ids = Array.from({ length: 20 }, (_, index) => String.fromCodePoint(0x61 + index));
    for (const id of ids) table.writeOver("key", rowOf(filled(1), { recent: recentOf(id) }));
    const recent = table.row("key")?.recent ?? "";
    expect(recent).toHaveLength(MAX_RECENT_CHARACTERS);
    expect(recent.split(" ")).toEqual(
      ids
        .slice(-16)
        .toReversed()
        .map((id) => recentOf(id)),
    );
  });

  it("does nothing where more than one row is concerned", () => {
    write("large", filled(2 * MEBIBYTE));
    expect(table.writeOver("large", rowOf(filled(1)))).toBe(false);
    expect(table.entry("large")?.value.byteLength).toBe(2 * MEBIBYTE);
    expect(table.writeOver("new", rowOf(filled(MEBIBYTE + 1)))).toBe(false);
    expect(table.row("new")).toBeUndefined();
  });
});

describe("a list", () => {
  const inOrder = KEYS.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

  beforeEach(() => {
    for (const key of KEYS) write(key, filled(1));
  });

  it("has all keys in the order of their bytes", () => {
    expect(listed()).toEqual(inOrder);
  });

  it("goes on behind any key, also one that is not there", () => {
    for (const [index, key] of inOrder.entries()) expect(listed({ after: key })).toEqual(inOrder.slice(index + 1));
    expect(listed({ after: "aa" })).toEqual(inOrder.slice(inOrder.indexOf("ab")));
  });

  it("has only what begins with the prefix, whatever bytes that ends with", () => {
    for (const prefix of [...KEYS, "c", "\u{10fffe}"]) {
      expect(listed({ prefix })).toEqual(inOrder.filter((key) => key.startsWith(prefix)));
    }
    expect(listed({ prefix: "a", after: "a\u0000" })).toEqual(["a\u0000b", "ab"]);
  });

  it("stops at its limit", () => {
    expect(listed({ limit: 3 })).toEqual(inOrder.slice(0, 3));
  });

  it("has neither what was deleted nor what has ended, and tells metadata and ends", () => {
    write("a", new Uint8Array(), { isDeleted: true, expiresAt: NOW + 1 });
    write("b", filled(1), { expiresAt: NOW, metadata: '"m"' });
    expect(listed()).not.toContain("a");
    expect(listed({ now: NOW })).not.toContain("b");
    const living = table.list({ prefix: "b", after: undefined, limit: 10, now: NOW - 1 });
    expect(living).toEqual([{ key: "b", metadata: '"m"', expiresAt: NOW }]);
  });
});

describe("rows that have ended", () => {
  it("are removed in the order of their ends, up to the limit, with their parts", () => {
    write("second", filled(2 * MEBIBYTE), { expiresAt: NOW + 2 });
    write("first", filled(1), { expiresAt: NOW + 1 });
    write("third", filled(1), { expiresAt: NOW + 3 });
    write("endless", filled(2 * MEBIBYTE));
    expect(table.nextEnd()).toBe(NOW + 1);
    expect(table.removeEnded(NOW, 10)).toBe(0);
    expect(table.removeEnded(NOW + 2, 1)).toBe(1);
    expect(table.row("first")).toBeUndefined();
    expect(table.removeEnded(NOW + 2, 10)).toBe(1);
    expect(partsOf("second")).toEqual([]);
    expect(table.nextEnd()).toBe(NOW + 3);
    expect(table.removeEnded(NOW + 3, 10)).toBe(1);
    expect(table.nextEnd()).toBeUndefined();
    expect(listed()).toEqual(["endless"]);
    expect(partsOf("endless")).toHaveLength(2);
  });
});

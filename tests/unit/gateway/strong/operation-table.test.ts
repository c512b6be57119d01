import { describe, expect, test } from "vitest";

import { ANSWER_REMEMBERED_MS, OperationTable } from "../../../../src/gateway/strong/operation-table.ts";
import type { AtomicRequest, AtomicResult } from "../../../../src/gateway/strong/protocol.ts";
import { NodeSql } from "../../../support/node-sql.ts";

const text = (value: string) => new TextEncoder().encode(value);
const REQUEST: AtomicRequest = {
  kind: "put-if-unchanged",
  key: "lock",
  value: text("me"),
  metadata: undefined,
  expiry: { ttlSeconds: 10 },
  version: "1".repeat(16),
};
const RESULT: AtomicResult = {
  answer: { applied: true, version: "2".repeat(16), expiresAt: undefined, value: undefined, metadata: undefined },
};

describe("the answer to an atomic operation", () => {
  test("is given again for the same request, until it is forgotten", () => {
    const table = new OperationTable(new NodeSql());
    expect(table.find("operation", REQUEST)).toBeUndefined();
    expect(table.add("operation", REQUEST, RESULT, 1000)).toBe(1000 + ANSWER_REMEMBERED_MS);
    expect(table.find("operation", { ...REQUEST })).toMatchObject({
      answer: { applied: true, version: "2".repeat(16) },
    });
    expect(table.nextEnd()).toBe(1000 + ANSWER_REMEMBERED_MS);
    expect(table.removeEnded(999 + ANSWER_REMEMBERED_MS, 10)).toBe(0);
    expect(table.removeEnded(1000 + ANSWER_REMEMBERED_MS, 10)).toBe(1);
    expect(table.find("operation", REQUEST)).toBeUndefined();
  });

  test.each<[string, Partial<Extract<AtomicRequest, { kind: "put-if-unchanged" }>>]>([
    ["value of the same length", { value: text("us") }],
    ["metadata", { metadata: "1" }],
    ["end", { expiry: { ttlSeconds: 11 } }],
    ["version", { version: "3".repeat(16) }],
  ])("is not given for a request with another %s", (_, change) => {
    const table = new OperationTable(new NodeSql());
    table.add("operation", REQUEST, RESULT, 0);
    expect(table.find("operation", { ...REQUEST, ...change })).toEqual({ failure: "other-request" });
  });

  test("is of one key: the same id for another one is not known", () => {
    const table = new OperationTable(new NodeSql());
    table.add("operation", REQUEST, RESULT, 0);
    expect(table.find("operation", { ...REQUEST, key: "other" })).toBeUndefined();
  });

  test("is not given for an operation of another kind", () => {
    const table = new OperationTable(new NodeSql());
    table.add("operation", { kind: "get-and-delete", key: "lock" }, RESULT, 0);
    expect(table.find("operation", { kind: "touch", key: "lock", expiry: undefined })).toEqual({
      failure: "other-request",
    });
  });
});

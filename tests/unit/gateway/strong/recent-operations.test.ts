import { describe, expect, test } from "vitest";

import {
  MAX_RECENT_CHARACTERS,
  RecentOperations,
  REMEMBERED_MS,
} from "../../../../src/gateway/strong/recent-operations.ts";

const id = (number: number) => number.toString(16).padStart(16, "0");
const START = Date.parse("2026-11-23T00:00:00.000Z");

function after(count: number, { everyMs = 1 } = {}): RecentOperations {
  let operations = RecentOperations.parse(undefined);
  for (let index = 0; index < count; index += 1) operations = operations.with(id(index), START + index * everyMs);
  return operations;
}

describe("what an entry remembers of the operations on it", () => {
  test("is whether one was done, as long as there are 16 at most", () => {
    const operations = RecentOperations.parse(after(15).toString());
    expect(operations.recall(id(0), START + 20)).toBe("done");
    expect(operations.recall(id(99), START + 20)).toBe("not-done");
  });

  test("is not enough where others may have pushed it out: then it is not known", () => {
    const operations = after(17);
    expect(operations.recall(id(16), START + 20)).toBe("done");
    expect(operations.recall(id(0), START + 20)).toBe("unknown");
  });

  test("is enough again when the oldest is older than any repetition", () => {
    const operations = after(17);
    expect(operations.recall(id(99), START + 1 + REMEMBERED_MS)).toBe("not-done");
  });

  test("never takes more room than the row allows for", () => {
    expect(after(40).toString().length).toBeLessThanOrEqual(MAX_RECENT_CHARACTERS);
    expect(after(40, { everyMs: REMEMBERED_MS }).toString()).toBe(
      `${id(39)}@${(START + 39 * REMEMBERED_MS).toString(36)}`,
    );
  });
});

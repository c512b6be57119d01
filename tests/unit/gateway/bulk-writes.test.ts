import { describe, expect, it } from "vitest";

import { BulkWrites, RELAYED_ITEMS, type RelayApi } from "../../../src/gateway/bulk-writes.ts";
import { recordingStore } from "./dialect/recording-store.ts";

const ID = "0123456789abcdef";
const names = (count: number) => Array.from({ length: count }, (_, index) => `key-${String(index)}`);

interface Relayed {
  readonly keys: readonly string[];
  readonly isRepeat: boolean;
}

/** Bulk writes with `left` calls, and relays that answer with what fails. */
function open(left: number, failing: (keys: readonly string[], attempt: number) => string[] = () => []) {
  const relayed: Relayed[] = [];
  const pauses: number[] = [];
  let connections = 0;
  const budget = { left };
  const { store, calls } = recordingStore();
  const relay: RelayApi = {
    putThrough: () => Promise.reject(new Error("only deletes here")),
    deleteThrough: async (_namespace, keys, { isRepeat }) => {
      relayed.push({ keys, isRepeat });
      return failing(keys, relayed.length);
    },
  };
  const bulk = new BulkWrites({
    store,
    namespace: "cache",
    budget,
    relay: () => {
      connections += 1;
      return relay;
    },
    newId: () => ID,
    pause: async (ms) => {
      pauses.push(ms);
    },
  });
  return { bulk, budget, calls, relayed, pauses, connections: () => connections };
}

describe("a bulk", () => {
  it("is done in the invocation of its request where that may make the calls", async () => {
    const { bulk, calls, relayed } = open(980);
    expect(await bulk.delete(names(900))).toEqual([]);
    expect([calls.length, relayed.length]).toEqual([1, 0]);
  });

  it("is spread over relays where it may not, each on a connection of its own and with what one may do", async () => {
    const { bulk, budget, calls, relayed, connections } = open(980);
    expect(await bulk.delete(names(10_000))).toEqual([]);
    expect(calls).toEqual([]);
    expect(relayed.flatMap(({ keys }) => keys).toSorted()).toEqual(names(10_000).toSorted());
    expect(Math.max(...relayed.map(({ keys }) => keys.length))).toBe(RELAYED_ITEMS);
    expect([connections(), budget.left]).toEqual([12, 980 - 12]);
  });

  it("tries what fails again after a pause, as the same operation and nothing else", async () => {
    const { bulk, relayed, pauses } = open(0 + 80, (keys, attempt) => (attempt < 3 ? [keys[0] ?? ""] : []));
    expect(await bulk.delete(["a", "b", "c"])).toEqual([]);
    expect(relayed).toEqual([
      { keys: ["a", "b", "c"], isRepeat: false },
      { keys: ["a"], isRepeat: true },
      { keys: ["a"], isRepeat: true },
    ]);
    expect(pauses.every((ms) => ms > 1000)).toBe(true);
  });

  it("names what fails three times, all keys of a relay that does not answer among it", async () => {
    const { bulk, relayed } = open(80, () => {
      throw new Error("restarted");
    });
    expect(await bulk.delete(["a", "b"])).toEqual(["a", "b"]);
    expect(relayed).toHaveLength(3);
  });

  it("asks no relay beyond its calls, and names those keys", async () => {
    const { bulk, relayed } = open(2);
    const failed = await bulk.delete(names(3 * RELAYED_ITEMS));
    expect(relayed).toHaveLength(2);
    expect(failed).toHaveLength(RELAYED_ITEMS);
  });
});

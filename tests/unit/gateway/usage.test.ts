import { describe, expect, test } from "vitest";

import type { LedgerApi, Refusals, Use } from "../../../src/gateway/ledger.ts";
import { LEDGER_GAP_MS, RefusalRecorder, UsageRecorder } from "../../../src/gateway/usage.ts";

const CREDENTIAL = "dev-application-a1";
const INSTANCE = "srv-d0000000000000000001/srv-d0000000000000000001-abcde";

/** A recorder with a ledger that fails as often as it is told to. */
function createRecorder() {
  const recorded: Use[] = [];
  let [now, failures] = [1_000_000, 0];
  const record = async (uses: readonly Use[]) => {
    if (failures > 0) {
      failures -= 1;
      throw new Error("the ledger is away");
    }
    recorded.push(...uses);
  };
  const recorder = new UsageRecorder(() => ({ record }) as unknown as LedgerApi, { now: () => now });
  const later: Promise<unknown>[] = [];
  return {
    recorded,
    later,
    advance: (milliseconds: number) => (now += milliseconds),
    fail: (times: number) => (failures = times),
    note: async (client?: string) =>
      recorder.note(
        CREDENTIAL,
        new Request("https://gateway.example", client === undefined ? {} : { headers: { "kvshift-client": client } }),
        (work) => later.push(work),
      ),
  };
}

describe("the uses of a credential", () => {
  test("are recorded before the answer after a gap, and afterwards within it, now and then", async () => {
    const { note, advance, recorded, later } = createRecorder();
    await note();
    expect({ recorded: recorded.length, later: later.length }).toEqual({ recorded: 1, later: 0 });
    advance(19_999);
    await note();
    expect({ recorded: recorded.length, later: later.length }).toEqual({ recorded: 1, later: 0 });
    advance(1);
    await note();
    await Promise.all(later);
    expect({ recorded: recorded.length, later: later.length }).toEqual({ recorded: 2, later: 1 });
    advance(LEDGER_GAP_MS);
    await note();
    expect({ recorded: recorded.length, later: later.length }).toEqual({ recorded: 3, later: 1 });
  });

  test("that cannot be recorded after a gap are not answered", async () => {
    const { note, fail, recorded } = createRecorder();
    fail(1);
    await expect(note()).rejects.toMatchObject({ status: 503 });
    await note();
    expect(recorded).toHaveLength(1);
  });

  test("that could not be recorded afterwards leave the gap to the next one", async () => {
    const { note, advance, fail, recorded, later } = createRecorder();
    await note();
    advance(LEDGER_GAP_MS - 1);
    fail(1);
    await note();
    await Promise.all(later);
    advance(1);
    fail(1);
    await expect(note()).rejects.toMatchObject({ status: 503 });
    expect(recorded).toHaveLength(1);
  });

  test("count for the instance that names itself, and together where the name is none", async () => {
    const { note, recorded } = createRecorder();
    await note(INSTANCE);
    for (const name of ["", "a name", "srv-x", `${INSTANCE}/more`, `srv-${"d".repeat(41)}/i`]) await note(name);
    expect(recorded.map(({ client }) => client)).toEqual([INSTANCE, "unattributed"]);
  });
});

describe("refusals of a suspended credential", () => {
  const request = new Request("https://gateway.example", { headers: { "kvshift-client": INSTANCE } });

  test("are recorded before they are answered, those of the meantime together after it", async () => {
    const told: Refusals[][] = [];
    const waiting: (() => void)[] = [];
    const refuse = async (refusals: readonly Refusals[]) => {
      told.push([...refusals]);
      await new Promise<void>((resolve) => waiting.push(resolve));
    };
    const recorder = new RefusalRecorder(() => ({ refuse }) as unknown as LedgerApi, { now: () => 7 });
    let answered = 0;
    const note = async () => {
      await recorder.note(CREDENTIAL, request);
      answered += 1;
    };
    const noted = [note()];
    await new Promise(setImmediate);
    noted.push(note(), note(), note());
    await new Promise(setImmediate);
    expect([told.length, answered]).toEqual([1, 0]);
    for (const _ of [1, 2]) {
      waiting.shift()?.();
      await new Promise(setImmediate);
    }
    await Promise.all(noted);
    expect(answered).toBe(4);
    expect(told.flat().reduce((sum, { count }) => sum + count, 0)).toBe(4);
    expect(told.length).toBe(2);
    expect(told.flat()[0]).toMatchObject({ credential: CREDENTIAL, client: INSTANCE, at: 7 });
  });

  test("stay counted where the ledger is away, and are told with the next one", async () => {
    const told: Refusals[] = [];
    let failures = 1;
    const refuse = async (refusals: readonly Refusals[]) => {
      failures -= 1;
      if (failures >= 0) throw new Error("the ledger is away");
      told.push(...refusals);
    };
    const recorder = new RefusalRecorder(() => ({ refuse }) as unknown as LedgerApi, { now: () => 7 });
    await recorder.note(CREDENTIAL, request);
    expect(told).toEqual([]);
    await recorder.note(CREDENTIAL, request);
    expect(told).toMatchObject([{ count: 2 }]);
  });
});

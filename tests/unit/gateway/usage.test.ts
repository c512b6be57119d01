import { describe, expect, test } from "vitest";

import type { LedgerApi, Use } from "../../../src/gateway/ledger.ts";
import { LEDGER_GAP_MS, UsageRecorder } from "../../../src/gateway/usage.ts";

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

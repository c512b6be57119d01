import { describe, expect, test } from "vitest";

import {
  FORGET_AFTER_MS,
  FORGOTTEN,
  LedgerTable,
  MAX_CLIENTS,
  MAX_SEQUENCE_STEP,
  UNATTRIBUTED,
} from "../../../src/gateway/ledger.ts";
import { NodeSql } from "../../support/node-sql.ts";

const use = (credential: string, client: string, at: number) => ({ credential, client, at });
const REPORT = {
  credential: "a1",
  client: "x",
  namespace: "sessions",
  sequence: 2,
  compared: 10,
  different: 1,
  missing: 0,
};

function openLedger() {
  const ledger = new LedgerTable(new NodeSql());
  const usesOf = (credential: string) => ledger.usage().uses.filter((one) => one.credential === credential);
  return { ledger, usesOf };
}

describe("the ledger", () => {
  test("keeps the first and the last use of each credential by each client", () => {
    const { ledger } = openLedger();
    ledger.record([use("a1", "x", 5), use("a1", "y", 6)]);
    // Isolates report in any order.
    ledger.record([use("a1", "x", 9), use("a1", "x", 7)]);
    expect(ledger.usage().uses).toEqual([
      { credential: "a1", client: "x", firstAt: 5, lastAt: 9 },
      { credential: "a1", client: "y", firstAt: 6, lastAt: 6 },
    ]);
  });

  test("sums refusals of each client, apart from uses", () => {
    const { ledger } = openLedger();
    ledger.record([use("a1", "x", 5)]);
    ledger.refuse([{ ...use("a1", "x", 7), count: 2 }]);
    ledger.refuse([{ ...use("a1", "x", 9), count: 3 }]);
    expect(ledger.usage()).toEqual({
      uses: [{ credential: "a1", client: "x", firstAt: 5, lastAt: 5 }],
      refusals: [{ credential: "a1", client: "x", firstAt: 7, lastAt: 9, count: 5 }],
    });
  });

  test("tells a bounded number of clients apart: the one that was not seen for longest makes room, and leaves its times", () => {
    const { ledger, usesOf } = openLedger();
    ledger.record(Array.from({ length: MAX_CLIENTS }, (_, index) => use("a1", `c-${String(index)}`, 10 + index)));
    ledger.record([use("a1", "new", 5_000)]);
    const clients = usesOf("a1").map(({ client }) => client);
    expect(clients).toHaveLength(MAX_CLIENTS + 1);
    expect(clients).not.toContain("c-0");
    expect(clients).toContain("new");
    expect(usesOf("a1").find(({ client }) => client === FORGOTTEN)).toMatchObject({ firstAt: 10, lastAt: 10 });
  });

  test("never lets made-up names make a credential look quiet, nor those of one credential touch another one", () => {
    const { ledger, usesOf } = openLedger();
    ledger.record([use("a1", "srv/real", 900), use("a1", UNATTRIBUTED, 901), use("b1", "srv/real", 902)]);
    for (let at = 1_000; at < 1_000 + 3 * MAX_CLIENTS; at += 1) ledger.record([use("a1", `made-up-${String(at)}`, at)]);
    expect(Math.max(...usesOf("a1").map(({ lastAt }) => lastAt))).toBe(999 + 3 * MAX_CLIENTS);
    expect(usesOf("a1").find(({ client }) => client === UNATTRIBUTED)).toMatchObject({ lastAt: 901 });
    // What made room counts on, also the real one.
    expect(usesOf("a1").find(({ client }) => client === FORGOTTEN)?.firstAt).toBe(900);
    expect(usesOf("a1").length).toBeLessThanOrEqual(MAX_CLIENTS + 1);
    expect(usesOf("b1")).toEqual([{ credential: "b1", client: "srv/real", firstAt: 902, lastAt: 902 }]);
  });

  test("forgets clients that were not seen for thirty days as soon as another one comes", () => {
    const { ledger, usesOf } = openLedger();
    ledger.record([use("a1", "old", 1), use("z9", "of a credential that is gone", 1), use("a1", "kept", 2)]);
    ledger.record([use("a1", "new", FORGET_AFTER_MS + 2)]);
    expect(usesOf("a1").map(({ client }) => client)).toEqual(["kept", "new"]);
    expect(usesOf("z9")).toEqual([]);
  });

  test("bounds the clients of refusals in the same way, and loses no count", () => {
    const { ledger } = openLedger();
    const names = Array.from({ length: 2 * MAX_CLIENTS }, (_, index) => `c-${String(index)}`);
    for (const [index, client] of names.entries()) ledger.refuse([{ ...use("a1", client, index), count: 1 }]);
    const { refusals } = ledger.usage();
    expect(refusals.length).toBe(MAX_CLIENTS + 1);
    expect(refusals.reduce((sum, { count }) => sum + count, 0)).toBe(2 * MAX_CLIENTS);
  });
});

describe("reports of parity", () => {
  test("replace earlier ones of the same client; one that is repeated counts once, one that is behind is told so", () => {
    const { ledger } = openLedger();
    expect(ledger.addParity(REPORT, 1)).toBe("taken");
    expect(ledger.addParity({ ...REPORT, sequence: 1, compared: 5 }, 2)).toBe("behind");
    expect(ledger.addParity({ ...REPORT, compared: 99 }, 3)).toBe("repeated");
    expect(ledger.parity()).toEqual([REPORT]);
    expect(ledger.addParity({ ...REPORT, sequence: 3, compared: 20 }, 4)).toBe("taken");
    expect(ledger.parity()).toEqual([{ ...REPORT, sequence: 3, compared: 20 }]);
  });

  test("belong to the credential that sent them: the holder of another one changes nothing", () => {
    const { ledger } = openLedger();
    ledger.addParity(REPORT, 1);
    expect(ledger.addParity({ ...REPORT, credential: "b1", sequence: 9, compared: 0 }, 2)).toBe("taken");
    expect(ledger.parity().find(({ credential }) => credential === "a1")).toEqual(REPORT);
  });

  test("cannot jump so far that the client itself would never be heard again", () => {
    const { ledger } = openLedger();
    expect(ledger.addParity({ ...REPORT, sequence: MAX_SEQUENCE_STEP + 1 }, 1)).toBe("jumps");
    ledger.addParity(REPORT, 1);
    expect(ledger.addParity({ ...REPORT, sequence: REPORT.sequence + MAX_SEQUENCE_STEP + 1 }, 2)).toBe("jumps");
    expect(ledger.addParity({ ...REPORT, sequence: REPORT.sequence + MAX_SEQUENCE_STEP }, 3)).toBe("taken");
  });

  test("are bounded by clients, whatever the number of namespaces, and the oldest client makes room", () => {
    const { ledger } = openLedger();
    for (let index = 0; index < MAX_CLIENTS; index += 1) {
      for (const namespace of ["sessions", "cache", "more"]) {
        expect(ledger.addParity({ ...REPORT, client: `c-${String(index)}`, namespace }, index)).toBe("taken");
      }
    }
    expect(ledger.addParity({ ...REPORT, client: "new" }, MAX_CLIENTS)).toBe("taken");
    const clients = new Set(ledger.parity().map(({ client }) => client));
    expect(clients.size).toBe(MAX_CLIENTS);
    expect([clients.has("c-0"), clients.has("new")]).toEqual([false, true]);
  });

  test("of clients that were not heard for thirty days make room first", () => {
    const { ledger } = openLedger();
    ledger.addParity({ ...REPORT, client: "old" }, 1);
    ledger.addParity({ ...REPORT, client: "new" }, FORGET_AFTER_MS + 2);
    expect(ledger.parity().map(({ client }) => client)).toEqual(["new"]);
  });
});

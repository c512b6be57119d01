import { describe, expect, test } from "vitest";

import { LedgerTable } from "../../../src/gateway/ledger.ts";
import { NodeSql } from "../../support/node-sql.ts";

const use = (credential: string, client: string, at: number) => ({ credential, client, at });

describe("the ledger", () => {
  test("keeps the first and the last use of each credential by each client", () => {
    const ledger = new LedgerTable(new NodeSql());
    ledger.record([use("a1", "x", 5), use("a1", "y", 6)]);
    // Isolates report in any order.
    ledger.record([use("a1", "x", 9), use("a1", "x", 7)]);
    expect(ledger.uses()).toEqual([
      { credential: "a1", client: "x", firstAt: 5, lastAt: 9 },
      { credential: "a1", client: "y", firstAt: 6, lastAt: 6 },
    ]);
  });

  test("holds 500 names of a credential, further ones together", () => {
    const ledger = new LedgerTable(new NodeSql());
    ledger.record(Array.from({ length: 600 }, (_, index) => use("a1", `client-${String(index)}`, index)));
    ledger.record([use("a1", "client-0", 1000), use("b1", "client-599", 1)]);
    const uses = ledger.uses();
    expect(uses).toHaveLength(502);
    expect(uses.find(({ client }) => client === "unattributed")).toMatchObject({ credential: "a1", lastAt: 599 });
    expect(uses.find(({ client }) => client === "client-0")).toMatchObject({ lastAt: 1000 });
  });

  test("takes the newest report of parity of each client, and one that is repeated once", () => {
    const ledger = new LedgerTable(new NodeSql());
    const report = { client: "x", namespace: "sessions", sequence: 2, compared: 10, different: 1, missing: 0 };
    ledger.addParity(report);
    ledger.addParity({ ...report, sequence: 1, compared: 5 });
    ledger.addParity({ ...report, compared: 99 });
    expect(ledger.parity()).toEqual([report]);
    ledger.addParity({ ...report, sequence: 3, compared: 20 });
    expect(ledger.parity()).toEqual([{ ...report, sequence: 3, compared: 20 }]);
  });
});

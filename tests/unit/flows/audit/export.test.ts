import { describe, expect, it } from "vitest";

import type { AuditRecord } from "../../../../src/audit/record.ts";
import { toCsv, toNdjson } from "../../../../src/flows/audit/export.ts";
import { isAskedFor } from "../../../../src/flows/audit/read-records.ts";

const RECORD: AuditRecord = {
  sequence: 1,
  time: "2026-12-01T09:00:00.000Z",
  previous: "0".repeat(64),
  run: "0123abcd",
  environment: "prod",
  flow: "rotate",
  step: "mint",
  kind: "outcome",
  outcome: "done",
  roles: ["application", "operator"],
  by: { kind: "operator", name: '=cmd("x"),y', machine: "laptop" },
  versions: {},
  durationMs: 1500,
  details: { ids: ["a", "b"] },
};

describe("the export of records", () => {
  it("is CSV that every reader splits the same way, and no sheet runs", () => {
    const [head, line, end] = toCsv([RECORD]).split("\r\n");
    expect(head).toBe(
      "sequence,time,environment,flow,step,kind,outcome,roles,by,machine,commit,run,durationMs,details",
    );
    expect(line).toBe(
      '1,2026-12-01T09:00:00.000Z,prod,rotate,mint,outcome,done,application operator,"\'=cmd(""x""),y",laptop,,0123abcd,1500,"{""ids"":[""a"",""b""]}"',
    );
    expect(end).toBe("");
  });

  it("is one JSON object a line as NDJSON", () => {
    expect(
      toNdjson([RECORD, RECORD])
        .split("\n")
        .slice(0, 2)
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([RECORD, RECORD]);
  });
});

describe("a filter of records", () => {
  it.each([
    [{}, true],
    [{ since: Date.parse(RECORD.time) }, true],
    [{ since: Date.parse(RECORD.time) + 1 }, false],
    [{ until: Date.parse(RECORD.time) }, false],
    [{ role: "operator", flow: "rotate" }, true],
    [{ role: "somebody" }, false],
    [{ flow: "up" }, false],
  ])("%j takes a record: %j", (filter, taken) => {
    expect(isAskedFor(RECORD, filter)).toBe(taken);
  });
});

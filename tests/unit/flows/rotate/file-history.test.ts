import { describe, expect, it } from "vitest";

import type { AuditRecord } from "../../../../src/audit/record.ts";
import { knownFiles } from "../../../../src/flows/rotate/file-history.ts";

const record = (flow: string, details?: Record<string, unknown>): AuditRecord => ({
  sequence: 1,
  time: "2026-12-01T09:00:00.000Z",
  previous: "",
  run: "r",
  environment: "dev",
  flow,
  kind: "intent",
  by: { kind: "operator", name: "ada", machine: "m" },
  versions: {},
  ...(details === undefined ? {} : { details }),
});

describe("knownFiles", () => {
  it("are the file before and after the last step of a rotation", () => {
    const records = [
      record("rotate", { file: { before: "0", after: "1" } }),
      record("rotate", { file: { before: "1", after: "2" } }),
      record("rotate", { proof: {} }),
      record("up", { file: { before: "8", after: "9" } }),
    ];
    expect(knownFiles(records)).toEqual(["1", "2"]);
  });

  it("are none where no step is recorded", () => {
    expect(knownFiles([])).toEqual([]);
    expect(knownFiles([record("up"), record("rotate", {})])).toEqual([]);
  });
});

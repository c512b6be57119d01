import { describe, expect, it } from "vitest";

import { readRuns, runName } from "../../../src/state/runs.ts";

const startTime = "2026-12-01T09:00:00.000Z";
const endTime = "2026-12-01T09:00:05.000Z";

describe("readRuns", () => {
  it("keeps what a run was and how it ended, and nothing of the configuration beside it", () => {
    const config = { "kvshift:upstash": { value: "x".repeat(8), secret: true } };
    const resourceChanges = { same: 9, update: 2 };
    expect(
      readRuns([{ version: 0, kind: "update", startTime, endTime, config, result: "failed", resourceChanges }]),
    ).toEqual([{ kind: "update", result: "failed", startedAt: startTime, endedAt: endTime, changed: true }]);
  });

  it("tells a run that changed nothing, or has not ended yet", () => {
    const run = { kind: "refresh", startTime, result: "succeeded" };
    expect(
      readRuns([
        { ...run, endTime, resourceChanges: { same: 11 } },
        { ...run, result: "in-progress" },
      ]),
    ).toEqual([
      { kind: "refresh", result: "succeeded", startedAt: startTime, endedAt: endTime, changed: false },
      { kind: "refresh", result: "in-progress", startedAt: startTime, changed: false },
    ]);
  });

  it("names a run by the number that Pulumi Cloud gives it, and by its start", () => {
    const counted = readRuns([{ version: 7, kind: "update", startTime, result: "succeeded" }]);
    expect(runName(counted[0])).toEqual({ engineRun: { number: 7, startedAt: startTime } });
    expect(runName(undefined)).toEqual({});
  });

  it("knows no run where there was none", () => {
    expect(readRuns([])).toEqual([]);
  });
});

import { rm } from "node:fs/promises";

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import type { Head } from "../../src/audit/record.ts";
import { verifyLog } from "../../src/audit/verify.ts";
import { campaign } from "../support/campaign.ts";
import { createAuditLog } from "../unit/audit/audit-log.ts";

const RECORDS = 200;
let text: string;
let head: Head | undefined;
let lines: string[];

describe("a log of 200 records", () => {
  beforeAll(async () => {
    const log = await createAuditLog();
    const trail = await log.open();
    for (let record = 0; record < RECORDS; record += 1) {
      await trail.done({ flow: "up", step: `step ${String(record)}`, details: { count: record, text: "ä\u2028" } });
    }
    text = await log.text();
    ({ head } = log.memory);
    lines = text.split("\n").slice(0, -1);
    await rm(log.folder, { recursive: true, force: true });
  });

  const findingOf = (changed: string, remembered: Head | undefined = head) =>
    verifyLog(changed, { head: remembered }).finding;

  it("is whole as it was written", () => {
    expect(verifyLog(text, { head })).toMatchObject({ comparedWithStack: true, newerThanStack: 0 });
    expect(findingOf(text)).toBeUndefined();
  });

  it("shows every change of a single byte at the record in which it was made", () => {
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = (bytes[at] ?? 0) ^ by;
        const line = bytes.subarray(0, at).toString().split("\n").length;
        const finding = findingOf(changed.toString());
        expect(finding).toBeDefined();
        expect(finding?.line).toBeLessThanOrEqual(line + 1);
        expect(finding?.line).toBeGreaterThanOrEqual(line);
      }),
      { numRuns: campaign(300) },
    );
  });

  it("shows every record that was removed, duplicated or exchanged with another one", () => {
    const index = fc.nat(RECORDS - 1);
    fc.assert(
      fc.property(index, index, (one, other) => {
        const without = lines.filter((_, at) => at !== one);
        expect(findingOf(`${without.join("\n")}\n`)?.what).toBe(one === RECORDS - 1 ? "cut" : "removed");
        const twice = lines.toSpliced(other, 0, lines[one] ?? "");
        expect(findingOf(`${twice.join("\n")}\n`)?.what).toBe(
          one < other ? "duplicated" : one === other ? "duplicated" : "reordered",
        );
        if (one === other) return;
        const exchanged = lines.with(one, lines[other] ?? "").with(other, lines[one] ?? "");
        expect(findingOf(`${exchanged.join("\n")}\n`)?.what).toBe("reordered");
      }),
      { numRuns: campaign(60) },
    );
  });

  it("shows every cut of its tail by what the stack remembers, within a line and between two", () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), (length) => {
        expect(findingOf(text.slice(0, length))?.what).toBe("cut");
      }),
      { numRuns: campaign(100) },
    );
    expect(findingOf("")?.what).toBe("cut");
    // Without the stack nobody can tell a cut between two lines.
    expect(verifyLog(`${lines.slice(0, 100).join("\n")}\n`).finding).toBeUndefined();
  });

  it("shows a log that was written anew, although its chain is whole", async () => {
    const other = await createAuditLog();
    const trail = await other.open();
    for (let record = 0; record < RECORDS; record += 1) await trail.done({ flow: "up" });
    const forged = await other.text();
    await rm(other.folder, { recursive: true, force: true });
    expect(verifyLog(forged).finding).toBeUndefined();
    expect(findingOf(forged)?.what).toBe("forked");
  });
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { countsIn } from "../../../../scripts/python/pytest-report.ts";
import { tempDir } from "../../../support/temp-dir.ts";

const report = async (text: string): Promise<string> => {
  const file = join(await tempDir(), "report.xml");
  await writeFile(file, text);
  return file;
};

describe("the counts of a run of pytest", () => {
  it("are passed and failed tests, errors among the failed, skipped among none", async () => {
    const suite = '<testsuite name="pytest" errors="1" failures="2" skipped="3" tests="20" time="1.5">';
    expect(countsIn(await report(`<testsuites>${suite}</testsuite></testsuites>`))).toEqual({ passed: 14, failed: 3 });
  });

  it("are one failure where it broke down before it could report", async () => {
    expect(countsIn(join(await tempDir(), "none.xml"))).toEqual({ passed: 0, failed: 1 });
    expect(countsIn(await report(""))).toEqual({ passed: 0, failed: 1 });
  });
});

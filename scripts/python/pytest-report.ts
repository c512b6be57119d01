import { readFileSync } from "node:fs";

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/** What a report in JUnit's form counts. A run that broke down before it could report counts as one failure. */
export function countsIn(path: string): TestCounts {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return { passed: 0, failed: 1 };
  }
  const suites = [...text.matchAll(/<testsuite\b[^>]*>/g)].map(([tag]) => tag);
  const sum = (name: string): number =>
    suites.reduce((total, tag) => total + Number(new RegExp(`\\b${name}="(\\d+)"`).exec(tag)?.[1] ?? 0), 0);
  const failed = sum("failures") + sum("errors");
  const passed = sum("tests") - failed - sum("skipped");
  return suites.length === 0 ? { passed: 0, failed: 1 } : { passed, failed };
}

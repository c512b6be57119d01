import { defineConfig } from "vitest/config";

import { LongestFirst } from "./tests/support/longest-first.ts";

/** `npm run test:soak` runs the long form of every campaign. */
const timeoutFactor = process.env["KVSHIFT_SOAK"] === undefined ? 1 : 20;

const project = (name: string, options: { timeoutMs: number; parallel: boolean }) => ({
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    setupFiles: ["tests/support/fail-on-console.ts"],
    testTimeout: options.timeoutMs * timeoutFactor,
    hookTimeout: options.timeoutMs * timeoutFactor,
    fileParallelism: options.parallel,
  },
});

// One folder a project; the slower a level, the fewer its tests.
export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      project("unit", { timeoutMs: 10_000, parallel: true }),
      project("contract", { timeoutMs: 60_000, parallel: true }),
      project("policy", { timeoutMs: 10_000, parallel: true }),
      project("property", { timeoutMs: 60_000, parallel: true }),
      project("regression", { timeoutMs: 300_000, parallel: true }),
      project("worker", { timeoutMs: 120_000, parallel: true }),
      project("integration", { timeoutMs: 120_000, parallel: true }),
      project("e2e", { timeoutMs: 600_000, parallel: true }),
    ],
  },
});

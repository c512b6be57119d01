import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { endWithStarter } from "../src/processes/lifeline.ts";

endWithStarter(process.env);

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const script = (file: string): { command: string; args: string[] } => ({
  command: process.execPath,
  args: [join(ROOT, "scripts", file), "--check"],
});
const tool = (name: string): string => join(ROOT, "node_modules", ".bin", name);

const CHECKS: readonly Check[] = [
  { name: "types", command: tool("tsc"), args: ["--noEmit", "-p", "tsconfig.json"] },
  {
    name: "lint",
    command: tool("oxlint"),
    args: ["--type-aware", "--deny-warnings", "--report-unused-disable-directives"],
  },
  { name: "format", command: tool("oxfmt"), args: ["--check"] },
  {
    name: "import rules",
    command: tool("depcruise"),
    args: [
      "src",
      "local-cloud",
      "index.ts",
      "policy",
      "testbed",
      "benchmarks",
      "tests",
      "--config",
      ".dependency-cruiser.cjs",
    ],
  },
  { name: "unused code", command: tool("knip"), args: ["--no-progress"] },
  { name: "tests mirror src", ...script("check-test-tree.ts") },
  { name: "documents", ...script("check-docs.ts") },
];

const failed: string[] = [];
for (const { name, command, args } of CHECKS) {
  const started = Date.now();
  const { status, stdout, stderr } = spawnSync(command, [...args], { cwd: ROOT, encoding: "utf8" });
  const ok = status === 0;
  process.stdout.write(`${ok ? "✓" : "✗"} ${name} ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  if (ok) continue;
  failed.push(name);
  process.stdout.write(`${stdout}${stderr}\n`);
}
process.stdout.write(failed.length === 0 ? "Every check holds.\n" : `Failed: ${failed.join(", ")}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

// The entry of every npm script. Plain JavaScript without dependencies: it runs on whatever Node.js the system has
// (20 and up), before anything is installed. It installs what is missing or stale, then goes on on Node.js 24.
import { ensureModules } from "./ensure-modules.js";
import { runOnNode24 } from "./node-24.js";
import { endWithAncestors } from "./watch-ancestors.js";

const TARGETS = {
  demo: { module: "../src/cli/main.ts", args: ["demo"] },
  test: { module: "./test.ts", args: [] },
  "test-soak": { module: "./test.ts", args: ["--soak"] },
  "test-python": { module: "./test-python.ts", args: [] },
  bench: { module: "../benchmarks/main.ts", args: [] },
  "build-kv": { module: "./build-kv.ts", args: [] },
  check: { module: "./check.ts", args: [] },
};

const [name, ...args] = process.argv.slice(2);
const target = TARGETS[name];
if (!target) {
  process.stderr.write(`✗ There is no script "${name}". Known: ${Object.keys(TARGETS).join(", ")}\n`);
  process.exit(2);
}

endWithAncestors();
const installed = await ensureModules();
process.exitCode = installed
  ? await runOnNode24(new URL(target.module, import.meta.url), [...target.args, ...args], { alwaysChild: true })
  : 4;
process.exit();

// tests/unit mirrors src: a test whose subject has moved or gone is found here. `<subject>-<aspect>.test.ts` is a second
// file on the same subject.
import { existsSync, globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Folders beside src that have unit tests too. */
const OUTSIDE_SRC = ["scripts", "local-cloud"];

const orphans = globSync("tests/unit/**/*.test.ts", { cwd: ROOT }).filter((test) => !subjects(test).some(exists));
for (const orphan of orphans) process.stderr.write(`${orphan}: there is no file or folder of that name in src\n`);
process.exitCode = orphans.length === 0 ? 0 : 1;

/** Paths without ending that a test may be about. */
function subjects(test: string): string[] {
  const path = test.replace(/^tests\/unit\//, "").replace(/\.test\.ts$/, "");
  const folder = OUTSIDE_SRC.some((name) => path.startsWith(`${name}/`)) ? "" : "src";
  const words = basename(path).split("-");
  return words.map((_, index) => join(folder, dirname(path), words.slice(0, index + 1).join("-")));
}

function exists(subject: string): boolean {
  return [`${subject}.ts`, `${subject}.js`, subject].some((path) => existsSync(join(ROOT, path)));
}

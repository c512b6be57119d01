// tests/unit and tests/policy mirror src: a test whose subject has moved or gone is found here.
import { existsSync, globSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const orphans = globSync("tests/unit/**/*.test.ts", { cwd: ROOT }).filter((test) => {
  const subject = test.replace(/^tests\/unit\//, "src/").replace(/\.test\.ts$/, "");
  const scripts = subject.replace(/^src\/scripts\//, "scripts/");
  return ![`${subject}.ts`, `${subject}.js`, subject, `${scripts}.ts`, `${scripts}.js`].some((path) =>
    existsSync(`${ROOT}/${path}`),
  );
});
for (const orphan of orphans) process.stderr.write(`${orphan}: there is no file or folder of that name in src\n`);
process.exitCode = orphans.length === 0 ? 0 : 1;

import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { fillOnce } from "../../local-cloud/redis/installation.ts";
import { runStep } from "../../local-cloud/redis/run-step.ts";
import { cacheFolder } from "../../src/engine/pulumi-cli/cache-folder.ts";

const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url));
const PACKAGE = join(CHECKOUT, "python", "kvshift-kv");

/**
 * The interpreter of a virtual environment with what a side of brainbot requires, made once in the per-user cache. Another
 * requirement, or another version of the package, is another environment.
 */
export async function brainbotPython(side: "before" | "after"): Promise<string> {
  const env = ownEnvironment();
  const requirements = ["requirements.txt", "requirements-test.txt"].map((file) =>
    join(CHECKOUT, "examples", "brainbot", side, file),
  );
  const sources = side === "after" ? packageFiles() : [];
  const hash = createHash("sha256");
  for (const path of [...requirements, ...sources]) hash.update(readFileSync(path)).update("\0");
  const folder = join(cacheFolder(process.env), "python", `brainbot-${side}-${hash.digest("hex").slice(0, 16)}`);
  await fillOnce(folder, async (draft) => {
    await runStep("python3", ["-m", "venv", draft], { cwd: CHECKOUT, env });
    const quiet = ["--quiet", "--no-input", "--disable-pip-version-check"];
    const wanted = [...(side === "after" ? [PACKAGE] : []), "-r", requirements[1] ?? ""];
    await runStep(join(draft, "bin", "python"), ["-m", "pip", "install", ...quiet, ...wanted], { cwd: CHECKOUT, env });
  });
  return join(folder, "bin", "python");
}

function packageFiles(): string[] {
  if (!existsSync(PACKAGE)) return [];
  return ["pyproject.toml", ...globSync("src/**/*.py", { cwd: PACKAGE }).toSorted()].map((file) => join(PACKAGE, file));
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

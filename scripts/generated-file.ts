import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Writes a generated file, or with `--check` on the command line fails where it differs from what would be written. */
export function writeOrCheck(path: string, content: string): void {
  const file = join(ROOT, path);
  if (!process.argv.includes("--check")) {
    writeFileSync(file, content);
    return;
  }
  if (readOrEmpty(file) === content) return;
  process.stderr.write(`${path} is stale: run \`node ${process.argv[1]?.slice(ROOT.length) ?? "its generator"}\`\n`);
  process.exitCode = 1;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

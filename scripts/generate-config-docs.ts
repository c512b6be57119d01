import { readFile, writeFile } from "node:fs/promises";

import { configurationDocument } from "../src/config/documentation.ts";

// Writes docs/configuration.md; with --check it only says, by its exit code, whether the file is up to date.
const target = new URL("../docs/configuration.md", import.meta.url);
const text = configurationDocument();

if (!process.argv.includes("--check")) {
  await writeFile(target, text);
} else if ((await readFile(target, "utf8").catch(() => "")) !== text) {
  process.stderr.write("docs/configuration.md is out of date: run node scripts/generate-config-docs.ts\n");
  process.exitCode = 1;
}

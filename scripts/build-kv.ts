import { spawnSync } from "node:child_process";
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCE = join(ROOT, "src", "kv");

/** Builds the package `kvshift-kv` into `folder`, which then holds what `npm pack` and `npm publish` take. */
export async function buildKv(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const args = [compiler, "-p", join(SOURCE, "tsconfig.json"), "--outDir", join(folder, "dist")];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`kvshift-kv does not compile:\n${stdout}`);
  for (const file of ["package.json", "README.md"]) await cp(join(SOURCE, file), join(folder, file));
}

if (import.meta.main) {
  const folder = join(ROOT, "dist", "kvshift-kv");
  await buildKv(folder);
  process.stdout.write(`${folder}\n`);
}

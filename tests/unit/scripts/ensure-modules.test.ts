import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { describe, expect, it } from "vitest";

import { CHECKOUT } from "../../support/kvshift.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { writeExecutable } from "../engine/pulumi-cli/fake-executable.ts";

type Packages = Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>;

const WANTED: Packages = {
  "": { version: "0.1.0" },
  "node_modules/zod": { version: "4.6.7" },
  "node_modules/fsevents": { version: "2.3.3", optional: true },
  "sdks/render": { version: "1.9.1" },
};
const INSTALLED: Packages = { "node_modules/zod": { version: "4.6.7" } };
const NODE = "node_modules/node/bin/node";

/** A checkout with the real script, a lock file, and a `npm` that writes down what it was asked. */
async function checkout(npm: readonly string[] = []) {
  const root = await tempDir();
  for (const file of ["scripts/ensure-modules.js", "src/processes/supervise.js"]) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await copyFile(join(CHECKOUT, file), join(root, file));
  }
  await writeFile(join(root, "package.json"), '{"type":"module"}');
  await writeFile(join(root, "package-lock.json"), JSON.stringify({ packages: WANTED }));
  const record = join(root, "npm-was-called");
  await writeExecutable(join(root, "tools", "npm"), `{ pwd; echo "$@"; } > "${record}"`, ...npm);
  const install = async (packages: Packages, node = true) => {
    await mkdir(dirname(join(root, NODE)), { recursive: true });
    await writeFile(join(root, "node_modules", ".package-lock.json"), JSON.stringify({ packages }));
    if (node) await writeFile(join(root, NODE), "");
  };
  const ensure = async () => {
    const script = pathToFileURL(join(root, "scripts", "ensure-modules.js")).href;
    const program = `import { ensureModules } from ${JSON.stringify(script)}; console.log(await ensureModules());`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      encoding: "utf8",
      timeout: 5_000,
      env: { PATH: join(root, "tools") },
    });
    const asked = await readFile(record, "utf8").catch(() => "");
    return { stdout, stderr, asked };
  };
  return { root, install, ensure };
}

describe("ensureModules", () => {
  it("does nothing where the modules are those of the lock file, but for other platforms' and the project's own", async () => {
    const { install, ensure } = await checkout();
    await install(INSTALLED);
    expect(await ensure()).toEqual({ stdout: "true\n", stderr: "", asked: "" });
  });

  it.each<[string, Packages | undefined, boolean, string]>([
    ["nothing is installed", undefined, false, "they are missing"],
    ["Node.js is not among them", INSTALLED, false, "Node.js 24 is missing"],
    ["a package is missing", {}, true, "they differ from package-lock.json"],
    ["a version differs", { "node_modules/zod": { version: "4.6.6" } }, true, "they differ from package-lock.json"],
    [
      "the version of an optional package differs",
      { ...INSTALLED, "node_modules/fsevents": { version: "2.3.2" } },
      true,
      "they differ from package-lock.json",
    ],
  ])("installs by the lock file where %s, and says why", async (_what, packages, node, reason) => {
    const { root, install, ensure } = await checkout();
    if (packages) await install(packages, node);
    const { stdout, stderr, asked } = await ensure();
    expect(stdout).toBe("true\n");
    expect(stderr).toMatch(/^› .*\n✓ /);
    expect(stderr).toContain(`(${reason}; about a minute)`);
    expect(asked).toBe(`${root}\nci --include=dev --no-audit --no-fund --loglevel=error\n`);
  });

  it("shows what npm says where it fails, on stderr, and says so", async () => {
    const { ensure } = await checkout(["echo 'registry is away'", "exit 1"]);
    const { stdout, stderr } = await ensure();
    expect(stdout).toBe("false\n");
    expect(stderr).toContain("registry is away\n");
    expect(stderr).toContain("✗ `npm ci` failed");
  });

  it("fails where there is no npm", async () => {
    const { root, ensure } = await checkout();
    await rm(join(root, "tools", "npm"));
    const { stdout } = await ensure();
    expect(stdout).toBe("false\n");
  });
});

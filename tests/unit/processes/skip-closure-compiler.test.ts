import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, it } from "vitest";

const HOOK = new URL("../../../src/processes/skip-closure-compiler.ts", import.meta.url).href;
const CHECKOUT = fileURLToPath(new URL("../../../", import.meta.url));

/** What `script` prints in a process of its own, with the hook or without it. */
async function print(script: string, hook: readonly string[] = ["--import", HOOK]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...hook, "-e", script], { cwd: CHECKOUT });
  return stdout.trim();
}

const LOADED = String.raw`
  require("@pulumi/pulumi");
  const loaded = Object.keys(require.cache).filter((file) => /node_modules\/(typescript|@npmcli)\//.test(file));
  console.log(loaded.length > 0);`;

// Each case loads the SDK in a process of its own.
describe("skip-closure-compiler", { timeout: 120_000 }, () => {
  it("keeps the compiler and the dependency resolver of the Pulumi SDK from loading", async () => {
    expect(await print(LOADED, [])).toBe("true");
    expect(await print(LOADED)).toBe("false");
  });

  it("leaves both to everybody else", async () => {
    expect(await print('console.log(typeof require("typescript").createProgram)')).toBe("function");
  });

  it("says why where somebody needs what is not loaded", async () => {
    const script = `require("@pulumi/pulumi").runtime.serializeFunction(() => 1).catch((error) => console.log(error.message));`;
    expect(await print(script)).toContain("kvshift does not load what serialises functions");
  });
});

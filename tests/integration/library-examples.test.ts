import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { build } from "esbuild";
import { describe, expect, it } from "vitest";

import { listen } from "../../local-cloud/http/listen.ts";
import { CHECKOUT } from "../support/kvshift.ts";
import { memoryGatewayEnv } from "../support/memory-kv.ts";
import { tempDir } from "../support/temp-dir.ts";

const KV = join(CHECKOUT, "src", "kv");
const PACKAGE = {
  "kvshift-kv": join(KV, "index.ts"),
  "kvshift-kv/express": join(KV, "sessions", "express.ts"),
  "kvshift-kv/sessions": join(KV, "sessions", "index.ts"),
};

const document = await readFile(join(CHECKOUT, "docs", "library.md"), "utf8");
/** Each program of the document, with what it says that it prints. */
const programs = [...document.matchAll(/```ts\n(.*?)```\n(?:\n```text\n(.*?)```)?/gs)].map(
  ([, source = "", printed]) => ({
    source,
    printed,
  }),
);

async function bundled(source: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: CHECKOUT, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
    alias: PACKAGE,
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  return outputFiles[0]?.text ?? "";
}

describe("the programs of docs/library.md", () => {
  it("are all of those that the test takes for them", () => {
    expect(programs.filter(({ printed }) => printed !== undefined).length).toBeGreaterThan(5);
    expect(
      programs.filter(({ printed }) => printed === undefined).map(({ source }) => source.includes("export default")),
    ).toEqual([true]);
  });

  it.each(programs.filter(({ printed }) => printed !== undefined))(
    "print what is said: $source",
    async ({ source, printed }) => {
      const file = join(await tempDir(), "program.mjs");
      await writeFile(file, await bundled(source));
      const gateway = memoryGatewayEnv();
      const listening = await listen(gateway.fetch);
      try {
        const env = { ...gateway.envAt(listening.url), NODE_ENV: "production" };
        const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
        expect(stdout).toBe(printed);
      } finally {
        await listening.close();
      }
    },
  );

  it("compile where they are a Worker", async () => {
    const worker = programs.find(({ printed }) => printed === undefined);
    expect(await bundled(worker?.source ?? "")).toContain("wrap");
  });
});

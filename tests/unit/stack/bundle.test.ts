import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { OBJECT_CLASSES } from "../../../src/gateway/bindings.ts";
import { bundleGateway } from "../../../src/stack/bundle.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** docs and design: what a new version costs to upload and to start. */
const MAX_BYTES = 60_000;

async function entryWith(source: string): Promise<string> {
  const entry = join(await tempDir(), "worker.ts");
  await writeFile(entry, source);
  return entry;
}

describe("bundleGateway", () => {
  it("makes one module of the Worker that needs nothing but Cloudflare's own, within its budget", async () => {
    const module = await bundleGateway();
    expect(Buffer.byteLength(module)).toBeLessThan(MAX_BYTES);
    const imports = [...module.matchAll(/(?:from|import)\s*\(?"([^"]+)"/g)].map(([, name]) => name);
    expect([...new Set(imports)]).toEqual(["cloudflare:workers"]);
    const exported = /export\{([^}]*)\}/.exec(module)?.[1] ?? "";
    for (const name of [...Object.values(OBJECT_CLASSES), "default"])
      expect(exported).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it("makes the same text each time: a second `up` has no changes", async () => {
    expect(await bundleGateway()).toBe(await bundleGateway());
  });

  it("names no folder of this machine", async () => {
    expect(await bundleGateway()).not.toContain(process.cwd());
  });

  it("says which line does not build", async () => {
    await expect(bundleGateway(await entryWith("export default {"))).rejects.toMatchObject({
      code: "GATEWAY_NOT_BUILT",
      details: expect.arrayContaining([expect.stringMatching(/worker\.ts:1:\d+: ERROR/)]) as unknown,
    });
  });
});

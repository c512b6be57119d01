import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it } from "vitest";

import type { Secret } from "../../../../src/core/secret.ts";
import { setSecret } from "../../../../src/flows/secret/set-secret.ts";
import { tempDir } from "../../../support/temp-dir.ts";

const UPSTASH = "config:\n  kvshift:upstash:\n    restUrl: https://eu1-example.upstash.io\n";

// It was read as UTF-8 with other characters in place of those that are none, and would have been written so.
it("refuses a file of another encoding before it asks, and leaves it byte for byte", async () => {
  const cwd = await tempDir();
  await writeFile(join(cwd, "Pulumi.yaml"), "name: kvshift\nruntime: nodejs\n");
  const bytes = Buffer.from(`# für Zoë\n${UPSTASH}`, "latin1");
  await writeFile(join(cwd, "Pulumi.dev.yaml"), bytes);
  const asked: string[] = [];
  const ask = async (): Promise<Secret> => {
    asked.push("for the secret");
    throw new Error("nobody answers");
  };
  const run = {
    cwd,
    env: { PULUMI_CONFIG_PASSPHRASE: "" },
    emit: () => undefined,
    signal: AbortSignal.abort(),
  } as unknown as Parameters<typeof setSecret>[2];
  await expect(setSecret("dev", ask, run)).rejects.toMatchObject({ code: "CONFIG_NOT_YAML" });
  expect(asked).toEqual([]);
  expect(await readFile(join(cwd, "Pulumi.dev.yaml"))).toEqual(bytes);
});

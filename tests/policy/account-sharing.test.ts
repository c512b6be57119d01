import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { accountSharing } from "../../src/policy/account-neighbours.ts";
import { neighboursOf, readEnvironmentFiles } from "../../src/policy/neighbours.ts";
import { CHECKOUT } from "../support/kvshift.ts";
import { tempDir } from "../support/temp-dir.ts";

const DEV_ACCOUNT = "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";

async function projectOf(environments: Readonly<Record<string, (text: string) => string>>) {
  const folder = await tempDir();
  await copyFile(join(CHECKOUT, "Pulumi.dev.yaml"), join(folder, "Pulumi.dev.yaml"));
  for (const [name, change] of Object.entries(environments)) {
    const text = await readFile(join(CHECKOUT, "Pulumi.prod.yaml"), "utf8");
    await writeFile(join(folder, `Pulumi.${name}.yaml`), change(text));
  }
  return folder;
}

/** What the environment `dev` shares its account with. */
const sharingOf = (folder: string) => accountSharing(neighboursOf("dev", readEnvironmentFiles(folder)), DEV_ACCOUNT);
const inDevAccount = (text: string) => text.replace("9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6", DEV_ACCOUNT);

describe("accountSharing", () => {
  it("finds no other environment in an account of its own", async () => {
    const folder = await projectOf({ prod: (text) => text });
    expect(sharingOf(folder)).toEqual({ sharedWith: [], unknown: [] });
  });

  it("names the environments in the same account, with expired credentials too", async () => {
    const expired = (text: string) => inDevAccount(text).replaceAll("2027-11-23", "2026-11-24");
    const folder = await projectOf({ prod: inDevAccount, stage: expired });
    expect(sharingOf(folder).sharedWith).toEqual(["prod", "stage"]);
  });

  it("names the environments whose file has problems instead of guessing", async () => {
    const folder = await projectOf({ prod: () => "config: [" });
    expect(sharingOf(folder)).toEqual({ sharedWith: [], unknown: ["prod"] });
  });
});

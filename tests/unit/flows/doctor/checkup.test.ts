import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { SemVer } from "semver";
import { describe, expect, it } from "vitest";

import { tempDir } from "../../../support/temp-dir.ts";
import { checkNamed, emulateVendors, failures } from "./emulated-vendors.ts";

describe("checkUp", () => {
  it("asks no vendor without an environment, and says so", async () => {
    const vendors = await emulateVendors();
    const checks = await vendors.checkUp({ stack: undefined });
    expect(failures(checks)).toEqual({});
    expect(new Set(checks.filter(({ ok }) => ok === "skipped").map(({ found }) => found))).toEqual(
      new Set(["name an environment with --stack"]),
    );
    expect(vendors.cloudflare.requestLog.entries).toEqual([]);
  });

  it("fails where the passphrase is not set, and says how to set it", async () => {
    const checks = await (await emulateVendors()).checkUp({ env: { PULUMI_CONFIG_PASSPHRASE: undefined } });
    expect(failures(checks)).toEqual({ Passphrase: "PULUMI_CONFIG_PASSPHRASE is not set." });
    expect(checkNamed(checks, "Passphrase").fix).toContain("Export");
  });

  it("fails where the file of the passphrase cannot be read", async () => {
    const vendors = await emulateVendors();
    const env = { PULUMI_CONFIG_PASSPHRASE: undefined, PULUMI_CONFIG_PASSPHRASE_FILE: join(vendors.project, "none") };
    expect(failures(await vendors.checkUp({ env }))).toEqual({ Passphrase: expect.stringContaining("cannot be read") });
  });

  it("fails for another Node.js than 24", async () => {
    expect(failures(await (await emulateVendors()).checkUp({ nodeVersion: "22.1.0" }))).toEqual({
      "Node.js": "22.1.0",
    });
  });

  it("shows every problem of the environment's file, and skips the vendors", async () => {
    const vendors = await emulateVendors();
    const path = join(vendors.project, "Pulumi.dev.yaml");
    await writeFile(path, (await readFile(path, "utf8")).replace("kind: development", "kind: nothing"));
    const checks = await vendors.checkUp();
    expect(Object.keys(failures(checks))).toEqual(["Pulumi.dev.yaml"]);
    expect(checkNamed(checks, "Pulumi.dev.yaml").fix).toContain("nothing");
    expect(checkNamed(checks, "Render key")).toMatchObject({
      ok: "skipped",
      found: "Pulumi.dev.yaml has to be mended first",
    });
  });

  it("fails for an environment or a project that is not there", async () => {
    const vendors = await emulateVendors();
    expect(Object.keys(failures(await vendors.checkUp({ stack: "stage" })))).toEqual(["Pulumi.stage.yaml"]);
    await rm(join(vendors.project, "Pulumi.dev.yaml"));
    expect(Object.keys(failures(await vendors.checkUp({ stack: undefined })))).toEqual(["Environments"]);
    expect(Object.keys(failures(await vendors.checkUp({ cwd: await tempDir() })))).toEqual(["Project"]);
  });

  it("takes a missing or an old Pulumi CLI for no failure: the first `up` brings one", async () => {
    const vendors = await emulateVendors();
    for (const version of [undefined, "3.1.0"]) {
      const checks = await vendors.checkUp({
        findCli: (executable) =>
          Promise.resolve(executable === "pulumi" && version !== undefined ? new SemVer(version) : undefined),
      });
      expect(checkNamed(checks, "Pulumi CLI")).toMatchObject({ ok: true, fix: expect.stringContaining("first `up`") });
    }
  });

  it("finds the CLI of the per-user cache where PATH has none", async () => {
    const checks = await (
      await emulateVendors()
    ).checkUp({
      findCli: (executable) => Promise.resolve(executable === "pulumi" ? undefined : new SemVer("3.259.0")),
    });
    expect(checkNamed(checks, "Pulumi CLI").found).toBe("3.259.0 in the per-user cache");
  });

  it("skips a backend that is no folder without showing its URL", async () => {
    const checks = await (await emulateVendors()).checkUp({ env: { PULUMI_BACKEND_URL: "s3://bucket?key=hidden" } });
    expect(checkNamed(checks, "State backend")).toEqual({
      name: "State backend",
      ok: "skipped",
      found: "s3: is not looked at",
    });
  });

  it("fails where the folder of the backend cannot be made", async () => {
    const vendors = await emulateVendors();
    const env = { PULUMI_BACKEND_URL: `file://${vendors.project}/Pulumi.yaml/state` };
    expect(Object.keys(failures(await vendors.checkUp({ env })))).toEqual(["State backend"]);
  });

  it("fails for provider plugins that do not exist", async () => {
    const checks = await (await emulateVendors()).checkUp({ env: { KVSHIFT_PROVIDERS: "other" } });
    expect(Object.keys(failures(checks))).toEqual(["Provider plugins"]);
  });
});

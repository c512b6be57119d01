import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { createLocalStage, type LocalStage } from "../support/local-stage.ts";
import { callRender, environmentGroup, mintedTokens } from "../support/vendor-view.ts";

const DEV_ACCOUNT = "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";
const PROD_ACCOUNT = "9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6";

let stage: LocalStage;

beforeAll(async () => {
  stage = await createLocalStage();
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

/** Every value that an environment handed out, by variable. */
async function variables(environment: string): Promise<Record<string, string>> {
  const answer = await stage.kvshiftJson("env", "--stack", environment, "--show-secrets");
  return z.record(z.string(), z.string()).parse(answer["variables"]);
}

async function stateText(environment: string): Promise<string> {
  return readFile(join(stage.folder, "state", ".pulumi", "stacks", "kvshift", `${environment}.json`), "utf8");
}

// One stage for the whole story: each step stands on the one before, as it would for a person.
describe("dev and prod side by side", () => {
  it("creates dev with one `up`: namespaces, a token for each role, the group and its link", async () => {
    const { changed } = await stage.kvshiftJson("up", "--stack", "dev", "--yes");
    expect(changed).toBe(true);
    expect(await mintedTokens(stage.cloud, DEV_ACCOUNT)).toEqual(
      expect.arrayContaining(["brainbot-dev-application-a1", "brainbot-dev-operator-a1"]),
    );
    expect(await mintedTokens(stage.cloud, DEV_ACCOUNT)).toHaveLength(2);
  });

  it("creates prod beside it in an account of its own", async () => {
    const { changed } = await stage.kvshiftJson("up", "--stack", "prod", "--yes");
    expect(changed).toBe(true);
    expect(await mintedTokens(stage.cloud, PROD_ACCOUNT)).toHaveLength(2);
    expect(await mintedTokens(stage.cloud, DEV_ACCOUNT)).toHaveLength(2);
  });

  it("shares no id and no secret between the two", async () => {
    const [dev, prod] = [await variables("dev"), await variables("prod")];
    expect(Object.keys(dev).toSorted()).toEqual(Object.keys(prod).toSorted());
    const names = ["ACCOUNT_ID", "API_TOKEN", "CREDENTIAL_ID", "NAMESPACE_ID_CACHE", "NAMESPACE_ID_SESSIONS"];
    const shared = names.filter((name) => dev[`CLOUDFLARE_KV_${name}`] === prod[`CLOUDFLARE_KV_${name}`]);
    expect(shared).toEqual([]);
    const devIds = new Set(Object.values(dev).flatMap((value) => value.match(/[0-9a-f]{32}|cfat_[\w-]+/g) ?? []));
    const prodIds = Object.values(prod).flatMap((value) => value.match(/[0-9a-f]{32}|cfat_[\w-]+/g) ?? []);
    expect(devIds.size).toBeGreaterThanOrEqual(4);
    expect(prodIds.filter((id) => devIds.has(id))).toEqual([]);
  });

  it("gives each service exactly the variables of its environment's group", async () => {
    const group = await environmentGroup(stage.cloud, "dev");
    expect(Object.fromEntries(group.envVars.map(({ key, value }) => [key, value]))).toEqual(await variables("dev"));
  });

  it("has nothing to change in a second `up` of either", async () => {
    for (const environment of ["dev", "prod"]) {
      const { changed, changes } = await stage.kvshiftJson("up", "--stack", environment, "--yes");
      expect({ environment, changed, others: Object.keys(changes as object) }).toEqual({
        environment,
        changed: false,
        others: ["same"],
      });
    }
  });

  it("leaves the file of an environment as it was, on the local cloud", async () => {
    for (const file of ["Pulumi.dev.yaml", "Pulumi.prod.yaml", "Pulumi.yaml"]) {
      expect(await readFile(join(stage.project, file), "utf8")).toBe(stage.settings.get(file));
    }
  });

  it("finds a variable that was changed by hand on Render, and `up` repairs it", async () => {
    const { id } = await environmentGroup(stage.cloud, "dev");
    await callRender(stage.cloud, "PUT", `/env-groups/${id}/env-vars/CLOUDFLARE_KV_PHASE`, { value: "redis" });
    const { drift } = await stage.kvshiftJson("refresh", "--stack", "dev");
    expect(drift).toBe(true);
    const { changed } = await stage.kvshiftJson("up", "--stack", "dev", "--yes");
    expect(changed).toBe(true);
    const repaired = await environmentGroup(stage.cloud, "dev");
    expect(repaired.envVars.find(({ key }) => key === "CLOUDFLARE_KV_PHASE")?.value).toBe("kv");
    expect((await stage.kvshiftJson("refresh", "--stack", "dev"))["drift"]).toBe(false);
  });

  it("keeps every secret encrypted in state and masked in outputs and previews", async () => {
    for (const environment of ["dev", "prod"]) {
      const token = (await variables(environment))["CLOUDFLARE_KV_API_TOKEN"] ?? "";
      expect(token).toMatch(/^cfat_/);
      expect(await stateText(environment)).not.toContain(token);
      const shown = await stage.kvshiftJson("outputs", "--stack", environment);
      expect((shown["outputs"] as Record<string, unknown>)["secretVariables"]).toBe("[secret]");
      const masked = await stage.kvshiftJson("env", "--stack", environment);
      expect((masked["variables"] as Record<string, string>)["CLOUDFLARE_KV_API_TOKEN"]).toBe("[secret]");
      for (const command of ["outputs", "env", "preview"]) {
        const { stdout, stderr } = await stage.kvshift(command, "--stack", environment);
        expect(`${stdout}${stderr}`).not.toContain(token);
      }
    }
  });

  it("prints dotenv lines that a shell reads back", async () => {
    const { stdout } = await stage.kvshift("env", "--stack", "dev", "--format", "dotenv", "--show-secrets");
    const expected = await variables("dev");
    expect(stdout.trimEnd().split("\n")).toHaveLength(Object.keys(expected).length);
    expect(stdout).toContain(`CLOUDFLARE_KV_ACCOUNT_ID=${DEV_ACCOUNT}\n`);
    // Without --show-secrets a placeholder would be read as a token.
    const masked = await stage.kvshift("env", "--stack", "dev", "--format", "dotenv");
    expect(masked.stdout).toContain("# CLOUDFLARE_KV_API_TOKEN is hidden");
    expect(masked.stdout).not.toMatch(/^CLOUDFLARE_KV_API_TOKEN/m);
  });

  it("destroys dev completely, and in production leaves what is protected", async () => {
    await stage.kvshiftJson("destroy", "--stack", "dev", "--yes");
    expect(await mintedTokens(stage.cloud, DEV_ACCOUNT)).toEqual([]);
    const { keptProtected } = await stage.kvshiftJson("destroy", "--stack", "prod", "--yes");
    expect(keptProtected).toBe(true);
    expect(await mintedTokens(stage.cloud, PROD_ACCOUNT)).toHaveLength(2);
    // The next `up` takes up what was left, with the same secret.
    const { changed } = await stage.kvshiftJson("up", "--stack", "prod", "--yes");
    expect(changed).toBe(true);
    expect(await mintedTokens(stage.cloud, PROD_ACCOUNT)).toHaveLength(2);
  });

  it("says of a destroyed environment that it is not provisioned", async () => {
    const finished = await stage.kvshift("env", "--stack", "dev");
    expect(finished.code).toBe(2);
    expect(finished.stderr).toContain("STACK_NOT_FOUND");
  });
});

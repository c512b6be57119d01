import { readFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { type ParsedFile, parseEnvironmentFile } from "../../../src/config/file.ts";
import { NOW } from "./valid-configuration.ts";

/** A file of the repository's root, read and checked. */
async function committed(environment: string): Promise<ParsedFile> {
  const file = `Pulumi.${environment}.yaml`;
  const text = await readFile(new URL(`../../../${file}`, import.meta.url), "utf8");
  return parseEnvironmentFile(text, { environment, now: NOW, file });
}

describe("the committed files", () => {
  it("configure a development environment that is complete", async () => {
    const { config, encryptionSalt, secretsProvider, otherKeys } = await committed("dev");
    expect({ encryptionSalt, secretsProvider, otherKeys }).toEqual({ otherKeys: [] });
    expect(config).toMatchObject({ kind: "development", access: "gateway", phase: "kv", app: "brainbot" });
    expect(Object.keys(config.namespaces)).toEqual(["sessions", "cache"]);
    expect(config.credentials.operator.slots.a).toMatchObject({ epoch: 1, state: "live", expiresAt: "never" });
  });

  it("configure a production environment in an account of its own, with addresses and ends", async () => {
    const { config } = await committed("prod");
    expect(config.kind).toBe("production");
    expect(config.cloudflare.accountId).not.toBe((await committed("dev")).config.cloudflare.accountId);
    for (const role of [config.credentials.application, config.credentials.operator]) {
      expect(role.allowedIps?.length).toBeGreaterThan(0);
      expect(role.slots.a.expiresAt).toMatch(/^\d{4}-/);
    }
  });
});

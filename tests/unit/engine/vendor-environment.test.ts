import { describe, expect, it } from "vitest";

import { AppError } from "../../../src/core/app-error.ts";
import { requirePassphrase, requireVendorEnvironment } from "../../../src/engine/vendor-environment.ts";

const COMPLETE = { CLOUDFLARE_API_TOKEN: "x".repeat(40), RENDER_API_KEY: "y".repeat(32) };

function refusalOf(run: () => void): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("requireVendorEnvironment", () => {
  it("takes the two keys, with or without endpoints", () => {
    const endpoints = { CLOUDFLARE_BASE_URL: "http://127.0.0.1:1/client/v4", RENDER_HOST: "http://127.0.0.1:2/v1" };
    expect(() => {
      requireVendorEnvironment(COMPLETE);
      requireVendorEnvironment({ ...COMPLETE, ...endpoints });
    }).not.toThrow();
  });

  it("names everything that is missing or malformed at once, an empty key too, and shows no value", () => {
    const error = refusalOf(() => {
      requireVendorEnvironment({ RENDER_API_KEY: "", CLOUDFLARE_BASE_URL: "no url with a secret", RENDER_HOST: "" });
    });
    expect(error.code).toBe("VENDOR_ENVIRONMENT_MISSING");
    expect(error.details.map((line) => line.split(/[ :]/)[0])).toEqual([
      "CLOUDFLARE_API_TOKEN",
      "RENDER_API_KEY",
      "CLOUDFLARE_BASE_URL",
      "RENDER_HOST",
    ]);
    expect(JSON.stringify(error)).not.toContain("no url with a secret");
  });
});

describe("requirePassphrase", () => {
  it.each([
    [{ PULUMI_CONFIG_PASSPHRASE: "" }, undefined],
    [{ PULUMI_CONFIG_PASSPHRASE: "x" }, "passphrase"],
    [{ PULUMI_CONFIG_PASSPHRASE_FILE: "/run/secrets/passphrase" }, undefined],
    [{}, "awskms://alias/example"],
  ])("takes %o where the secrets provider is %s", (env, secretsProvider) => {
    expect(() => {
      requirePassphrase(env, secretsProvider);
    }).not.toThrow();
  });

  it.each([undefined, "passphrase"])("refuses an environment without one where the provider is %s", (provider) => {
    const error = refusalOf(() => {
      requirePassphrase({ PATH: "/bin" }, provider);
    });
    expect(error).toMatchObject({ code: "PASSPHRASE_MISSING", exitCode: 2 });
  });
});

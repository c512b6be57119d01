import { describe, expect, it } from "vitest";

import { AppError } from "../../../../src/core/app-error.ts";
import { guardIdentity, type IdentityConfig } from "../../../../src/flows/environment/guard-identity.ts";
import type { Identity } from "../../../../src/state/identity.ts";

const ACCOUNT = "9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6";
const OTHER = "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";
const identity = (kind: Identity["kind"]): Identity => ({ kind, app: "brainbot", accountId: ACCOUNT });
const config = (more: Partial<IdentityConfig> = {}): IdentityConfig => ({
  kind: "production",
  app: "brainbot",
  cloudflare: { accountId: ACCOUNT },
  ...more,
});

/** Details and exit code of the refusal, or `accepted`. */
function verdict(was: Identity["kind"], wanted: IdentityConfig, promotion?: "allowed" | "refused") {
  try {
    guardIdentity("prod", { readable: true, identity: identity(was) }, wanted, promotion);
    return "accepted";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, exit: error.exitCode, details: error.details };
  }
}

const refused = (...details: string[]) => ({ code: "ENVIRONMENT_DIFFERS", exit: 3, details });

describe("guardIdentity", () => {
  it("accepts anything where nothing is provisioned", () => {
    expect(() => {
      guardIdentity("prod", undefined, config());
    }).not.toThrow();
  });

  it.each(["development", "preview", "production"] as const)("accepts a %s that stays one", (kind) => {
    expect(verdict(kind, config({ kind }))).toBe("accepted");
  });

  it("refuses what production may not become, whatever else the file says", () => {
    for (const kind of ["development", "preview"] as const) {
      expect(verdict("production", config({ kind }))).toEqual(refused(`kind: ${kind}, provisioned is production`));
    }
  });

  it("promotes development only where the file says so", () => {
    expect(verdict("development", config())).toEqual(refused("kind: production, provisioned is development"));
    expect(verdict("development", config({ promotedFrom: "development" }))).toBe("accepted");
    expect(verdict("production", config({ promotedFrom: "development" }))).toBe("accepted");
  });

  it("refuses a promotion, and nothing else, where the command does not carry one out", () => {
    const promoted = config({ promotedFrom: "development" });
    expect(verdict("development", promoted, "refused")).toEqual(
      refused("kind: production, provisioned is development"),
    );
    expect(verdict("production", promoted, "refused")).toBe("accepted");
    expect(verdict("development", config({ kind: "development" }), "refused")).toBe("accepted");
    expect(() => {
      guardIdentity("prod", undefined, promoted, "refused");
    }).not.toThrow();
  });

  it("promotes no preview", () => {
    expect(verdict("preview", config({ promotedFrom: "development" }))).toEqual(
      refused("kind: production, provisioned is preview"),
    );
  });

  it("refuses another app and another account, both in one", () => {
    const other = config({ app: "other", cloudflare: { accountId: OTHER } });
    expect(verdict("production", other)).toEqual(
      refused("app: other, provisioned is brainbot", `cloudflare.accountId: ${OTHER}, provisioned is ${ACCOUNT}`),
    );
  });

  it("refuses where the state does not say what it is about", () => {
    expect(() => {
      guardIdentity("prod", { readable: false, lacks: "its kind, app or account" }, config());
    }).toThrow(
      expect.objectContaining({ code: "ENVIRONMENT_DIFFERS", details: ["not readable: its kind, app or account"] }),
    );
  });
});

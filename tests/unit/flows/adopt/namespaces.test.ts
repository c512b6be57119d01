import { describe, expect, it } from "vitest";

import { AppError } from "../../../../src/core/app-error.ts";
import type { ErrorCode } from "../../../../src/core/error-codes.ts";
import { planNamespaceAdoption } from "../../../../src/flows/adopt/namespaces.ts";

const EVENTUAL = { consistency: "eventual", defaultTtlSeconds: 3600 } as const;
const STRONG = { consistency: "strong", defaultTtlSeconds: 60 } as const;
const OWN = { id: "n1", title: "brainbot-dev-cache" };
const OLD = { id: "n2", title: "sessions of 2025" };
const PRODUCTION = { id: "n3", title: "brainbot-prod-sessions" };
const OWNER = {
  who: "the environment prod",
  kind: "production",
  evidence: `its title is ${PRODUCTION.title}`,
} as const;

function plan(requested: readonly string[], recorded: readonly { name: string; id: string }[] = []) {
  return planNamespaceAdoption({
    requested,
    environment: "dev",
    config: { app: "brainbot", namespaces: { cache: EVENTUAL, sessions: EVENTUAL, locks: STRONG } },
    existing: [OWN, OLD, PRODUCTION],
    recorded: recorded.map((object) => ({ ...object, urn: `urn:${object.name}` })),
    owners: new Map([[PRODUCTION.id, OWNER]]),
  });
}

function refusal(
  requested: readonly string[],
  recorded: readonly { name: string; id: string }[] = [],
  code: ErrorCode = "USAGE",
): readonly string[] {
  try {
    plan(requested, recorded);
  } catch (error) {
    if (error instanceof AppError && error.code === code) return error.details;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("planNamespaceAdoption", () => {
  it("takes up several, and says which of them get another title", () => {
    expect(plan(["cache=n1", "sessions=n2"])).toEqual([
      { name: "cache", id: "n1", title: "brainbot-dev-cache" },
      { name: "sessions", id: "n2", title: "brainbot-dev-sessions", oldTitle: OLD.title },
    ]);
  });

  it("leaves out what the state knows already", () => {
    expect(plan(["cache=n1"], [{ name: "cache", id: "n1" }])).toEqual([]);
  });

  it.each([
    ["cache", "expected <name>=<id>, each name once"],
    ["cache=", "expected <name>=<id>, each name once"],
    ["cache=n1=n2", "expected <name>=<id>, each name once"],
    ["basket=n2", "Pulumi.dev.yaml has no namespace basket: it has cache, sessions, locks"],
    ["locks=n2", "the file calls it strong: data of Workers KV is not seen there"],
    ["sessions=n9", "the account has no namespace of this id"],
    ["cache=n2", "another namespace has the title brainbot-dev-cache already: n1"],
  ])("refuses %s", (requested, reason) => {
    expect(refusal([requested])[0]).toBe(`${requested}: ${reason}`);
  });

  it("refuses a namespace of another environment as such, and offers it to nobody", () => {
    expect(refusal(["sessions=n3", "cache=n1"], [], "ADOPTION_REFUSED")).toEqual([
      "sessions=n3: it belongs to the environment prod: its title is brainbot-prod-sessions",
      `in the account: n1 ${OWN.title}`,
      `in the account: n2 ${OLD.title}`,
    ]);
  });

  it("refuses a name that has another namespace already, and a namespace that has another name", () => {
    expect(refusal(["cache=n2"], [{ name: "cache", id: "n1" }])[0]).toContain("with the id n1");
    expect(refusal(["sessions=n1"], [{ name: "cache", id: "n1" }])[0]).toContain("the environment's namespace cache");
  });

  it("names every problem together, then what could be taken up", () => {
    expect(refusal(["basket=n2", "sessions=n9"], [{ name: "cache", id: "n1" }])).toEqual([
      expect.stringContaining("basket=n2: "),
      expect.stringContaining("sessions=n9: "),
      `in the account: n2 ${OLD.title}`,
    ]);
  });

  it("refuses a name that is given twice", () => {
    expect(refusal(["cache=n1", "cache=n2"])[0]).toContain("each name once");
  });
});

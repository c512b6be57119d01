import { describe, expect, it } from "vitest";

import type { Neighbour, StackView } from "../../../src/policy/model.ts";
import { rule } from "../../../src/policy/rules/no-preview-beside-production.ts";
import { ACCOUNT_ID, neighbour, wellFormedStack } from "../well-formed-stack.ts";

function beside(kind: StackView["environment"]["kind"], ...known: readonly Neighbour[]): StackView {
  return { ...wellFormedStack({ kind, access: "gateway" }), neighbours: { known, unreadable: [] } };
}

const here = { accountId: ACCOUNT_ID, access: "gateway" } as const;

describe("no-preview-beside-production", () => {
  it("reports a preview in the account of production, whatever the access", () => {
    expect(rule.check(beside("preview", neighbour("prod", { ...here, kind: "production" })))).toEqual([
      { message: "The production environment prod is in the same account." },
    ]);
  });

  it("reports a production that shares its account with previews", () => {
    const previews = ["pr-1", "pr-2"].map((name) => neighbour(name, { ...here, kind: "preview" }));
    expect(rule.check(beside("production", ...previews))).toEqual([
      { message: "The preview environment pr-1 is in the same account." },
      { message: "The preview environment pr-2 is in the same account." },
    ]);
  });

  it("holds where the accounts differ", () => {
    expect(rule.check(beside("preview", neighbour("prod", { kind: "production" })))).toEqual([]);
  });

  it.each([
    ["preview", "preview"],
    ["preview", "development"],
    ["production", "development"],
    ["production", "production"],
    ["development", "preview"],
    ["development", "production"],
  ] as const)("says nothing of a %s beside a %s", (own, other) => {
    expect(rule.check(beside(own, neighbour("other", { ...here, kind: other })))).toEqual([]);
  });

  it.each(["preview", "production"] as const)("reports each neighbour of a %s that cannot be read", (kind) => {
    const unreadable = [{ file: "Pulumi.other.yaml", problem: "it is not valid YAML" }];
    expect(rule.check({ ...beside(kind), neighbours: { known: [], unreadable } })).toEqual([
      { message: "Pulumi.other.yaml cannot be judged: it is not valid YAML." },
    ]);
  });

  it("needs no neighbours in development", () => {
    const unreadable = [{ file: "Pulumi.other.yaml", problem: "it is not valid YAML" }];
    expect(rule.check({ ...beside("development"), neighbours: { known: [], unreadable } })).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";

import type { Neighbour, StackView } from "../../../src/policy/model.ts";
import { rule } from "../../../src/policy/rules/production-has-its-own-account.ts";
import { ACCOUNT_ID, neighbour, wellFormedStack } from "../well-formed-stack.ts";

function beside(environment: Partial<StackView["environment"]>, ...known: readonly Neighbour[]): StackView {
  return { ...wellFormedStack(environment), neighbours: { known, unreadable: [] } };
}

const SHARED = [{ message: "The environment other is in the same account, where a token reaches every namespace." }];
const other = (changes: Partial<Neighbour> = {}) => neighbour("other", { accountId: ACCOUNT_ID, ...changes });

describe("production-has-its-own-account", () => {
  it("is mandatory", () => {
    expect(rule.level).toBe("mandatory");
  });

  it.each(["development", "production"] as const)("reports a production that shares its account with a %s", (kind) => {
    expect(rule.check(beside({ kind: "production" }, other({ kind })))).toEqual(SHARED);
  });

  it("holds where the accounts differ", () => {
    expect(rule.check(beside({ kind: "production" }, neighbour("other")))).toEqual([]);
  });

  it.each([
    ["rest", "gateway"],
    ["gateway", "rest"],
  ] as const)("reports a shared account where one has a token (%s, %s)", (own, theirs) => {
    expect(rule.check(beside({ kind: "production", access: own }, other({ access: theirs })))).toEqual(SHARED);
  });

  it("holds where both go through a gateway", () => {
    expect(rule.check(beside({ kind: "production", access: "gateway" }, other({ access: "gateway" })))).toEqual([]);
  });

  it("leaves previews to the rule about them", () => {
    expect(rule.check(beside({ kind: "production" }, other({ kind: "preview" })))).toEqual([]);
  });

  it.each(["development", "preview"] as const)("says nothing in a %s", (kind) => {
    const unreadable = [{ file: "Pulumi.other.yaml", problem: "it is not valid YAML" }];
    expect(rule.check({ ...beside({ kind }), neighbours: { known: [other()], unreadable } })).toEqual([]);
  });

  it("reports each neighbour that cannot be read", () => {
    const unreadable = [{ file: "Pulumi.other.yaml", problem: "it is not valid YAML" }];
    expect(rule.check({ ...beside({ kind: "production" }), neighbours: { known: [], unreadable } })).toEqual([
      { message: "Pulumi.other.yaml cannot be judged: it is not valid YAML." },
    ]);
  });
});

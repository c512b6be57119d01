import { describe, expect, it } from "vitest";

import type { Neighbour, StackView } from "../../../src/policy/model.ts";
import { rule } from "../../../src/policy/rules/isolated-environments.ts";
import { ACCOUNT_ID, neighbour, wellFormedStack } from "../well-formed-stack.ts";

function beside(environment: Partial<StackView["environment"]>, ...known: readonly Neighbour[]): StackView {
  return { ...wellFormedStack(environment), neighbours: { known, unreadable: [] } };
}

const SHARED = [{ message: "The environment other is in the same account, where a token reaches every namespace." }];
const other = (changes: Partial<Neighbour> = {}) => neighbour("other", { accountId: ACCOUNT_ID, ...changes });

describe("isolated-environments", () => {
  it("is advisory", () => {
    expect(rule.level).toBe("advisory");
  });

  it.each([
    ["development", "development"],
    ["development", "production"],
    ["development", "preview"],
    ["preview", "preview"],
    ["preview", "development"],
  ] as const)("warns of a %s that shares its account with a %s", (own, theirs) => {
    expect(rule.check(beside({ kind: own }, other({ kind: theirs })))).toEqual(SHARED);
  });

  it("holds where the accounts differ", () => {
    expect(rule.check(beside({}, neighbour("other")))).toEqual([]);
  });

  it("holds where both go through a gateway", () => {
    expect(rule.check(beside({ access: "gateway" }, other({ access: "gateway" })))).toEqual([]);
  });

  it("leaves a preview beside production to the rule that refuses it", () => {
    expect(rule.check(beside({ kind: "preview" }, other({ kind: "production" })))).toEqual([]);
  });

  it("says nothing in production", () => {
    expect(rule.check(beside({ kind: "production" }, other()))).toEqual([]);
  });

  it("warns of each neighbour that cannot be read", () => {
    const unreadable = [{ file: "Pulumi.other.yaml", problem: "it is not valid YAML" }];
    expect(rule.check({ ...beside({}), neighbours: { known: [], unreadable } })).toEqual([
      { message: "Pulumi.other.yaml cannot be judged: it is not valid YAML." },
    ]);
  });
});

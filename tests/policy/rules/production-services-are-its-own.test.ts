import { describe, expect, it } from "vitest";

import type { EnvironmentFacts, Neighbour, StackView } from "../../../src/policy/model.ts";
import { rule } from "../../../src/policy/rules/production-services-are-its-own.ts";
import { UNKNOWN } from "../../../src/state/properties.ts";
import { changed, messages, neighbour, urnOf, wellFormedStack } from "../well-formed-stack.ts";

const THEIRS = "srv-theirs";

function linked(kind: EnvironmentFacts["kind"], serviceIds: readonly string[], ...known: readonly Neighbour[]) {
  const stack: StackView = { ...wellFormedStack({ kind }), neighbours: { known, unreadable: [] } };
  return changed(stack, "groupLink", "cloudflare-kv", { serviceIds: [...serviceIds] });
}

const other = (kind: EnvironmentFacts["kind"]) => neighbour("other", { kind, services: [THEIRS] });

describe("production-services-are-its-own", () => {
  it("is mandatory", () => {
    expect(rule.level).toBe("mandatory");
  });

  it.each([
    ["production", "development"],
    ["production", "preview"],
    ["production", "production"],
    ["development", "production"],
  ] as const)("reports a link of %s with a service of %s", (own, theirs) => {
    const stack = linked(own, ["srv-own", THEIRS], other(theirs));
    const violations = rule.check(stack);
    expect(messages(violations, stack)).toEqual([
      `Link cloudflare-kv lists a service of the ${theirs} environment other.`,
    ]);
    expect(violations[0]?.urn).toBe(urnOf("groupLink", "cloudflare-kv"));
  });

  it.each([
    ["development", "development"],
    ["development", "preview"],
    // Another rule reports that.
    ["preview", "production"],
  ] as const)("leaves a link of %s with a service of %s to other rules", (own, theirs) => {
    expect(rule.check(linked(own, [THEIRS], other(theirs)))).toEqual([]);
  });

  it("holds where each service is one environment's", () => {
    expect(rule.check(linked("production", ["srv-own"], other("development")))).toEqual([]);
    expect(rule.check(linked("development", ["srv-own"], other("production")))).toEqual([]);
  });

  it.each([UNKNOWN, ["srv-own", UNKNOWN]] as const)("reports services that are not known", (serviceIds) => {
    const stack = changed(linked("production", [], other("development")), "groupLink", "cloudflare-kv", { serviceIds });
    expect(rule.check(stack)).toHaveLength(1);
  });

  it("reports each neighbour that cannot be read, in production", () => {
    const unreadable = [{ file: "Pulumi.dev.yaml", problem: "it is not valid YAML" }];
    const beside = (kind: EnvironmentFacts["kind"]) => ({
      ...wellFormedStack({ kind }),
      neighbours: { known: [], unreadable },
    });
    expect(rule.check(beside("production"))).toEqual([
      { message: "Pulumi.dev.yaml cannot be judged: it is not valid YAML." },
    ]);
    expect(rule.check(beside("development"))).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";

import type { EnvironmentFacts, StackView } from "../../../src/policy/model.ts";
import { rule } from "../../../src/policy/rules/services-of-one-environment.ts";
import { changed, messages, neighbour, wellFormedStack } from "../well-formed-stack.ts";

const THEIRS = "srv-theirs";

function linked(own: EnvironmentFacts["kind"], theirs: EnvironmentFacts["kind"], service: string): StackView {
  const known = [neighbour("other", { kind: theirs, services: [THEIRS] })];
  const stack: StackView = { ...wellFormedStack({ kind: own }), neighbours: { known, unreadable: [] } };
  return changed(stack, "groupLink", "cloudflare-kv", { serviceIds: ["srv-own", service] });
}

describe("services-of-one-environment", () => {
  it("is advisory", () => {
    expect(rule.level).toBe("advisory");
  });

  it.each([
    ["development", "development"],
    ["development", "preview"],
    ["preview", "development"],
    ["preview", "preview"],
  ] as const)("warns of a link of %s with a service of %s", (own, theirs) => {
    const stack = linked(own, theirs, THEIRS);
    expect(messages(rule.check(stack), stack)).toEqual([
      `Link cloudflare-kv lists a service of the ${theirs} environment other.`,
    ]);
  });

  it("holds where each service is one environment's", () => {
    expect(rule.check(linked("development", "development", "srv-mine"))).toEqual([]);
  });

  it.each([
    ["production", "development"],
    ["development", "production"],
  ] as const)("leaves a link of %s with a service of %s to the rule that refuses it", (own, theirs) => {
    expect(rule.check(linked(own, theirs, THEIRS))).toEqual([]);
  });

  it("reports each neighbour that cannot be read", () => {
    const unreadable = [{ file: "Pulumi.prod.yaml", problem: "it is not valid YAML" }];
    expect(rule.check({ ...wellFormedStack(), neighbours: { known: [], unreadable } })).toEqual([
      { message: "Pulumi.prod.yaml cannot be judged: it is not valid YAML." },
    ]);
  });
});

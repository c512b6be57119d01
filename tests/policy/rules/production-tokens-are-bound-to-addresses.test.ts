import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/rules/production-tokens-are-bound-to-addresses.ts";
import { type PropertyValue, UNKNOWN } from "../../../src/state/properties.ts";
import { changed, messages, urnOf, wellFormedStack } from "../well-formed-stack.ts";

const PRODUCTION = wellFormedStack({ kind: "production" });

function withCondition(token: string, condition: PropertyValue) {
  return changed(PRODUCTION, "accountToken", token, { condition });
}

describe("production-tokens-are-bound-to-addresses", () => {
  it("holds for tokens that name their networks", () => {
    expect(rule.check(PRODUCTION)).toEqual([]);
  });

  it.each([
    ["no condition", null],
    ["an unknown condition", UNKNOWN],
    ["a condition without addresses", {}],
    ["only refused addresses", { requestIp: { notIns: ["203.0.113.10/32"] } }],
    ["an empty list", { requestIp: { ins: [] } }],
    ["an unknown list", { requestIp: { ins: UNKNOWN } }],
    ["an unknown network", { requestIp: { ins: ["203.0.113.10/32", UNKNOWN] } }],
    ["every address of IPv4", { requestIp: { ins: ["203.0.113.10/32", "0.0.0.0/0"] } }],
    ["every address of IPv6", { requestIp: { ins: ["::/0"] } }],
    ["every address in two halves", { requestIp: { ins: ["0.0.0.0/1", "128.0.0.0/1"] } }],
    ["what is no network", { requestIp: { ins: ["anywhere"] } }],
  ] as const)("reports a token of production with %s", (_, condition) => {
    const stack = withCondition("application-a1", condition);
    expect(rule.check(stack)).toEqual([
      {
        message: "Token application-a1 is accepted from too many addresses.",
        urn: urnOf("accountToken", "application-a1"),
      },
    ]);
  });

  it("reports the token of an operator as well", () => {
    const stack = withCondition("operator-b12", null);
    expect(messages(rule.check(stack), stack)).toEqual(["Token operator-b12 is accepted from too many addresses."]);
  });

  it.each(["development", "preview"] as const)("lets a token of a %s be accepted from everywhere", (kind) => {
    expect(
      rule.check(changed(wellFormedStack({ kind }), "accountToken", "application-a1", { condition: null })),
    ).toEqual([]);
  });
});

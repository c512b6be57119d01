import { describe, expect, it } from "vitest";

import { policyResults } from "../../../../src/cli/commands/policy-check.ts";
import type { PolicyFinding } from "../../../../src/engine/engine-report.ts";
import { ALL_RULES } from "../../../../src/policy/rules.ts";

const BROKEN: PolicyFinding = {
  policy: "one-link-for-each-group",
  level: "mandatory",
  message: "The group has no link.",
  resource: "cloudflare-kv",
};
const ADVICE: PolicyFinding = { ...BROKEN, policy: "isolated-environments", level: "advisory", message: "Shared." };

function resultsOf(...args: Parameters<typeof policyResults>) {
  const results = policyResults(...args).filter(({ result }) => result !== "holds" && result !== "not checked");
  return results.map(({ name, result, findings }) => [name, result, ...findings]);
}

describe("policyResults", () => {
  it("lists every rule, and counts none that is about changes as held", () => {
    const results = policyResults([], []);
    expect(results.map(({ name }) => name)).toEqual(ALL_RULES.map(({ name }) => name));
    expect(results.filter(({ result }) => result !== "holds").map(({ checked, result }) => [checked, result])).toEqual(
      ALL_RULES.filter(({ checked }) => checked === "plan").map(() => ["plan", "not checked"]),
    );
  });

  it("says of a rule that it is broken, or warns, and where", () => {
    const state = { rule: "production-data-is-kept", message: "It is not kept.", fix: "Keep it.", urn: "a::b::cache" };
    expect(resultsOf([ADVICE, BROKEN], [state])).toEqual([
      ["one-link-for-each-group", "broken", "one-link-for-each-group (cloudflare-kv): The group has no link."],
      ["isolated-environments", "warning", "isolated-environments (cloudflare-kv): Shared."],
      ["production-data-is-kept", "broken", "production-data-is-kept (cache): It is not kept.\nFix: Keep it."],
    ]);
  });

  it("counts a rule that could not run as broken, whether it may wait in a preview or not", () => {
    const message = "can't run policy 'x' during preview";
    const findings = ["own-namespaces-only", "kv-only-tokens"].map((policy) => ({ ...ADVICE, policy, message }));
    expect(resultsOf(findings, []).map(([name, result]) => [name, result])).toEqual([
      ["own-namespaces-only", "broken"],
      ["kv-only-tokens", "broken"],
    ]);
  });
});

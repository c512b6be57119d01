import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/rules/no-upstash-variables-in-phase-kv.ts";
import { UNKNOWN } from "../../../src/state/properties.ts";
import { changed, messages, urnOf, variables, wellFormedStack } from "../well-formed-stack.ts";

const withUpstash = variables("CLOUDFLARE_KV_PHASE", "UPSTASH_REDIS_REST_TOKEN", "UPSTASH_REDIS_REST_URL");

describe("no-upstash-variables-in-phase-kv", () => {
  it("holds for a group without Upstash variables", () => {
    expect(rule.check(wellFormedStack())).toEqual([]);
  });

  it("reports each Upstash variable of a group in phase kv", () => {
    const stack = changed(wellFormedStack(), "group", "cloudflare-kv", { envVars: withUpstash });
    const violations = rule.check(stack);
    expect(messages(violations, stack)).toEqual([
      "Environment group cloudflare-kv holds UPSTASH_REDIS_REST_TOKEN in phase kv.",
      "Environment group cloudflare-kv holds UPSTASH_REDIS_REST_URL in phase kv.",
    ]);
    expect(violations.map(({ urn }) => urn)).toEqual(Array(2).fill(urnOf("group", "cloudflare-kv")));
  });

  it.each(["redis", "dual"] as const)("lets a group hold them in phase %s", (phase) => {
    const stack = changed(wellFormedStack({ phase }), "group", "cloudflare-kv", { envVars: withUpstash });
    expect(rule.check(stack)).toEqual([]);
  });

  it("passes over values that a preview cannot know", () => {
    const envVars = { CLOUDFLARE_KV_API_TOKEN: { value: UNKNOWN }, CLOUDFLARE_KV_PHASE: UNKNOWN };
    expect(rule.check(changed(wellFormedStack(), "group", "cloudflare-kv", { envVars }))).toEqual([]);
  });

  it("reports a group whose variables cannot be known", () => {
    const stack = changed(wellFormedStack(), "group", "cloudflare-kv", { envVars: UNKNOWN });
    expect(messages(rule.check(stack), stack)).toEqual([
      "The variables of environment group cloudflare-kv are not known before it is created.",
    ]);
  });
});

import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/rules/names-follow-the-environment.ts";
import { UNKNOWN } from "../../../src/state/properties.ts";
import { added, changed, messages, resource, urnOf, wellFormedStack } from "../well-formed-stack.ts";

const TITLE = "sessions: title is not brainbot-dev-sessions.";
const GROUP = "cloudflare-kv: name is not brainbot-dev-cloudflare-kv.";
const TOKEN = "application-a1: name is not brainbot-dev-application-a1.";

describe("names-follow-the-environment", () => {
  it("holds for names that follow from the environment", () => {
    expect(rule.check(wellFormedStack())).toEqual([]);
  });

  it.each([
    ["another environment", "brainbot-prod-sessions"],
    ["another application", "other-dev-sessions"],
    ["another namespace", "brainbot-dev-orders"],
    ["nothing", null],
    ["what is not known", UNKNOWN],
  ] as const)("reports a namespace that is titled after %s", (_, title) => {
    const stack = changed(wellFormedStack(), "namespace", "sessions", { title });
    const violations = rule.check(stack);
    expect(messages(violations, stack)).toEqual([TITLE]);
    expect(violations[0]?.urn).toBe(urnOf("namespace", "sessions"));
  });

  it.each(["brainbot-prod-cloudflare-kv", "cloudflare-kv-of-dev", UNKNOWN])(
    "reports a group with the name %s",
    (name) => {
      const stack = changed(wellFormedStack(), "group", "cloudflare-kv", { name });
      expect(rule.check(stack)).toEqual([{ message: GROUP, urn: urnOf("group", "cloudflare-kv") }]);
    },
  );

  it.each(["brainbot-dev-application-a2", "brainbot-prod-application-a1", "dev-application-a1", UNKNOWN])(
    "reports a token whose name %s is not that of its resource",
    (name) => {
      const stack = changed(wellFormedStack(), "accountToken", "application-a1", { name });
      expect(rule.check(stack)).toEqual([{ message: TOKEN, urn: urnOf("accountToken", "application-a1") }]);
    },
  );

  it.each(["application", "application-a", "application-a0", "application-c1", "admin-a1", "x-application-a1"])(
    "reports a token whose resource is named %s",
    (name) => {
      const stack = added(wellFormedStack(), resource("accountToken", name, { name: `brainbot-dev-${name}` }));
      const violations = rule.check(stack);
      expect(violations).toEqual([
        {
          message: `Token ${name}: its name in the program is not <role>-<slot><epoch>.`,
          urn: urnOf("accountToken", name),
        },
      ]);
    },
  );

  it("shows the expected name and not the one it found", () => {
    const stack = changed(wellFormedStack(), "group", "cloudflare-kv", { name: "y".repeat(20) });
    expect(messages(rule.check(stack), stack)).toEqual([GROUP]);
  });

  it.each([
    ["brainbot-dev-gateway", []],
    ["brainbot-prod-gateway", ["gateway: name is not brainbot-dev-gateway."]],
    ["gateway", ["gateway: name is not brainbot-dev-gateway."]],
    [UNKNOWN, ["gateway: name is not brainbot-dev-gateway."]],
  ] as const)("wants the Worker to be the environment's: %s", (name, expected) => {
    const stack = added(wellFormedStack(), resource("worker", "gateway", { name }));
    expect(rule.check(stack).map(({ message }) => message)).toEqual(expected);
  });

  it.each([
    ["operator-b12", []],
    ["application", ["Password application: its name in the program is not <role>-<slot><epoch>."]],
    ["application-a0", ["Password application-a0: its name in the program is not <role>-<slot><epoch>."]],
  ] as const)("wants a password to be named after its slot: %s", (name, expected) => {
    const stack = added(wellFormedStack(), resource("randomPassword", name, {}));
    expect(rule.check(stack).map(({ message }) => message)).toEqual(expected);
  });
});

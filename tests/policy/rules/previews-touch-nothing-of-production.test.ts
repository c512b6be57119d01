import { describe, expect, it } from "vitest";

import type { Neighbour, StackView } from "../../../src/policy/model.ts";
import { rule } from "../../../src/policy/rules/previews-touch-nothing-of-production.ts";
import { type PropertyValue, UNKNOWN } from "../../../src/state/properties.ts";
import { changed, messages, neighbour, OTHER_ACCOUNT_ID, urnOf, wellFormedStack } from "../well-formed-stack.ts";

const RENDER_ENVIRONMENT = `evm-${"p".repeat(20)}`;
const PRODUCTION = neighbour("prod", {
  kind: "production",
  services: ["srv-first", "srv-second"],
  renderEnvironmentId: RENDER_ENVIRONMENT,
});

function preview(production: Neighbour = PRODUCTION): StackView {
  const stack = wellFormedStack({ kind: "preview", environment: "pr-7" });
  return { ...stack, neighbours: { known: [neighbour("dev"), production], unreadable: [] } };
}

describe("previews-touch-nothing-of-production", () => {
  it("holds for a preview with everything of its own", () => {
    expect(rule.check(preview())).toEqual([]);
  });

  it.each([
    ["a service of production", ["srv-own", "srv-second"]],
    ["a service that is not known", ["srv-own", UNKNOWN]],
    ["services that are not known", UNKNOWN],
  ] as const)("reports a link with %s", (_, serviceIds) => {
    const stack = changed(preview(), "groupLink", "cloudflare-kv", { serviceIds });
    expect(messages(rule.check(stack), stack)).toEqual([
      "Link cloudflare-kv lists a service of the production environment prod.",
    ]);
    expect(rule.check(stack)[0]?.urn).toBe(urnOf("groupLink", "cloudflare-kv"));
  });

  it.each([RENDER_ENVIRONMENT, UNKNOWN])("reports a group in the Render environment of production", (environmentId) => {
    const stack = changed(preview(), "group", "cloudflare-kv", { environmentId });
    expect(messages(rule.check(stack), stack)).toEqual([
      "Environment group cloudflare-kv is in the Render environment of prod.",
    ]);
  });

  it("lets a group be in a Render environment where production is in none", () => {
    const production = { ...PRODUCTION, renderEnvironmentId: undefined };
    const stack = changed(preview(production), "group", "cloudflare-kv", { environmentId: RENDER_ENVIRONMENT });
    expect(rule.check(stack)).toEqual([]);
    expect(rule.check(preview(production))).toEqual([]);
  });

  it.each([
    ["namespace", "sessions", "title", "brainbot-prod-pr-7-sessions"],
    ["group", "cloudflare-kv", "name", "brainbot-prod-pr-7-cloudflare-kv"],
    ["accountToken", "application-a1", "name", "brainbot-prod-pr-7-application-a1"],
    ["namespace", "sessions", "title", UNKNOWN],
  ] as const)("reports a %s whose name may be one of production", (type, name, property, value: PropertyValue) => {
    const stack = changed(preview(), type, name, { [property]: value });
    expect(messages(rule.check(stack), stack)).toEqual([`Resource ${name} has a name that is reserved for prod.`]);
  });

  it("lets a name begin like one of production that ends earlier", () => {
    expect(rule.check(changed(preview(), "namespace", "sessions", { title: "brainbot-production-sessions" }))).toEqual(
      [],
    );
  });

  it.each([OTHER_ACCOUNT_ID, UNKNOWN])("reports a resource that may be in the account of production", (accountId) => {
    const stack = changed(preview(), "namespace", "sessions", { accountId });
    expect(messages(rule.check(stack), stack)).toEqual([
      "Resource sessions is in the account of the production environment prod.",
    ]);
  });

  it("leaves a preview that is in the account as a whole to the rule about accounts", () => {
    const { accountId } = preview().environment;
    expect(rule.check(preview({ ...PRODUCTION, accountId }))).toEqual([]);
  });

  it.each(["development", "production"] as const)("says nothing of a %s", (kind) => {
    const stack = { ...preview(), environment: { ...preview().environment, kind } };
    expect(rule.check(changed(stack, "groupLink", "cloudflare-kv", { serviceIds: ["srv-first"] }))).toEqual([]);
  });

  it("reports each neighbour that cannot be read", () => {
    const unreadable = [{ file: "Pulumi.prod.yaml", problem: "it is not valid YAML" }];
    expect(rule.check({ ...preview(), neighbours: { known: [], unreadable } })).toEqual([
      { message: "Pulumi.prod.yaml cannot be judged: it is not valid YAML." },
    ]);
  });
});

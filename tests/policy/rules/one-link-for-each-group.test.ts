import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/rules/one-link-for-each-group.ts";
import { UNKNOWN } from "../../../src/state/properties.ts";
import { added, changed, link, messages, resource, urnOf, wellFormedStack, without } from "../well-formed-stack.ts";

const GROUP = "cloudflare-kv";
const NO_LINK = { message: `Environment group ${GROUP} has no link.`, urn: urnOf("group", GROUP) };

function foreign(name: string) {
  const message = `Link ${name}: envGroupId is not the id of one environment group of this stack.`;
  return { message, urn: urnOf("groupLink", name) };
}

describe("one-link-for-each-group", () => {
  it("holds for one link", () => {
    expect(rule.check(wellFormedStack())).toEqual([]);
  });

  it("holds in a first preview, where the group's id is unknown", () => {
    const stack = changed(wellFormedStack(), "group", GROUP, { id: UNKNOWN });
    expect(rule.check(changed(stack, "groupLink", GROUP, { envGroupId: UNKNOWN }))).toEqual([]);
  });

  it("holds for two groups with a link each", () => {
    const stack = added(wellFormedStack(), resource("group", "second", {}), link("second", "second", UNKNOWN));
    expect(rule.check(stack)).toEqual([]);
  });

  it("reports a group without a link", () => {
    expect(rule.check(without(wellFormedStack(), "groupLink", GROUP))).toEqual([NO_LINK]);
  });

  it("reports a group with two links", () => {
    const stack = added(wellFormedStack(), link("second", GROUP, UNKNOWN));
    expect(rule.check(stack)).toEqual([
      { message: `Environment group ${GROUP} has 2 links.`, urn: urnOf("group", GROUP) },
    ]);
  });

  it("reports a link with a copied id", () => {
    const copied = resource("groupLink", "copied", { envGroupId: "evg-fake", serviceIds: ["srv-fake"] });
    expect(rule.check(added(wellFormedStack(), copied))).toEqual([foreign("copied")]);
    const stack = added(without(wellFormedStack(), "groupLink", GROUP), copied);
    expect(rule.check(stack)).toEqual([NO_LINK, foreign("copied")]);
    expect(messages(rule.check(stack), stack)).toHaveLength(2);
  });

  it("reports a link that takes its group from a resource that is no group", () => {
    const stack = added(wellFormedStack(), {
      ...resource("groupLink", "reference", { envGroupId: UNKNOWN }),
      propertyDependencies: { envGroupId: ["urn:pulumi:dev::kvshift::pulumi:pulumi:StackReference::other"] },
    });
    expect(rule.check(stack)).toEqual([foreign("reference")]);
  });

  it("reports a link that depends on the group for its services only", () => {
    const stack = added(wellFormedStack(), {
      ...resource("groupLink", "services", { envGroupId: "evg-other" }),
      propertyDependencies: { serviceIds: [urnOf("group", GROUP)] },
    });
    expect(rule.check(stack)).toEqual([foreign("services")]);
  });

  it("reports a link whose id comes from two groups", () => {
    const stack = added(wellFormedStack(), resource("group", "second", {}), link("second", "second", UNKNOWN), {
      ...resource("groupLink", "both", { envGroupId: UNKNOWN }),
      propertyDependencies: { envGroupId: [urnOf("group", GROUP), urnOf("group", "second")] },
    });
    expect(rule.check(stack)).toEqual([foreign("both")]);
  });

  it("compares the ids where both are known", () => {
    const stack = changed(wellFormedStack(), "group", GROUP, { id: "evg-fake" });
    expect(rule.check(stack)).toEqual([]);
    const elsewhere = changed(stack, "groupLink", GROUP, { envGroupId: "evg-other" });
    expect(rule.check(elsewhere)).toEqual([NO_LINK, foreign(GROUP)]);
  });
});

import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/rules/kv-only-tokens.ts";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../src/state/properties.ts";
import {
  ACCOUNT_ID,
  changed,
  KV_READ,
  KV_WRITE,
  messages,
  OTHER_ACCOUNT_ID,
  policy,
  urnOf,
  wellFormedStack,
} from "../well-formed-stack.ts";

/** Workers Scripts Write. */
const SCRIPTS_WRITE = "e086da7e2179491d91ee5f35b3ca210a";
const NAME = "application-a1";

const FOREIGN_ACCOUNT = "accountId is not the environment's account";
const GROUPS = "its permission groups are not only those of Workers KV";
const EFFECT = "the effect of its policy is not allow";
const RESOURCES = "its resources are not compact JSON with the environment's account as the only key";
const NO_POLICY = "it has no policy that can be read";

function account(id: string): string {
  return `com.cloudflare.api.account.${id}`;
}

function withGroups(...ids: readonly PropertyValue[]): PropertyMap {
  return { policies: [policy({ permissionGroups: ids.map((id) => ({ id })) })] };
}

function withResources(resources: PropertyValue): PropertyMap {
  return { policies: [policy({ resources })] };
}

const BREAKAGES: readonly (readonly [title: string, props: PropertyMap, finding: string])[] = [
  ["of another account", { accountId: OTHER_ACCOUNT_ID }, FOREIGN_ACCOUNT],
  ["of an account that is not known", { accountId: UNKNOWN }, FOREIGN_ACCOUNT],
  ["that may deploy Workers", withGroups(SCRIPTS_WRITE), GROUPS],
  ["that may do more than KV", withGroups(KV_READ, SCRIPTS_WRITE), GROUPS],
  ["without permission groups", withGroups(), GROUPS],
  ["whose permission group is not known", withGroups(UNKNOWN), GROUPS],
  ["whose permission groups are not known", { policies: [policy({ permissionGroups: UNKNOWN })] }, GROUPS],
  ["whose permission group has no id", { policies: [policy({ permissionGroups: [{}] })] }, GROUPS],
  ["whose policy denies", { policies: [policy({ effect: "deny" })] }, EFFECT],
  ["whose policy has no effect", { policies: [policy({ effect: null })] }, EFFECT],
  ["over another account", withResources(JSON.stringify({ [account(OTHER_ACCOUNT_ID)]: "*" })), RESOURCES],
  ["over every account", withResources(JSON.stringify({ "com.cloudflare.api.account.*": "*" })), RESOURCES],
  [
    "over a second account",
    withResources(JSON.stringify({ [account(ACCOUNT_ID)]: "*", [account(OTHER_ACCOUNT_ID)]: "*" })),
    RESOURCES,
  ],
  ["over a part of the account", withResources(JSON.stringify({ [account(ACCOUNT_ID)]: { zone: "*" } })), RESOURCES],
  ["whose JSON has spaces", withResources(`{ "${account(ACCOUNT_ID)}": "*" }`), RESOURCES],
  ["whose resources are not known", withResources(UNKNOWN), RESOURCES],
  ["with two policies", { policies: [policy(), policy()] }, "it has more than one policy"],
  ["without policies", { policies: [] }, NO_POLICY],
  ["whose policies are absent", { policies: null }, NO_POLICY],
  ["whose policy is not known", { policies: [UNKNOWN] }, NO_POLICY],
  ["whose policies are not known", { policies: UNKNOWN }, "policies are not known before it is created"],
];

describe("kv-only-tokens", () => {
  it.each(["development", "preview", "production"] as const)("holds for the tokens of kind %s", (kind) => {
    expect(rule.check(wellFormedStack({ kind }))).toEqual([]);
  });

  it.each([KV_READ, KV_WRITE])("lets a token hold the KV permission group %s alone", (id) => {
    const policies = [policy({ permissionGroups: [{ id }] })];
    expect(rule.check(changed(wellFormedStack(), "accountToken", NAME, { policies }))).toEqual([]);
  });

  it.each(BREAKAGES)("reports a token %s", (_title, props, finding) => {
    const stack = changed(wellFormedStack(), "accountToken", NAME, props);
    const violations = rule.check(stack);
    expect(messages(violations, stack)).toEqual([`Token ${NAME}: ${finding}.`]);
    expect(violations[0]?.urn).toBe(urnOf("accountToken", NAME));
  });

  it.each([["absent", null] as const, ["empty", ""] as const, ["not known", UNKNOWN] as const])(
    "reports a production token whose expiry is %s",
    (_title, expiresOn) => {
      const stack = changed(wellFormedStack({ kind: "production" }), "accountToken", NAME, { expiresOn });
      expect(messages(rule.check(stack), stack)).toEqual([`Token ${NAME}: expiresOn is not set in production.`]);
    },
  );

  it("lets tokens live for ever outside production", () => {
    expect(rule.check(changed(wellFormedStack(), "accountToken", NAME, { expiresOn: null }))).toEqual([]);
  });

  it("reports everything that is wrong with one token", () => {
    const policies = [policy({ effect: "deny", permissionGroups: [], resources: "{}" })];
    const props = { accountId: OTHER_ACCOUNT_ID, policies, expiresOn: null };
    const stack = changed(wellFormedStack({ kind: "production" }), "accountToken", NAME, props);
    expect(messages(rule.check(stack), stack)).toEqual(
      [FOREIGN_ACCOUNT, EFFECT, GROUPS, RESOURCES, "expiresOn is not set in production"].map(
        (finding) => `Token ${NAME}: ${finding}.`,
      ),
    );
  });
});

import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/plan-rules/no-plain-credential-in-new-outputs.ts";
import { planView } from "../../../src/policy/plan.ts";
import { COMPONENT_TYPES } from "../../../src/stack/types.ts";
import { type PropertyMap, UNKNOWN } from "../../../src/state/properties.ts";

const STACK = "pulumi:pulumi:Stack";
const URN = "urn:pulumi:dev::kvshift::type::name";

function check(outputs: PropertyMap, type: string = STACK) {
  const registered = { type, name: "kvshift-dev", urn: URN, outputs };
  return rule.check(planView({ changes: [], outputs: [registered] }));
}

function broken(path: string) {
  return [{ message: `Component kvshift-dev: ${path} would be a credential in clear.`, urn: URN }];
}

describe("no-plain-credential-in-new-outputs", () => {
  it("holds for secrets, for what is not known yet, and for what is no credential", () => {
    expect(check({ token: "[secret]", password: UNKNOWN, credentialId: "dev-application-a1", nothing: null })).toEqual(
      [],
    );
  });

  it("reports a token of Cloudflare under any name", () => {
    expect(check({ nested: { greeting: `cfat_${"x".repeat(40)}` } })).toEqual(broken("nested.greeting"));
  });

  it.each(["UPSTASH_REDIS_REST_TOKEN", "password", "apiKey"])("reports a value in clear under the name %s", (name) => {
    expect(check({ [name]: "anything" })).toEqual(broken(name));
  });

  it("does not take the name of a namespace for that of a credential", () => {
    const id = "1".repeat(32);
    expect(check({ ids: { "refresh-token": id } }, COMPONENT_TYPES.namespaces)).toEqual([]);
    expect(check({ variables: { CLOUDFLARE_KV_NAMESPACE_ID_REFRESH_TOKEN: id } })).toEqual([]);
    expect(check({ namespaces: { "refresh-token": { id } } })).toEqual([]);
  });

  it("looks at components and the stack only: vendors' resources are the state's", () => {
    expect(check({ token: "anything" }, COMPONENT_TYPES.credentials)).toEqual(broken("token"));
    expect(check({ token: "anything" }, "cloudflare:index/accountToken:AccountToken")).toEqual([]);
  });
});

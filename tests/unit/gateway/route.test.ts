import { describe, expect, it } from "vitest";

import { routeOf } from "../../../src/gateway/route.ts";

const BASE = "/client/v4/accounts/acc/storage/kv/namespaces";
const inNamespace = { accountId: "acc", namespaceId: "ns" };

describe("routeOf", () => {
  it.each([
    ["/kvshift/v1/health", { kind: "health" }],
    ["/kvshift/v1/usage", { kind: "usage" }],
    ["/kvshift/v1/parity", { kind: "parity" }],
    ["/kvshift/v1/namespaces/ns/atomic", { kind: "atomic", namespaceId: "ns" }],
    ["/client/v4/user/tokens/verify", { kind: "verify" }],
    ["/client/v4/accounts/acc/tokens/verify", { kind: "verify", accountId: "acc" }],
    [BASE, { kind: "namespaces", accountId: "acc" }],
    [`${BASE}/ns`, { kind: "namespace", ...inNamespace }],
    [`${BASE}/ns/keys`, { kind: "keys", ...inNamespace }],
    [`${BASE}/ns/bulk`, { kind: "bulk", ...inNamespace }],
    [`${BASE}/ns/bulk/delete`, { kind: "bulk-delete", ...inNamespace }],
    [`${BASE}/ns/bulk/get`, { kind: "bulk-get", ...inNamespace }],
    [`${BASE}/ns/values/k`, { kind: "value", ...inNamespace, rawKey: "k" }],
    [`${BASE}/ns/metadata/k`, { kind: "metadata", ...inNamespace, rawKey: "k" }],
  ])("knows %s", (path, route) => {
    expect(routeOf(path)).toEqual(route);
  });

  it.each(["a%2Fb", "%", "..", "%2e%2e", "a:b!", ""])("leaves the key %j as it stands in the path", (rawKey) => {
    expect(routeOf(`${BASE}/ns/values/${rawKey}`)).toEqual({ kind: "value", ...inNamespace, rawKey });
  });

  it("takes an account without a name for one that nobody has", () => {
    expect(routeOf("/client/v4/accounts//storage/kv/namespaces/ns")).toEqual({
      kind: "namespace",
      accountId: "",
      namespaceId: "ns",
    });
  });

  it.each([
    "/",
    "/client/v4",
    "/client/v4/user/tokens",
    "/client/v4/user/tokens/verify/",
    "/x/client/v4/user/tokens/verify",
    "/client/v4/users/acc/tokens/verify",
    `${BASE}/`,
    `${BASE}//keys`,
    `${BASE}/ns/`,
    `${BASE}/ns/values`,
    `${BASE}/ns/values/a/b`,
    `${BASE}/ns/metadata/a/b`,
    `${BASE}/ns/bulk/put`,
    `${BASE}/ns/Keys`,
    `/x${BASE}`,
    `${BASE.replace("v4", "v5")}/ns`,
    "/kvshift/v1/namespaces/a/b/atomic",
    "/kvshift/v1/namespaces/ns/atomic/x",
    "/kvshift/v1/health/",
    "/kvshift/v2/health",
  ])("knows no route for %s", (path) => {
    expect(routeOf(path)).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";

import { Secret } from "../../../../src/core/secret.ts";
import {
  namesake,
  type OwnedGroup,
  ownerOfGroup,
  ownerOfNamespace,
  ownerOfWorker,
  type Self,
} from "../../../../src/flows/ownership/owners.ts";

const PROD = { app: "brainbot", environment: "prod", kind: "production" } as const;
const SELF: Self = {
  app: "brainbot",
  environment: "dev",
  groups: ["evg-own"],
  namespaces: ["n-own"],
  neighbours: [PROD],
};

const ID = "CLOUDFLARE_KV_CREDENTIAL_ID";

function group(name: string, variables: Readonly<Record<string, string>> = {}, id = "evg-1") {
  const envVars = Object.entries(variables).map(([key, value]) => ({ key, value: new Secret(value) }));
  const rest = { ownerId: "tea-1", createdAt: "2026-01-01T00:00:00Z", serviceLinks: [], secretFiles: [] };
  return { id, name, envVars, ...rest };
}

const credential = (environment: string) => ({ [ID]: `${environment}-application-a1` });
const namespaces = (...ids: string[]) => ({
  CLOUDFLARE_KV_NAMESPACES: JSON.stringify(
    Object.fromEntries(ids.map((id, index) => [`name${String(index)}`, { id }])),
  ),
});

describe("ownerOfGroup", () => {
  it("finds the project's environment whose name a group has, and its kind", () => {
    expect(ownerOfGroup(group("brainbot-prod-cloudflare-kv"), SELF)).toEqual({
      who: "the environment prod",
      kind: "production",
      evidence: "its name is brainbot-prod-cloudflare-kv",
    });
  });

  it.each([
    ["shop-test", undefined],
    ["shop-delivery", undefined],
    ["shop-live", "production"],
    ["shop-eu-prod", "production"],
  ])("finds an environment of another project by its name alone: %s is of the kind %s", (stem, kind) => {
    expect(ownerOfGroup(group(`${stem}-cloudflare-kv`), SELF)).toEqual({
      who: `the environment ${stem}, which no file of this project describes`,
      kind,
      evidence: `its name is ${stem}-cloudflare-kv`,
    });
  });

  it("finds another environment by the credential in the group, whatever the group is called", () => {
    expect(ownerOfGroup(group("shared", credential("prod")), SELF)).toEqual({
      who: "the environment prod, which no file of this project describes",
      kind: "production",
      evidence: `its ${ID} names the environment prod`,
    });
  });

  it("believes the credential where another application and environment give the very name of ours", () => {
    const self = { ...SELF, app: "shop-eu" };
    expect(ownerOfGroup(group("shop-eu-dev-cloudflare-kv", credential("eu-dev")), self)).toMatchObject({
      who: expect.stringContaining("the environment eu-dev"),
      evidence: `its ${ID} names the environment eu-dev`,
    });
  });

  it("finds the other project's environment of our name by the namespaces of its group", () => {
    const copied = { ...credential("dev"), ...namespaces("n-own", "n-theirs") };
    expect(ownerOfGroup(group("renamed", copied), SELF)?.evidence).toContain("n-theirs");
  });

  it.each([
    ["holds variables that people wrote", group("shared", { CLOUDFLARE_KV_PHASE: "kv", CLOUDFLARE_KV_API_TOKEN: "x" })],
    ["names its own namespaces and no credential", group("shared", { CLOUDFLARE_KV_NAMESPACE_ID_CACHE: "n-theirs" })],
    ["copies the environment's own variables", group("copy", { ...credential("dev"), ...namespaces("n-own") })],
    ["is of a lost run", group("brainbot-dev-cloudflare-kv", { ...credential("dev"), ...namespaces("n-gone") })],
    ["is the environment's own, renamed by hand", group("shop-live-cloudflare-kv", credential("prod"), "evg-own")],
    ["holds texts that are not of kvshift", group("shared", { [ID]: "mine", CLOUDFLARE_KV_NAMESPACES: "[1" })],
  ])("leaves a group to the environment that %s", (_, own) => {
    expect(ownerOfGroup(own, SELF)).toBeUndefined();
  });

  it("finds whose the group is that people made for a namespace of another environment", () => {
    const others = [owned(group("brainbot-prod-cloudflare-kv", namespaces("n-prod"), "evg-2"))];
    const made = group("by hand", { CLOUDFLARE_KV_NAMESPACE_ID_CACHE: "n-prod" });
    expect(ownerOfGroup(made, SELF, others)).toMatchObject({
      who: "the environment prod",
      evidence: "the group brainbot-prod-cloudflare-kv names the namespace n-prod",
    });
  });
});

function owned(other: ReturnType<typeof group>): OwnedGroup {
  const owner = ownerOfGroup(other, SELF);
  if (owner === undefined) throw new Error(`${other.name} is of no other environment`);
  return { group: other, owner };
}

describe("ownerOfNamespace", () => {
  const others = [owned(group("shop-live-cloudflare-kv", { CLOUDFLARE_KV_NAMESPACE_ID_CACHE: "n-shop" }))];

  it("finds the environment whose group names it, whatever its title is", () => {
    expect(ownerOfNamespace({ id: "n-shop", title: "brainbot-dev-cache" }, SELF, others)?.evidence).toBe(
      "the group shop-live-cloudflare-kv names the namespace n-shop",
    );
  });

  it("finds the project's environment by the title", () => {
    expect(ownerOfNamespace({ id: "n-2", title: "brainbot-prod-cache" }, SELF, [])).toEqual({
      who: "the environment prod",
      kind: "production",
      evidence: "its title is brainbot-prod-cache",
    });
  });

  it("gives a title that begins like that of two environments to the longer name", () => {
    const self = (environment: string, other: string): Self => ({
      ...SELF,
      environment,
      neighbours: [{ ...PROD, environment: other }],
    });
    const namespace = { id: "n-2", title: "brainbot-a-b-cache" };
    expect(ownerOfNamespace(namespace, self("a-b", "a"), [])).toBeUndefined();
    expect(ownerOfNamespace(namespace, self("a", "a-b"), [])?.who).toBe("the environment a-b");
  });

  it("leaves the environment's own, and those of nobody, alone", () => {
    expect(ownerOfNamespace({ id: "n-own", title: "brainbot-prod-cache" }, SELF, others)).toBeUndefined();
    expect(ownerOfNamespace({ id: "n-3", title: "the cache of last year" }, SELF, others)).toBeUndefined();
  });
});

describe("namesake", () => {
  const self = { ...SELF, app: "shop-eu" };

  it("finds the environment of the project that gives the same names", () => {
    const twin = { app: "shop", environment: "eu-dev", kind: "production" } as const;
    expect(namesake({ ...self, neighbours: [PROD, twin] }, [])).toMatchObject({ who: "the environment eu-dev" });
  });

  it("finds one of another project by a group of our name with another credential", () => {
    const theirs = group("shop-eu-dev-cloudflare-kv", credential("eu-dev"));
    const owner = ownerOfGroup(theirs, self);
    expect(namesake(self, owner ? [{ group: theirs, owner }] : [])?.evidence).toContain("evg-1 has the name of ours");
  });

  it("finds none beside environments of other names", () => {
    expect(namesake(SELF, [owned(group("brainbot-prod-cloudflare-kv"))])).toBeUndefined();
  });
});

describe("ownerOfWorker", () => {
  it("believes what the Worker was told to serve", () => {
    expect(ownerOfWorker("dev", SELF, [])).toBeUndefined();
    expect(ownerOfWorker("eu-dev", SELF, [])?.evidence).toBe("it serves the environment eu-dev");
  });

  it("takes one that was told nothing yet for ours, unless another environment has our names", () => {
    expect(ownerOfWorker(undefined, SELF, [])).toBeUndefined();
    const twin = { app: "brainbot-dev", environment: "x", kind: undefined };
    expect(ownerOfWorker(undefined, { ...SELF, environment: "dev-x", neighbours: [twin] }, [])?.who).toBe(
      "the environment x",
    );
  });
});

import { describe, expect, it } from "vitest";

import { Secret } from "../../../../src/core/secret.ts";
import { findDifferences } from "../../../../src/flows/reconcile/findings.ts";
import type { Observed } from "../../../../src/flows/reconcile/observe.ts";
import type { RecordedObject, RecordedObjects } from "../../../../src/state/objects.ts";
import { group, NO_FINDINGS, NOTHING_OBSERVED } from "./vendor-objects.ts";

const NOTHING_RECORDED: RecordedObjects = {
  namespaces: [],
  tokens: [],
  groups: [],
  workers: [],
  workerVersions: [],
  customDomains: [],
  links: [],
  pendingCreates: [],
};
const EVENTUAL = { consistency: "eventual", defaultTtlSeconds: 3600 } as const;
const GROUP = "brainbot-dev-cloudflare-kv";

const object = (name: string, id: string): RecordedObject => ({ urn: `urn:${name}`, name, id });

function find(recorded: Partial<RecordedObjects>, observed: Partial<Observed>) {
  return findDifferences({
    environment: "dev",
    config: { app: "brainbot", namespaces: { cache: EVENTUAL, sessions: EVENTUAL } },
    recorded: { ...NOTHING_RECORDED, ...recorded },
    observed: { ...NOTHING_OBSERVED, ...observed },
    given: [],
    neighbours: { known: [], unreadable: [] },
  });
}

describe("findDifferences beside another environment", () => {
  const credential = (environment: string) => ({
    key: "CLOUDFLARE_KV_CREDENTIAL_ID",
    value: new Secret(`${environment}-application-a1`),
  });
  const theirs = { ...group("evg-9", GROUP, []), envVars: [credential("of-dev")] };
  const owner = { who: "the environment of-dev, which no file of this project describes", kind: undefined };
  const ours = {
    namespaces: [{ id: "n1", title: "brainbot-dev-cache" }],
    tokens: [{ id: "t1", name: "brainbot-dev-application-a1" }],
    workers: [{ id: "w1", name: "brainbot-dev-gateway" }],
    groups: [theirs],
  };
  const around = { linked: [], others: [{ group: theirs, owner: { ...owner, evidence: "its id" } }] };

  it("takes everything of its name for the other's, where a group of its name holds another credential", () => {
    const { namespaces, tokens, workers, groups } = find({}, { ...ours, around });
    const owners = [...namespaces, ...tokens, ...workers, ...groups].map((found) => found.owner?.who);
    expect(owners).toEqual([owner.who, owner.who, owner.who, owner.who]);
  });

  it("takes a Worker for ours that was told so, and for the other's that was told another environment", () => {
    const told = (environment: string) =>
      find({}, { ...ours, servedByWorkers: new Map([["w1", environment]]) }).workers[0]?.owner?.evidence;
    expect(told("dev")).toBeUndefined();
    expect(told("of-dev")).toBe("it serves the environment of-dev");
  });

  it("takes what has only a name for the other's too, where the Worker of that name was told another environment", () => {
    const { namespaces, tokens } = find({}, { ...ours, groups: [], servedByWorkers: new Map([["w1", "of-dev"]]) });
    expect([...namespaces, ...tokens].map((found) => found.owner?.who)).toEqual([owner.who, owner.who]);
  });

  it("finds no other owner where nothing speaks for one", () => {
    const mine = { ...theirs, envVars: [credential("dev")] };
    const { namespaces, tokens, workers, groups } = find({}, { ...ours, groups: [mine] });
    expect([...namespaces, ...tokens, ...workers, ...groups].map((found) => found.owner)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("findDifferences", () => {
  it("finds nothing where the state knows exactly what exists", () => {
    const recorded = {
      namespaces: [object("cache", "n1")],
      tokens: [object("application-a1", "t1")],
      groups: [{ ...object("kv", "evg-1"), variables: ["CLOUDFLARE_KV_PHASE"] }],
      links: [{ ...object("link", "evg-1"), services: [] }],
    };
    const observed = {
      namespaces: [{ id: "n1", title: "brainbot-dev-cache" }],
      tokens: [{ id: "t1", name: "brainbot-dev-application-a1" }],
      groups: [group("evg-1", GROUP, ["CLOUDFLARE_KV_PHASE"])],
    };
    expect(find(recorded, observed)).toEqual(NO_FINDINGS);
  });

  it("names every kind of object that is gone; the link of a group that is gone comes first", () => {
    const recorded = {
      namespaces: [object("cache", "n1")],
      tokens: [object("application-a1", "t1")],
      groups: [{ ...object("kv", "evg-1"), variables: ["CLOUDFLARE_KV_PHASE"] }],
      links: [{ ...object("link", "evg-1"), services: ["srv-1"] }],
    };
    expect(find(recorded, {}).gone.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "link link",
      "group kv",
      "token application-a1",
      "namespace cache",
    ]);
  });

  it("finds a namespace of the exact title under another id than the recorded one: one is gone, one is new", () => {
    const observed = { namespaces: [{ id: "n2", title: "brainbot-dev-cache" }] };
    const { gone, namespaces } = find({ namespaces: [object("cache", "n1")] }, observed);
    expect(gone.map(({ id }) => id)).toEqual(["n1"]);
    expect(namespaces).toEqual([{ name: "cache", id: "n2", title: "brainbot-dev-cache" }]);
  });

  it.each(["brainbot-dev-other", "brainbot-devcache", "brainbot-prod-cache", "Brainbot-dev-cache"])(
    "leaves the namespace %s alone",
    (title) => {
      expect(find({}, { namespaces: [{ id: "n9", title }] })).toEqual(NO_FINDINGS);
    },
  );

  it.each(["application-a1", "operator-b12"])("finds an orphan token %s of this environment", (slot) => {
    const tokens = [{ id: "t9", name: `brainbot-dev-${slot}` }];
    expect(find({}, { tokens }).tokens).toEqual([{ id: "t9", name: `brainbot-dev-${slot}` }]);
  });

  it("says when an orphan token was used", () => {
    const used = { id: "t9", name: "brainbot-dev-application-a1", last_used_on: "2026-11-22T00:00:00Z" };
    expect(find({}, { tokens: [used] }).tokens).toMatchObject([{ lastUsedOn: "2026-11-22T00:00:00Z" }]);
    expect(find({}, { tokens: [{ ...used, last_used_on: null }] }).tokens).toEqual([{ id: "t9", name: used.name }]);
  });

  it.each(["expired", "revoked (exposed)"])(
    "takes a recorded token that is %s for gone, and an orphan for unused",
    (status) => {
      const token = { id: "t1", name: "brainbot-dev-application-a1", status, last_used_on: "2026-11-22T00:00:00Z" };
      expect(find({ tokens: [object("application-a1", "t1")] }, { tokens: [token] }).gone).toHaveLength(1);
      expect(find({}, { tokens: [token] }).tokens).toEqual([{ id: "t1", name: token.name }]);
    },
  );

  it("takes a disabled token for one that exists, and says that somebody changed it", () => {
    const token = { id: "t1", name: "brainbot-dev-application-a1", status: "disabled" };
    const { edited, ...others } = find({ tokens: [object("application-a1", "t1")] }, { tokens: [token] });
    expect({ edited: [], ...others }).toEqual(NO_FINDINGS);
    expect(edited.map(({ name, enable }) => ({ name, enable }))).toEqual([{ name: "application-a1", enable: true }]);
  });

  it.each([
    "brainbot-prod-application-a1",
    "brainbot-dev-2-application-a1",
    "brainbot-dev-application-c1",
    "brainbot-dev-application-a",
    "brainbot-dev-application-a1-copy",
    "my-brainbot-dev-application-a1",
    "kvshift local bootstrap",
  ])("leaves the token %s alone", (name) => {
    expect(find({}, { tokens: [{ id: "t9", name }] })).toEqual(NO_FINDINGS);
  });

  it("names what an orphan group holds that is not ours, and who is linked to it", () => {
    const orphan = group("evg-9", GROUP, ["CLOUDFLARE_KV_PHASE", "UPSTASH_REDIS_REST_URL", "SENTRY_DSN"], ["web"]);
    const withFile = { ...orphan, secretFiles: [{ name: "key.pem" }] };
    expect(find({}, { groups: [withFile] }).groups).toEqual([
      { id: "evg-9", name: GROUP, foreign: ["SENTRY_DSN", "key.pem"], services: ["web"] },
    ]);
  });

  it("names the Blueprint that owns an orphan group", () => {
    const resources = [{ id: "evg-9", name: GROUP, type: "environment_group" }];
    const blueprints = [{ id: "exs-1", name: "brainbot", resources }];
    expect(find({}, { groups: [group("evg-9", GROUP, [])], blueprints }).groups).toMatchObject([
      { blueprint: "brainbot" },
    ]);
    expect(find({}, { groups: [group("evg-8", GROUP, [])], blueprints }).groups[0]).not.toHaveProperty("blueprint");
  });

  it("names the variables of a recorded group that are gone, and not those of a group that is gone itself", () => {
    const recorded = [{ ...object("kv", "evg-1"), variables: ["CLOUDFLARE_KV_PHASE", "CLOUDFLARE_KV_API_URL"] }];
    const groups = [group("evg-1", GROUP, ["CLOUDFLARE_KV_API_URL", "SENTRY_DSN"])];
    expect(find({ groups: recorded }, { groups }).edited).toEqual([
      { kind: "group", urn: "urn:kv", name: "kv", what: ["CLOUDFLARE_KV_PHASE (missing)"] },
    ]);
    expect(find({ groups: recorded }, {}).edited).toEqual([]);
  });

  describe("of the gateway", () => {
    const worker = { id: "w1", name: "brainbot-dev-gateway" };
    const recorded = {
      workers: [object("gateway", "w1")],
      workerVersions: [object("gateway", "v1")],
      customDomains: [object("gateway", "d1")],
    };

    it("finds nothing where the state knows the Worker that exists", () => {
      const hostNames = [{ id: "d1", hostname: "kv.example.com", service: worker.name }];
      const served = new Map([["w1", [{ id: "v1", percentage: 100 }]]]);
      expect(find(recorded, { workers: [worker], hostNames, served })).toEqual(NO_FINDINGS);
    });

    it("finds a host name that was taken from a Worker which is there", () => {
      expect(find(recorded, { workers: [worker] }).gone).toEqual([{ kind: "worker-part", ...object("gateway", "d1") }]);
    });

    it.each([
      ["another version", [{ id: "v0", percentage: 100 }]],
      [
        "another one beside it",
        [
          { id: "v1", percentage: 90 },
          { id: "v0", percentage: 10 },
        ],
      ],
    ])("finds that it serves %s", (_title, versions) => {
      const { rolledBack } = find(recorded, { workers: [worker], served: new Map([["w1", versions]]) });
      expect(rolledBack).toEqual([{ name: worker.name, versionId: "v1" }]);
    });

    it("finds a Worker of the exact name that the state does not know", () => {
      expect(find({}, { workers: [worker] }).workers).toEqual([worker]);
    });

    it.each(["brainbot-prod-gateway", "brainbot-dev-gateway-2", "gateway"])("leaves the Worker %s alone", (name) => {
      expect(find({}, { workers: [{ id: "w9", name }] })).toEqual(NO_FINDINGS);
    });

    it("says of a Worker that is gone that its version and its host name went with it, these first", () => {
      const { gone, workers } = find(recorded, { workers: [{ ...worker, id: "w2" }] });
      expect(gone.map(({ kind, id }) => `${kind} ${id}`)).toEqual(["worker-part v1", "worker-part d1", "worker w1"]);
      expect(workers.map(({ id }) => id)).toEqual(["w2"]);
    });
  });

  it("carries on which creations a broken run left open", () => {
    expect(find({ pendingCreates: ["urn:open"] }, {}).pendingCreates).toEqual(["urn:open"]);
  });
});

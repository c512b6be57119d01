import { describe, expect, it } from "vitest";

import { AppError } from "../../../../src/core/app-error.ts";
import { judge } from "../../../../src/flows/status/judge.ts";
import type { Observation, ObservedGroup } from "../../../../src/flows/status/observe.ts";
import { BEFORE, configOf, deploy, GROUP, NOW, observation, SERVICE } from "./observation.ts";

const judged = (changes: Partial<Observation> = {}) => judge(observation(changes), NOW);
const problems = (changes: Partial<Observation>) => judged(changes).problems;
const whats = (changes: Partial<Observation>) => problems(changes).map(({ what }) => what);

const group = (changes: Partial<ObservedGroup>): Observation["group"] => ({
  id: GROUP,
  name: "brainbot-dev-cloudflare-kv",
  createdAt: "2026-11-23T00:00:00Z",
  keys: ["CLOUDFLARE_KV_PHASE"],
  changes: [],
  links: [{ id: SERVICE, name: "web" }],
  ...changes,
});

const TYPES = {
  token: "cloudflare:index/accountToken:AccountToken",
  namespace: "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
  group: "render:index/envGroup:EnvGroup",
  link: "render:index/envGroupLink:EnvGroupLink",
} as const;

const drifted = (kind: keyof typeof TYPES, name: string, ...properties: string[]): Observation["drift"] => ({
  looked: true,
  resources: [{ type: TYPES[kind], name, change: "changed", properties }],
});

describe("judge", () => {
  it("finds nothing that needs attention in an environment that is as it should be", () => {
    const report = judged();
    expect(report.problems).toEqual([]);
    expect(report.environment).toEqual({
      name: "dev",
      kind: "development",
      app: "brainbot",
      access: "rest",
      phase: "kv",
      account: { id: "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1", sharedWith: [], unknown: [] },
      lastRun: { kind: "update", result: "succeeded", startedAt: "2026-12-01T08:59:50Z", changed: true },
    });
    expect(report.namespaces).toEqual([
      { name: "cache", class: "eventual", title: "brainbot-dev-cache", id: "ns-cache", exists: true },
    ]);
    expect(report.group).toMatchObject({ exists: true, variables: 2, changes: [] });
    expect(report.links).toEqual([{ id: SERVICE, name: "web", configured: true, linked: true }]);
    expect(report.services.map(({ state }) => state)).toEqual(["current"]);
  });
});

describe("the head of a status", () => {
  it("shows the share of keys that are read from KV in phase dual, as it was provisioned", () => {
    const { outputs, variablesChangedAt } = observation().provisioned;
    if (outputs === undefined) throw new Error("no outputs");
    const provisioned = { outputs: { ...outputs, environment: { phase: "dual", readShare: 25 } }, variablesChangedAt };
    const report = judged({ provisioned } as Partial<Observation>);
    expect(report.environment).toMatchObject({ phase: "dual", readShare: 25 });
    expect(report.problems.map(({ what }) => what)).toEqual([
      "The file differs from what was provisioned: phase kv, provisioned dual.",
    ]);
  });

  it("takes phase and active slots from the file before the first run that ended well, and says so", () => {
    const report = judged({ provisioned: { outputs: undefined, variablesChangedAt: undefined } });
    expect(report.environment.phase).toBe("kv");
    expect(report.credentials.filter(({ active }) => active)).toHaveLength(2);
    expect(report.problems[0]?.what).toContain("no run has ended well yet");
  });

  it("minds a shared account in production only", () => {
    const sharing = { sharedWith: ["stage"], unknown: [] };
    expect(problems({ sharing })).toEqual([]);
    const config = { ...configOf(), kind: "production" as const };
    expect(whats({ sharing, config })[0]).toContain("Production shares its Cloudflare account with stage");
  });

  it("says that the last run failed", () => {
    const lastRun = { kind: "update", result: "failed", startedAt: BEFORE, changed: false };
    expect(problems({ lastRun })).toEqual([
      { what: "The last run (update) failed.", fix: "Run kvshift up --stack dev: it goes on." },
    ]);
  });

  it("lists where the file says something else than what was provisioned", () => {
    const config = configOf(
      [
        "b: { epoch: 0, state: empty }",
        'b: { epoch: 1, state: live, mintedAt: "2026-12-01T00:00:00Z", expiresAt: never }',
      ],
      ["active: a", "active: b\n      rotation: by-hand"],
      ["{ cache:", "{ sessions:"],
    );
    const [what] = whats({ config });
    for (const part of [
      "namespace sessions is not there yet",
      "namespace cache is no longer in the file",
      "application slot b is active, provisioned a",
      "application slot b is live 1, provisioned empty 0",
    ])
      expect(what).toContain(part);
  });
});

describe("namespaces, group and links in a status", () => {
  it("says what is lost with a namespace that is gone", () => {
    const report = judged({ namespaces: [] });
    expect(report.namespaces[0]?.exists).toBe(false);
    expect(report.problems).toEqual([
      {
        what: "The namespace cache (ns-cache) no longer exists at Cloudflare.",
        fix: "kvshift up --stack dev creates an empty one. What it held is lost.",
      },
    ]);
  });

  it("shows the title that somebody gave a namespace, and does not tell it twice", () => {
    const report = judged({
      namespaces: [{ id: "ns-cache", title: "old cache" }],
      drift: drifted("namespace", "cache", "title"),
    });
    expect(report.namespaces[0]?.actualTitle).toBe("old cache");
    expect(report.problems.map(({ what }) => what)).toEqual([
      "The namespace cache was renamed from brainbot-dev-cache to old cache.",
    ]);
  });

  it("names the variables of the group that people changed, once", () => {
    const changes = [
      { key: "CLOUDFLARE_KV_PHASE", change: "missing" },
      { key: "SENTRY_DSN", change: "added" },
    ] as const;
    const report = judged({ group: group({ changes }), drift: drifted("group", "cloudflare-kv", "envVars") });
    expect(report.problems).toEqual([
      {
        what: "People changed the group brainbot-dev-cloudflare-kv: CLOUDFLARE_KV_PHASE (missing), SENTRY_DSN (added).",
        fix: "kvshift refresh --stack dev, then kvshift up --stack dev --deploy, puts it back.",
      },
    ]);
  });

  it("says that the group is gone, and no more of what follows from that", () => {
    const error = new AppError("ENGINE_FAILED", { problem: "It stopped.", details: ["status 404"], fix: "Mend it." });
    const report = judged({ group: undefined, drift: { looked: false, error } });
    expect(report.group.exists).toBe(false);
    expect(report.drift).toEqual({ looked: false, why: "It stopped. status 404" });
    expect(report.problems.map(({ what }) => what)).toEqual([
      `The group brainbot-dev-cloudflare-kv (${GROUP}) no longer exists at Render.`,
    ]);
  });

  it("says that there is no group where the state has forgotten it", () => {
    const { objects } = observation();
    expect(whats({ objects: { ...objects, groups: [], links: [] }, group: undefined })).toEqual([
      "The state has no environment group: no service gets the variables.",
    ]);
  });

  it("advises neither to link nor to change a service that a group of another environment serves", () => {
    const theirs = { id: "evg-9", name: "brainbot-prod-cloudflare-kv", createdAt: "2026-11-22T00:00:00Z" };
    const served = { ...theirs, keys: ["CLOUDFLARE_KV_PHASE"], services: ["web"] };
    const serviceVariables = [{ id: SERVICE, name: "web", keys: ["CLOUDFLARE_KV_PHASE"] }];
    const unlinked = { group: group({ links: [] }), serviceVariables };
    const [problem, ...more] = whats({ ...unlinked, otherGroups: [{ ...served, owner: "the environment prod" }] });
    expect(more).toEqual([]);
    expect(problem).toContain("The group brainbot-prod-cloudflare-kv of the environment prod sets");
    expect(whats({ ...unlinked, otherGroups: [served] })).toHaveLength(3);
  });

  it("finds a configured service that is not linked, and a linked one that is not configured, once each", () => {
    const report = judged({
      group: group({ links: [{ id: "srv-other", name: "admin" }] }),
      drift: drifted("link", "cloudflare-kv", "serviceIds"),
    });
    expect(report.links).toEqual([
      { id: SERVICE, name: "web", configured: true, linked: false },
      { id: "srv-other", name: "admin", configured: false, linked: true },
    ]);
    expect(report.problems.map(({ what }) => what)).toEqual([
      "The service web is not linked to the group brainbot-dev-cloudflare-kv.",
      "The service admin (srv-other) is linked to the group brainbot-dev-cloudflare-kv, but the file does not name it.",
    ]);
  });

  it("takes a preview of its service that has the link of its parent for no change of people", () => {
    const report = judged({
      group: group({
        links: [
          { id: SERVICE, name: "web" },
          { id: "srv-42", name: "web PR #42" },
        ],
      }),
      previews: new Map([["srv-42", SERVICE]]),
      drift: drifted("link", "cloudflare-kv", "serviceIds"),
    });
    expect(report.links).toContainEqual({
      id: "srv-42",
      name: "web PR #42",
      configured: false,
      linked: true,
      previewOf: SERVICE,
    });
    expect(report.problems).toEqual([]);
  });
});

describe("services in a status", () => {
  const service = (state: string, name: string, createdAt = "2026-12-01T10:00:00Z") => ({
    id: `srv-${name}`,
    name,
    suspended: state === "suspended",
    deploys: state === "never deployed" ? [] : [deploy(state, createdAt)],
  });

  it("groups what needs a deploy, and names each deploy that failed", () => {
    const services = [
      service("live", "web", BEFORE),
      service("live", "worker", BEFORE),
      service("never deployed", "admin"),
      service("update_failed", "mail"),
      service("queued", "jobs"),
      service("suspended", "old"),
      { id: "srv-gone", name: undefined, suspended: false, deploys: [] },
    ];
    const links = services.map(({ id, name = "gone" }) => ({ id, name }));
    const config = configOf();
    const render = { ...config.render, services: services.map(({ id }) => id) };
    expect(whats({ services, group: group({ links }), config: { ...config, render } })).toEqual([
      "Running with old variables: web, worker.",
      "Never deployed: admin.",
      "The deploy with the new variables failed (mail, dep-update_failed: update_failed).",
      "Not in the workspace: srv-gone.",
    ]);
  });

  it("warns of a rollback that is live, because it may run without the group", () => {
    const deploys = [deploy("live", "2026-12-01T10:00:00Z", { trigger: "rollback" })];
    const [what] = whats({ services: [{ id: SERVICE, name: "web", suspended: false, deploys }] });
    expect(what).toContain("A rollback is live (web, dep-live)");
  });
});

describe("drift and unrecorded objects in a status", () => {
  it("reports what the providers found beside what is reported elsewhere", () => {
    expect(problems({ drift: drifted("token", "operator-a1", "policies") })).toEqual([
      {
        what: "People changed the account token operator-a1 (policies).",
        fix: "kvshift refresh --stack dev, then kvshift up --stack dev --deploy, puts it back.",
      },
    ]);
  });

  it("reports a token that is gone once, although both the providers and Cloudflare's list say so", () => {
    const resources = [{ type: TYPES.token, name: "operator-a1", change: "gone", properties: [] }] as const;
    const tokens = observation().tokens.slice(0, 1);
    expect(whats({ tokens, drift: { looked: true, resources } })).toEqual([
      "The live token dev-operator-a1 is missing.",
    ]);
  });

  it("does not report a disabled token twice", () => {
    const [application, operator] = observation().tokens;
    if (application === undefined || operator === undefined) throw new Error("no tokens");
    const tokens = [application, { ...operator, status: "disabled" }];
    expect(whats({ tokens, drift: drifted("token", "operator-a1", "status") })).toEqual([
      "The live token dev-operator-a1 is disabled: Cloudflare refuses it.",
    ]);
  });

  it("still reports a group that the providers find changed where no variable differs", () => {
    expect(whats({ drift: drifted("group", "cloudflare-kv", "environmentId") })).toEqual([
      "People changed the environment group cloudflare-kv (environmentId).",
    ]);
  });

  it("says why the engine could not look while the group is there", () => {
    const error = new AppError("ENGINE_FAILED", { problem: "It stopped.", fix: "Mend it." });
    expect(problems({ drift: { looked: false, error } })).toEqual([
      { what: "The engine could not look for drift: It stopped.", fix: "Mend it." },
    ]);
  });

  it("says what `up` does about objects that no state knows", () => {
    const kept = { kind: "token", name: "brainbot-dev-operator-a2", why: "it was used", fix: "Look at it." } as const;
    const unrecorded = {
      ...observation().unrecorded,
      adopt: { namespaces: { sessions: "ns-2" } },
      remove: [{ kind: "token", id: "token-9", name: "brainbot-dev-application-a2" }],
      keep: [kept],
      clearPendingCreates: true,
    } as const;
    expect(problems({ unrecorded }).map(({ what, fix }) => `${what} ${fix}`)).toEqual([
      "A run broke off while it created something. kvshift up --stack dev goes on.",
      "The KV namespace sessions exists, but no state knows it. kvshift up --stack dev takes it up with its data.",
      "The account token brainbot-dev-application-a2 exists, but no state knows it. kvshift up --stack dev removes it.",
      "The account token brainbot-dev-operator-a2 exists: it was used. Look at it.",
    ]);
  });
});

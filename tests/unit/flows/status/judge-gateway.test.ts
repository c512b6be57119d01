import { describe, expect, it } from "vitest";

import { renderReport } from "../../../../src/cli/status-report.ts";
import { judge } from "../../../../src/flows/status/judge.ts";
import type { Observation } from "../../../../src/flows/status/observe.ts";
import type { Provisioned } from "../../../../src/state/provisioned.ts";
import { configOf, NOW, observation } from "./observation.ts";

const NAME = "brainbot-dev-gateway";
const URL = `https://${NAME}.brainbot.workers.dev`;
const object = (id: string) => ({ urn: `urn:${id}`, name: "gateway", id });

/** An environment behind the gateway in which everything is as it should be, with changes. */
function behindGateway(changes: Partial<Observation> = {}): Observation {
  const { objects, provisioned, recorded } = observation();
  if (provisioned.outputs === undefined) throw new Error("no outputs");
  return observation({
    config: configOf(
      ["access: rest", "access: gateway"],
      ['c0ffee4b1" }', 'c0ffee4b1", workersSubdomain: brainbot }'],
      [
        'mintedAt: "2026-11-23T00:00:00Z", expiresAt: never',
        'mintedAt: "2026-11-23T00:00:00Z", expiresAt: "2026-12-11T12:00:00Z"',
      ],
    ),
    recorded: { ...recorded, access: ["gateway"] },
    objects: { ...objects, tokens: [], workers: [object("w1")], workerVersions: [object("v2")] },
    tokens: [],
    gateway: { id: "w1", name: NAME, deployed: [{ id: "v2", percentage: 100 }] },
    provisioned: { ...provisioned, outputs: { ...provisioned.outputs, gateway: { url: URL } } },
    ...changes,
  });
}

const judged = (changes: Partial<Observation> = {}) => judge(behindGateway(changes), NOW);
const whats = (changes: Partial<Observation>) => judged(changes).problems.map(({ what }) => what);
const deployed = (...versions: readonly (readonly [id: string, percentage: number])[]): Observation["gateway"] => ({
  id: "w1",
  name: NAME,
  deployed: versions.map(([id, percentage]) => ({ id, percentage })),
});

describe("the gateway in a status", () => {
  it("is as it should be where Cloudflare serves the version of the last run", () => {
    const report = judged();
    expect(report.gateway).toEqual({
      workerName: NAME,
      workerId: "w1",
      exists: true,
      url: URL,
      versionId: "v2",
      deployed: [{ id: "v2", percentage: 100 }],
      servesOwnVersion: true,
    });
    expect(report.problems.filter(({ what }) => what.includes("gateway"))).toEqual([]);
  });

  it("is no part of a status without one", () => {
    const report = judge(observation(), NOW);
    expect(report).not.toHaveProperty("gateway");
    expect(renderReport(report, NOW)).not.toContain("GATEWAY");
  });

  it.each([
    ["an older version", deployed(["v1", 100]), "v1 (100 %), not v2"],
    ["two versions", deployed(["v2", 90], ["v3", 10]), "v2 (90 %), v3 (10 %), not v2"],
    ["no version", deployed(), "none, not v2"],
  ])("needs attention where Cloudflare serves %s, with the command that puts it back", (_title, gateway, found) => {
    const [problem, ...others] = judged({ gateway }).problems.filter(({ what }) => what.includes("gateway"));
    expect(others).toEqual([]);
    expect(problem?.what).toContain(`another version than the last run deployed: ${found}`);
    expect(problem?.fix).toContain(`npx wrangler versions deploy v2@100% --name ${NAME}`);
  });

  it("says what is lost with a Worker that is gone", () => {
    expect(judged({ gateway: undefined }).gateway).toMatchObject({ exists: false, servesOwnVersion: false });
    expect(whats({ gateway: undefined })).toContain(
      `The gateway's Worker ${NAME} (w1) no longer exists at Cloudflare.`,
    );
  });

  it("says that there is none yet, and that a run broke off before it deployed", () => {
    const { objects } = behindGateway();
    expect(whats({ objects: { ...objects, workers: [], workerVersions: [] } })).toContain("The state has no gateway.");
    expect(whats({ objects: { ...objects, workerVersions: [] } })).toContain(
      "The state has no version of the gateway.",
    );
  });

  it("has a table of its own", () => {
    const text = renderReport(judged(), NOW);
    expect(text).toContain(
      [
        "GATEWAY",
        "WORKER                EXISTS  ADDRESS                                            VERSION  SERVED",
        "brainbot-dev-gateway  yes     https://brainbot-dev-gateway.brainbot.workers.dev  v2       the same",
      ].join("\n"),
    );
    expect(renderReport(judged({ gateway: deployed(["v1", 100]) }), NOW)).toMatch(/ v2 +v1 \(100 %\)\n/);
  });
});

describe("credentials of the gateway in a status", () => {
  it("are what the state and the file say: Cloudflare has no list of them", () => {
    const [application] = judged().credentials;
    expect(application).toEqual({
      role: "application",
      slot: "a",
      active: true,
      epoch: 1,
      state: "live",
      id: "dev-application-a1",
      status: "active",
      issuedAt: "2026-11-23T00:00:00Z",
      expiresAt: "2026-12-11T12:00:00Z",
      daysLeft: 10,
    });
    expect(renderReport(judged(), NOW)).toMatch(
      /application +a \* +live +1 +dev-application-a1 +8 days +in 10 days +- +active/,
    );
  });

  it("warn before they end, by their own name", () => {
    expect(whats({})).toEqual(["The live credential dev-application-a1 expires in 10 days."]);
  });

  it("need attention when they have expired", () => {
    const config = configOf(
      ["access: rest", "access: gateway"],
      ['c0ffee4b1" }', 'c0ffee4b1", workersSubdomain: brainbot }'],
    );
    const { application, operator } = config.credentials;
    const a = { ...application.slots.a, expiresAt: "2026-11-30T00:00:00Z" };
    const expired = {
      ...config,
      credentials: { application: { ...application, slots: { ...application.slots, a } }, operator },
    };
    expect(whats({ config: expired })).toEqual(["The live credential dev-application-a1 is expired."]);
  });

  it("have the dates that were applied, and the file's later ones need an `up`", () => {
    const given = {
      epoch: 1,
      state: "live",
      mintedAt: "2026-11-23T00:00:00Z",
      expiresAt: "2026-12-03T12:00:00Z",
    } as const;
    const outputs: Provisioned["outputs"] = {
      environment: { phase: "kv", readShare: 100 },
      credentials: { application: { active: "a", slots: { a: given } }, operator: { active: "a", slots: {} } },
    };
    const provisioned: Provisioned = { outputs, variablesChangedAt: undefined };
    expect(judged({ provisioned }).credentials[0]).toMatchObject({ expiresAt: "2026-12-03T12:00:00Z", daysLeft: 2 });
    expect(whats({ provisioned })).toEqual(
      expect.arrayContaining([
        "The file differs from what was provisioned: application slot a ends 2026-12-11T12:00:00Z, provisioned 2026-12-03T12:00:00Z.",
        "The live credential dev-application-a1 expires in 2 days.",
      ]),
    );
  });

  it("need attention where the gateway refuses what nothing says has ended", () => {
    const verdicts = new Map([["dev-application-a1", "refused"]] as const);
    expect(judged({ verdicts }).credentials[0]).toMatchObject({ status: "active", verified: "refused" });
    expect(whats({ verdicts })).toContain(
      "The gateway refuses the live credential dev-application-a1, which it should know.",
    );
  });

  it("are lost where the state no longer has their secret", () => {
    const { recorded } = behindGateway();
    const lost = { epoch: 1, state: "empty", lost: true } as const;
    const application = { ...recorded.slots.application, a: lost };
    const report = judged({ recorded: { ...recorded, slots: { ...recorded.slots, application } } });
    expect(report.credentials[0]).toMatchObject({ state: "lost", status: "missing" });
  });

  it("have no date where the file is already about another secret", () => {
    const { recorded } = behindGateway();
    const application = { ...recorded.slots.application, a: { epoch: 7, state: "live" } as const };
    const [credential] = judged({ recorded: { ...recorded, slots: { ...recorded.slots, application } } }).credentials;
    expect(credential).toEqual({
      role: "application",
      slot: "a",
      active: true,
      epoch: 7,
      state: "live",
      id: "dev-application-a7",
      status: "active",
    });
  });
});

import { describe, expect, it } from "vitest";

import { judgeQuiet, refusedSince } from "../../../../src/flows/rotate/evidence.ts";

const [OLD, NEXT] = ["prod-application-a1", "prod-application-b1"];
const NOW = 10_000_000;
const [QUIET, GAP] = [600_000, 60_000];
const SERVICES = [
  { id: "srv-1", name: "web" },
  { id: "srv-2", name: "jobs" },
];
const use = (credential: string, client: string, agoMs: number) => ({
  credential,
  client,
  firstAt: 0,
  lastAt: NOW - agoMs,
});

function judged(uses: ReturnType<typeof use>[], idle: string[] = [], services = SERVICES) {
  const usage = { now: NOW, uses, refusals: [] };
  return judgeQuiet({ usage, oldId: OLD, nextId: NEXT, services, idle, quietMs: QUIET, gapMs: GAP });
}

const BOTH_NEW = [use(NEXT, "srv-1/x", 5), use(NEXT, "srv-2/y", 5)];

describe("judgeQuiet", () => {
  it("is met where the old credential was quiet for the window and what the ledger may be behind", () => {
    expect(judged([...BOTH_NEW, use(OLD, "srv-1/o", QUIET + GAP)])).toMatchObject({
      met: true,
      holders: [],
      silent: [],
    });
    expect(judged([...BOTH_NEW, use(OLD, "srv-1/o", QUIET + GAP - 1)])).toMatchObject({
      met: false,
      holders: [{ client: "srv-1/o", agoMs: QUIET + GAP - 1 }],
      waitMs: 1,
    });
  });

  it("is met where the old credential was never used", () => {
    expect(judged(BOTH_NEW)).toMatchObject({ met: true, waitMs: 0 });
    expect(judged(BOTH_NEW)).not.toHaveProperty("lastUsedAt");
  });

  it.each(["unattributed", "forgotten", "srv-9/stranger"])(
    "is blocked by a use of the old credential by %s",
    (client) => {
      expect(judged([...BOTH_NEW, use(OLD, client, 1)])).toMatchObject({ met: false, holders: [{ client }] });
    },
  );

  it("waits until each service was seen with the next credential, but for those that never call", () => {
    expect(judged([use(NEXT, "srv-1/x", 5)])).toMatchObject({ met: false, silent: ["jobs"] });
    expect(judged([use(NEXT, "srv-1/x", 5)], ["srv-2"])).toMatchObject({ met: true });
    // The name of another service may begin with this one's.
    expect(judged([...BOTH_NEW.slice(0, 1), use(NEXT, "srv-22/x", 5)])).toMatchObject({ silent: ["jobs"] });
    expect(judged([use(NEXT, "unattributed", 5)])).toMatchObject({ met: false, silent: ["web", "jobs"] });
  });

  it("asks of a role that no service holds only that the old one is quiet", () => {
    expect(judged([], [], [])).toMatchObject({ met: true });
  });

  it("takes a use that seems to lie ahead for one of just now: clocks of isolates differ", () => {
    expect(judged([...BOTH_NEW, use(OLD, "srv-1/o", -5000)])).toMatchObject({ met: false, holders: [{ agoMs: 0 }] });
  });
});

describe("refusedSince", () => {
  it("names who was refused since the credential was suspended, and nobody from before", () => {
    const refusals = [
      { ...use(OLD, "before", 101), count: 3 },
      { ...use(OLD, "after", 100), count: 1 },
      { ...use(NEXT, "other", 0), count: 1 },
    ];
    const found = refusedSince({ now: NOW, uses: [], refusals }, OLD, NOW - 100);
    expect(found.map(({ client }) => client)).toEqual(["after"]);
  });
});

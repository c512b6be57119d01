import { describe, expect, it } from "vitest";

import type { PreviewFacts } from "../../../../src/flows/pr/facts.ts";
import { planSweep, pullRequestOfObject, type SweepFacts } from "../../../../src/flows/pr/sweep-plan.ts";

const NOW = Date.parse("2026-12-01T12:00:00Z");
const HOUR = 3_600_000;

function preview(pr: number, expires = "2026-12-08T00:00:00Z") {
  const facts: PreviewFacts = {
    pr,
    sha: "1f0c2a9",
    branch: "b",
    created: "2026-11-30T00:00:00Z",
    expires,
    by: "ci",
    app: "shop",
    accountId: "a",
    access: "gateway",
    ownerId: "tea",
    secretsProvider: "",
    namespaces: ["cache"],
    services: ["srv"],
    seed: "",
  };
  return { pr, name: `pr-${String(pr)}`, facts };
}

function plan(facts: Partial<SweepFacts>) {
  return planSweep({
    previews: [],
    open: undefined,
    objects: [],
    namespaces: ["cache"],
    app: "shop",
    minAgeMs: HOUR,
    now: NOW,
    ...facts,
  });
}

describe("planSweep", () => {
  it("takes the stacks of closed requests, and those whose time is over although their request is open", () => {
    const previews = [preview(1), preview(2), preview(3, "2026-12-01T11:59:59Z")];
    expect(plan({ previews, open: new Set([1, 3]) }).stacks).toEqual([
      { pr: 2, stack: "pr-2", why: "its pull request is not open", isClosed: true },
      { pr: 3, stack: "pr-3", why: "it expired at 2026-12-01T11:59:59Z", isClosed: false },
    ]);
  });

  it("takes no stack for being closed where nobody knows which requests are open", () => {
    expect(plan({ previews: [preview(1), preview(2)] }).stacks).toEqual([]);
  });

  it("leaves a stack that does not say what it is while its request may be open, and says so", () => {
    const previews = [{ ...preview(1), facts: undefined }];
    for (const open of [undefined, new Set([1])]) {
      const { stacks, unclear } = plan({ previews, open });
      expect({ stacks, unclear: unclear.length }).toEqual({ stacks: [], unclear: 1 });
    }
    const { stacks, unclear } = plan({ previews, open: new Set() });
    expect({ stacks: stacks.length, unclear }).toEqual({ stacks: 1, unclear: [] });
  });

  it("takes what no stack knows, unless it is young, its request is open, or its stack is there", () => {
    const group = (pr: number, createdAt: number | undefined) => ({
      kind: "group" as const,
      id: `g${String(pr)}`,
      name: `shop-pr-${String(pr)}-cloudflare-kv`,
      createdAt,
    });
    const objects = [group(1, NOW - HOUR), group(2, NOW - HOUR + 1), group(3, 0), group(4, 0), group(5, undefined)];
    const { orphans } = plan({ previews: [preview(4)], open: new Set([3, 4]), objects });
    expect(orphans.map(({ id }) => id)).toEqual(["g1", "g5"]);
  });
});

describe("planSweep of what has no date", () => {
  const namespace = { kind: "namespace", id: "n", name: "shop-pr-7-cache", createdAt: undefined } as const;
  const worker = (createdAt: number) => ({ kind: "worker", id: "w", name: "shop-pr-7-gateway", createdAt }) as const;

  it("leaves a namespace alone while anything of the same preview is young", () => {
    const open = new Set<number>();
    expect(plan({ open, objects: [namespace, worker(NOW - HOUR + 1)] }).orphans).toEqual([]);
    expect(plan({ open, objects: [namespace, worker(Number.NaN)] }).orphans).toEqual([]);
    expect(plan({ objects: [namespace, worker(NOW - HOUR)] }).orphans).toEqual([]);
    expect(plan({ open, objects: [namespace, worker(NOW - HOUR)] }).orphans.map(({ id }) => id)).toEqual(["n", "w"]);
  });
});

describe("pullRequestOfObject", () => {
  it.each([
    ["namespace", "shop-pr-7-cache", 7],
    ["namespace", "shop-pr-7-notes", undefined],
    ["namespace", "shop-pr-07-cache", undefined],
    ["namespace", "shop-pr-0-cache", undefined],
    ["namespace", "shop-eu-pr-7-cache", undefined],
    ["worker", "shop-pr-7-gateway", 7],
    ["worker", "shop-pr-7-gateway-2", undefined],
    ["group", "shop-pr-7-cloudflare-kv", 7],
    ["group", "shop-pr-x-cloudflare-kv", undefined],
    ["token", "shop-pr-7-application-a1", 7],
    ["token", "shop-pr-7-application", undefined],
    ["token", "shop-prod-application-a1", undefined],
  ] as const)("takes a %s named %s as one of request %s", (kind, name, pr) => {
    expect(pullRequestOfObject({ kind, name }, { app: "shop", namespaces: ["cache"] })).toBe(pr);
  });
});

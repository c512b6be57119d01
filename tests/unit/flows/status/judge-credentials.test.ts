import { describe, expect, it } from "vitest";

import {
  type CredentialStatus,
  credentialProblems,
  judgeCredentials,
  type JudgeCredentialsOptions,
} from "../../../../src/flows/status/judge-credentials.ts";
import type { RecordedSlot } from "../../../../src/state/recorded.ts";
import type { CloudflareToken } from "../../../../src/vendors/cloudflare.ts";
import { configOf, NOW } from "./observation.ts";

const EMPTY: RecordedSlot = { epoch: 0, state: "empty" };
const LIVE: RecordedSlot = { epoch: 2, state: "live" };

function judged(slot: RecordedSlot, token: Partial<CloudflareToken> | undefined, more = {}): CredentialStatus {
  const options: JudgeCredentialsOptions = {
    environment: "dev",
    slots: { application: { a: slot, b: undefined }, operator: { a: undefined, b: undefined } },
    active: { application: "a", operator: "a" },
    recorded: [{ urn: "urn:x", name: "application-a2", id: "token-1" }],
    tokens: token === undefined ? [] : [{ id: "token-1", name: "brainbot-dev-application-a2", ...token }],
    verdicts: new Map(),
    dates: undefined,
    config: configOf(),
    now: NOW,
    ...more,
  };
  const [first, ...others] = judgeCredentials(options);
  expect(others).toEqual([]);
  if (first === undefined) throw new Error("no slot");
  return first;
}

const inDays = (days: number) => new Date(NOW + days * 86_400_000).toISOString();
const problemsOf = (credential: CredentialStatus) => credentialProblems("dev", [credential], "rest");

describe("judgeCredentials", () => {
  it("joins what was provisioned with the token at Cloudflare", () => {
    const token = {
      status: "active",
      issued_on: "2026-11-23T00:00:00Z",
      expires_on: inDays(30),
      last_used_on: "2026-12-01T11:00:00Z",
    };
    expect(judged(LIVE, token)).toEqual({
      role: "application",
      slot: "a",
      active: true,
      epoch: 2,
      state: "live",
      id: "dev-application-a2",
      tokenId: "token-1",
      status: "active",
      issuedAt: "2026-11-23T00:00:00Z",
      expiresAt: inDays(30),
      daysLeft: 30,
      lastUsedAt: "2026-12-01T11:00:00Z",
    });
  });

  it("shows an empty slot without a credential", () => {
    expect(judged(EMPTY, undefined)).toEqual({
      role: "application",
      slot: "a",
      active: true,
      epoch: 0,
      state: "empty",
    });
  });

  it("shows every slot that was recorded, and which of them is handed out", () => {
    const slots = { a: LIVE, b: EMPTY };
    const rows = judgeCredentials({
      environment: "dev",
      slots: { application: slots, operator: slots },
      active: { application: "a", operator: "b" },
      recorded: [],
      tokens: [],
      verdicts: new Map(),
      dates: undefined,
      config: configOf(),
      now: NOW,
    });
    const active = rows.filter((row) => row.active).map(({ role, slot }) => `${role} ${slot}`);
    expect({ rows: rows.length, active }).toEqual({ rows: 4, active: ["application a", "operator b"] });
  });

  it("takes a token without an expiry for one that never ends, and one never used for that", () => {
    const credential = judged(LIVE, { status: "active", expires_on: null, last_used_on: null });
    expect(credential).toMatchObject({ expiresAt: "never" });
    expect(credential).not.toHaveProperty("daysLeft");
    expect(credential).not.toHaveProperty("lastUsedAt");
  });

  it("says that a token is missing which the state knows and Cloudflare does not", () => {
    expect(judged(LIVE, undefined)).toMatchObject({ state: "live", tokenId: "token-1", status: "missing" });
  });

  it("does not take the token of another epoch for the slot's own", () => {
    const recorded = [{ urn: "urn:x", name: "application-a1", id: "token-1" }];
    expect(judged(LIVE, { status: "active" }, { recorded })).toMatchObject({ status: "missing" });
  });

  it("says that a credential is lost which a run has dropped from the state", () => {
    expect(judged({ epoch: 2, state: "empty", lost: true }, undefined, { recorded: [] })).toMatchObject({
      state: "lost",
      id: "dev-application-a2",
      status: "missing",
    });
  });

  it("goes by the date where Cloudflare has not marked an expired token yet", () => {
    const credential = judged(LIVE, { status: "active", expires_on: inDays(-0.001) });
    expect(credential).toMatchObject({ status: "expired", daysLeft: -1 });
  });
});

describe("credentialProblems", () => {
  it("finds nothing wrong with live, draining and empty slots as they should be", () => {
    expect(problemsOf(judged(LIVE, { status: "active" }))).toEqual([]);
    expect(problemsOf(judged({ ...LIVE, state: "draining" }, { status: "active", expires_on: inDays(2) }))).toEqual([]);
    expect(problemsOf(judged({ ...LIVE, state: "suspended" }, { status: "disabled" }))).toEqual([]);
    expect(problemsOf(judged(EMPTY, undefined))).toEqual([]);
  });

  it("names a suspended token that is accepted, and a draining one that is not", () => {
    const what = (state: "suspended" | "draining", status: string) =>
      problemsOf(judged({ ...LIVE, state }, { status })).map((problem) => problem.what);
    expect(what("suspended", "active")).toEqual(["The suspended token dev-application-a2 is active."]);
    expect(what("draining", "disabled")).toEqual(["The draining token dev-application-a2 is disabled."]);
  });

  it("warns of a live token that ends in less than fourteen days", () => {
    expect(problemsOf(judged(LIVE, { status: "active", expires_on: inDays(14) }))).toEqual([]);
    const [problem] = problemsOf(judged(LIVE, { status: "active", expires_on: inDays(13.9) }));
    expect(problem?.what).toBe("The live token dev-application-a2 expires in 13 days.");
    const [last] = problemsOf(judged(LIVE, { status: "active", expires_on: inDays(1.5) }));
    expect(last?.what).toContain("in 1 day.");
  });

  it("says of a preview's credential only that it is over: it is meant to end, and each `pr up` gives it another date", () => {
    const problems = (status: string) =>
      credentialProblems(
        "pr-42",
        [judged(LIVE, { status, expires_on: inDays(1.5) }, { environment: "pr-42" })],
        "rest",
      );
    expect(problems("active")).toEqual([]);
    expect(problems("expired")).toEqual([
      {
        what: "The live token pr-42-application-a2 of the preview is expired.",
        fix: "Bring the preview up again: kvshift pr up --pr 42, or remove it with kvshift pr down --pr 42.",
      },
    ]);
  });

  it("names the next epoch, and the deploy, where a live token of the services is gone", () => {
    const expected = {
      what: "The live token dev-application-a2 is missing.",
      fix: "In Pulumi.dev.yaml make slot a of application live with epoch 3 and new dates, and run kvshift up. Then deploy every service: kvshift up --deploy.",
    };
    expect(problemsOf(judged(LIVE, undefined))).toEqual([expected]);
    expect(problemsOf(judged({ epoch: 2, state: "empty", lost: true }, undefined))).toEqual([expected]);
  });

  it.each(["expired", "revoked (exposed)"])(
    "says which epoch comes next where a token is %s: `up` forgets the dead one itself",
    (status) => {
      const [problem] = problemsOf(judged(LIVE, { status }));
      expect(problem?.fix).toContain("epoch 3 and new dates, and run kvshift up");
    },
  );

  it("offers to enable a token that somebody disabled", () => {
    const [problem] = problemsOf(judged(LIVE, { status: "disabled" }));
    expect(problem).toMatchObject({
      what: "The live token dev-application-a2 is disabled: Cloudflare refuses it.",
      fix: expect.stringContaining("Set it to active in Cloudflare's dashboard"),
    });
  });

  it("asks to empty the slot of a draining token that is gone", () => {
    const [problem] = problemsOf(judged({ ...LIVE, state: "draining" }, undefined));
    expect(problem?.fix).toBe("Make slot a of application empty in Pulumi.dev.yaml and run kvshift up.");
  });

  it("asks for the next secret where that of a live token is refused although the token is active", () => {
    const verdicts = new Map([["dev-application-a2", "refused"]]);
    const rolled = judged(LIVE, { status: "active" }, { verdicts });
    expect(rolled.verified).toBe("refused");
    expect(problemsOf(rolled)).toEqual([
      {
        what: "Cloudflare refuses the secret of the live token dev-application-a2: somebody rolled it, and no state knows the new one.",
        fix: expect.stringContaining("mint the next one") as string,
      },
    ]);
    // That it is disabled says why it is refused.
    expect(problemsOf(judged(LIVE, { status: "disabled" }, { verdicts }))).toHaveLength(1);
    expect(
      problemsOf(judged(LIVE, { status: "active" }, { verdicts: new Map([["dev-application-a2", "unknown"]]) })),
    ).toEqual([]);
  });
});

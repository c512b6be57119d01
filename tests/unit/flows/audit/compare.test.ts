import { describe, expect, it } from "vitest";

import type { AuditRecord } from "../../../../src/audit/record.ts";
import { compareWithCloudflare } from "../../../../src/flows/audit/compare.ts";
import type { CloudflareAuditEvent } from "../../../../src/vendors/cloudflare.ts";

const at = (minute: number) => new Date(Date.parse("2026-12-01T09:00:00Z") + minute * 60_000).toISOString();
const ENVIRONMENT = { stem: "brainbot-prod-", ids: new Set(["id-known"]) };

let sequence = 0;
const record = (kind: AuditRecord["kind"], minute: number, rest: Partial<AuditRecord> = {}): AuditRecord => ({
  sequence: (sequence += 1),
  time: at(minute),
  previous: "",
  run: "r1",
  environment: "prod",
  flow: "rotate",
  step: "mint",
  kind,
  ...(kind === "outcome" ? { outcome: "done" } : {}),
  by: { kind: "operator", name: "ada", machine: "m" },
  versions: {},
  ...rest,
});
const event = (minute: number, path: string, name?: string, id?: string): CloudflareAuditEvent => ({
  id: `${String(minute)}-${path}`,
  action: { time: at(minute), type: "create" },
  actor: { email: "eve@example.com" },
  raw: { method: "POST", uri: `/client/v4/accounts/a/${path}` },
  resource: { id, response: name === undefined ? {} : { name } },
});
const MINTED = [record("intent", 10), record("outcome", 12)];

describe("the comparison with Cloudflare's own log", () => {
  it("explains a change by the effect in which it lies, within a minute for clocks that differ", () => {
    for (const minute of [9, 10, 11, 13]) {
      const compared = compareWithCloudflare(
        MINTED,
        [event(minute, "tokens", "brainbot-prod-application-b2", "t")],
        ENVIRONMENT,
      );
      expect(compared).toMatchObject({ explained: 1, unexplained: [], unknown: [] });
    }
  });

  it.each([8, 14])("has no explanation for a change at minute %i", (minute) => {
    const events = [event(11, "tokens", "brainbot-prod-application-b2"), event(minute, "tokens/id-known/value")];
    expect(compareWithCloudflare(MINTED, events, ENVIRONMENT)).toMatchObject({
      explained: 1,
      unexplained: [{ uri: "/client/v4/accounts/a/tokens/id-known/value", actor: "eve@example.com" }],
    });
  });

  it("names a record of which Cloudflare has nothing, where a token or the Worker must have changed", () => {
    expect(compareWithCloudflare(MINTED, [], ENVIRONMENT).unknown).toMatchObject([{ flow: "rotate", step: "mint" }]);
    const failed = [record("intent", 10), record("outcome", 12, { outcome: "failed" })];
    expect(compareWithCloudflare(failed, [], ENVIRONMENT).unknown).toEqual([]);
    const close = [record("intent", 10, { step: "close" }), record("outcome", 12, { step: "close" })];
    expect(compareWithCloudflare(close, [], ENVIRONMENT).unknown).toEqual([]);
  });

  it("leaves out what belongs to others, and follows what is its own by id", () => {
    const others = [
      event(30, "tokens", "brainbot-dev-application-b2", "x"),
      event(30, "tokens/x"),
      event(30, "storage/kv/namespaces", "brainbot-prod-cache"),
    ];
    expect(compareWithCloudflare(MINTED, others, ENVIRONMENT).unexplained).toEqual([]);
    const own = [event(11, "tokens", "brainbot-prod-application-b2", "t9"), event(30, "tokens/t9")];
    expect(compareWithCloudflare(MINTED, own, ENVIRONMENT).unexplained).toMatchObject([{ time: at(30) }]);
    const worker = [event(30, "workers/scripts/brainbot-prod-gateway/deployments")];
    expect(compareWithCloudflare(MINTED, worker, ENVIRONMENT).unexplained).toHaveLength(1);
  });

  it("takes an effect whose run was killed to last until the next record", () => {
    const killed = [record("intent", 10), record("intent", 20, { run: "r2", step: "carry-out" })];
    const events = [event(15, "tokens", "brainbot-prod-application-b2")];
    expect(compareWithCloudflare(killed, events, ENVIRONMENT)).toMatchObject({ explained: 1, unexplained: [] });
  });
});

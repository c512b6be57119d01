import { describe, expect, it } from "vitest";

import type { Findings } from "../../../../src/flows/reconcile/findings.ts";
import { planReconciliation, type ReconcileRules } from "../../../../src/flows/reconcile/plan.ts";
import { NO_FINDINGS } from "./vendor-objects.ts";

const NAMESPACE = { name: "cache", id: "n9", title: "brainbot-dev-cache" };
const TOKEN = { id: "t9", name: "brainbot-dev-application-a1" };
const USED = { ...TOKEN, lastUsedOn: "2026-11-22T00:00:00Z" };
const GROUP = { id: "evg-9", name: "brainbot-dev-cloudflare-kv", foreign: [], services: [] };
const FOREIGN = { ...GROUP, foreign: ["SENTRY_DSN"], services: ["web"] };

function plan(findings: Partial<Findings>, rules: Partial<ReconcileRules> = {}) {
  const defaults = { operation: "up", kind: "development", adopt: false, removeUsed: false } as const;
  return planReconciliation({ ...NO_FINDINGS, ...findings }, { ...defaults, ...rules });
}

describe("planReconciliation", () => {
  it("plans nothing where nothing was found", () => {
    const nothing = {
      drop: [],
      reread: [],
      adopt: { namespaces: {} },
      remove: [],
      keep: [],
      refuse: [],
      clearPendingCreates: false,
    };
    expect(plan({})).toEqual({ operation: "up", ...nothing });
  });

  it("forgets what is gone, and creations that a broken run left open", () => {
    const gone = [{ kind: "token", urn: "urn:t", name: "application-a1", id: "t1" } as const];
    const { drop, clearPendingCreates } = plan({ gone, pendingCreates: ["urn:open"] });
    expect({ drop, clearPendingCreates }).toEqual({ drop: gone, clearPendingCreates: true });
  });

  it("reads again what people changed, and enables a token again that they disabled", () => {
    const edited = [
      { kind: "group", urn: "urn:g", name: "kv", what: ["CLOUDFLARE_KV_PHASE (missing)"] },
      { kind: "token", urn: "urn:t", name: "application-a1", what: ["disabled, not active"], enable: true },
    ] as const;
    expect(plan({ edited })).toMatchObject({ reread: edited, adopt: { namespaces: {}, enable: ["application-a1"] } });
    expect(plan({ edited }, { operation: "destroy" }).adopt).toEqual({ namespaces: {} });
  });

  it("leaves a Worker that serves another version, says how to mend it, and is silent where it goes", () => {
    const rolledBack = [{ name: "brainbot-dev-gateway", versionId: "v2" }];
    const [kept] = plan({ rolledBack }).keep;
    expect(kept).toMatchObject({ kind: "worker", name: "brainbot-dev-gateway" });
    expect(kept?.fix).toContain("npx wrangler versions deploy v2@100% --name brainbot-dev-gateway");
    expect(plan({ rolledBack }, { operation: "destroy" }).keep).toEqual([]);
  });

  describe("a namespace of the exact title that no state knows", () => {
    const findings = { namespaces: [NAMESPACE] };

    it.each(["development", "preview"] as const)("is taken up by `up` in %s", (kind) => {
      expect(plan(findings, { kind })).toMatchObject({ adopt: { namespaces: { cache: "n9" } }, refuse: [] });
    });

    it("stops `up` in production unless a person says --adopt", () => {
      const refused = plan(findings, { kind: "production" });
      expect(refused).toMatchObject({
        adopt: { namespaces: {} },
        refuse: [{ kind: "namespace", name: NAMESPACE.title }],
      });
      expect(plan(findings, { kind: "production", adopt: true })).toMatchObject({
        adopt: { namespaces: { cache: "n9" } },
        refuse: [],
      });
    });

    it("is removed by `destroy`, but kept in production: it may hold data", () => {
      const removed = { kind: "namespace", id: "n9", name: NAMESPACE.title };
      expect(plan(findings, { operation: "destroy" })).toMatchObject({ remove: [removed], keep: [] });
      const kept = plan(findings, { operation: "destroy", kind: "production", adopt: true });
      expect(kept).toMatchObject({ remove: [], keep: [{ kind: "namespace" }] });
    });
  });

  describe("what may be another environment's of the same names", () => {
    const owner = { who: "the environment eu-dev", kind: undefined, evidence: "it serves the environment eu-dev" };
    const findings = {
      workers: [{ id: "w9", name: "brainbot-dev-gateway", owner }],
      namespaces: [{ ...NAMESPACE, owner }],
      tokens: [
        { ...TOKEN, owner },
        { ...USED, owner },
      ],
      groups: [{ ...GROUP, owner }],
    };

    it.each([
      ["development", {}],
      ["production", { adopt: true, removeUsed: true }],
    ] as const)("is neither taken up nor removed by `up` in %s, which stops where it is in the way", (kind, flags) => {
      const { adopt, remove, refuse, keep } = plan(findings, { kind, ...flags });
      expect({ adopt, remove }).toEqual({ adopt: { namespaces: {} }, remove: [] });
      expect(refuse.map((kept) => kept.kind)).toEqual(["worker", "namespace"]);
      expect(keep.map((kept) => kept.kind)).toEqual(["token", "token", "group"]);
      expect(keep[0]?.why).toBe("it may be that of the environment eu-dev: it serves the environment eu-dev");
    });

    it("is left by `destroy`", () => {
      const { remove, keep, refuse } = plan(findings, { operation: "destroy", removeUsed: true });
      expect({ remove, refuse, kept: keep.length }).toEqual({ remove: [], refuse: [], kept: 5 });
    });
  });

  describe("a Worker of the gateway's exact name that no state knows", () => {
    const findings = { workers: [{ id: "w9", name: "brainbot-dev-gateway" }] };

    it.each(["development", "preview"] as const)("is taken up by `up` in %s", (kind) => {
      expect(plan(findings, { kind })).toMatchObject({ adopt: { namespaces: {}, worker: "w9" }, refuse: [] });
    });

    it("is taken up beside a namespace", () => {
      expect(plan({ ...findings, namespaces: [NAMESPACE] }).adopt).toEqual({
        namespaces: { cache: "n9" },
        worker: "w9",
      });
    });

    it("stops `up` in production unless a person says --adopt", () => {
      const refused = plan(findings, { kind: "production" });
      expect(refused.adopt).toEqual({ namespaces: {} });
      expect(refused.refuse).toMatchObject(
        [{ kind: "worker", name: "brainbot-dev-gateway", fix: /--adopt/ }].map(({ fix, ...rest }) => ({
          ...rest,
          fix: expect.stringMatching(fix),
        })),
      );
      expect(plan(findings, { kind: "production", adopt: true })).toMatchObject({
        adopt: { worker: "w9" },
        refuse: [],
      });
    });

    it("is removed by `destroy` before the namespaces that it is bound to, but kept in production", () => {
      const { remove } = plan({ ...findings, namespaces: [NAMESPACE] }, { operation: "destroy" });
      expect(remove.map(({ kind }) => kind)).toEqual(["worker", "namespace"]);
      const kept = plan(findings, { operation: "destroy", kind: "production", adopt: true });
      expect(kept).toMatchObject({ remove: [], keep: [{ kind: "worker" }] });
    });
  });

  describe("a token that no state knows", () => {
    const removed = [{ kind: "token", id: "t9", name: TOKEN.name }];

    it.each(["up", "destroy"] as const)("is removed by `%s` when it was never used", (operation) => {
      expect(plan({ tokens: [TOKEN] }, { operation, kind: "production" }).remove).toEqual(removed);
    });

    it("is kept when it was used: a service may hold it; --remove-used removes it", () => {
      const kept = plan({ tokens: [USED] });
      expect(kept).toMatchObject({ remove: [], keep: [{ kind: "token", name: TOKEN.name }] });
      expect(kept.keep[0]?.fix).toContain("--remove-used");
      expect(plan({ tokens: [USED] }, { removeUsed: true }).remove).toEqual(removed);
    });

    it("ends with its environment, used or not, but not with production", () => {
      expect(plan({ tokens: [USED] }, { operation: "destroy" }).remove).toEqual(removed);
      expect(plan({ tokens: [USED] }, { operation: "destroy", kind: "production" }).remove).toEqual([]);
    });
  });

  describe("a group of our name that no state knows", () => {
    it("is removed where it holds nothing but our variables", () => {
      expect(plan({ groups: [GROUP] }).remove).toEqual([{ kind: "group", id: "evg-9", name: GROUP.name }]);
    });

    it("stops `up` where it holds somebody else's variables, and says which and who is linked", () => {
      const { remove, refuse } = plan({ groups: [FOREIGN] });
      expect(remove).toEqual([]);
      expect(refuse[0]?.why).toContain("SENTRY_DSN (linked: web)");
    });

    it("stops `up` where a Blueprint owns it: a sync would write it again", () => {
      const { remove, refuse } = plan({ groups: [{ ...GROUP, blueprint: "shop" }] });
      expect(remove).toEqual([]);
      expect(refuse[0]?.why).toContain("the Blueprint shop owns it");
      expect(refuse[0]?.fix).toContain("envVarGroups in render.yaml");
    });

    it("is left alone by `destroy` where it holds somebody else's variables", () => {
      expect(plan({ groups: [FOREIGN] }, { operation: "destroy" })).toMatchObject({ remove: [], refuse: [] });
    });
  });
});

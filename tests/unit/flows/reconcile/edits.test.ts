import { describe, expect, it } from "vitest";

import { Secret } from "../../../../src/core/secret.ts";
import { findEdits } from "../../../../src/flows/reconcile/edits.ts";
import type { Observed } from "../../../../src/flows/reconcile/observe.ts";
import { readDeployment } from "../../../../src/state/deployment.ts";
import { type RecordedObjects, readRecordedObjects } from "../../../../src/state/objects.ts";
import { group, NOTHING_OBSERVED } from "./vendor-objects.ts";

const NOTHING = readRecordedObjects(readDeployment({ deployment: {} }));
const object = (name: string, id: string) => ({ urn: `urn:${name}`, name, id });
const named = (values: Record<string, string>) =>
  Object.entries(values).map(([key, value]) => ({ key, value: new Secret(value) }));

function find(recorded: Partial<RecordedObjects>, observed: Partial<Observed>, given: Record<string, string> = {}) {
  return findEdits({ ...NOTHING, ...recorded }, { ...NOTHING_OBSERVED, ...observed }, named(given)).map(
    ({ kind, name, what, enable }) => ({ kind, name, what, ...(enable === undefined ? {} : { enable }) }),
  );
}

describe("findEdits", () => {
  const kv = { ...object("kv", "evg-1"), variables: ["A", "B"] };
  const actual = (values: Record<string, string>) => [{ ...group("evg-1", "kv", []), envVars: named(values) }];

  it("names variables of the group that people changed, without a value", () => {
    const groups = actual({ A: "another-value", C: "added-value" });
    expect(find({ groups: [kv] }, { groups }, { A: "given-value", B: "given-too" })).toEqual([
      { kind: "group", name: "kv", what: ["A (another value)", "B (missing)", "C (added)"] },
    ]);
    expect(find({ groups: [kv] }, { groups }, { A: "another-value", C: "added-value" })).toEqual([]);
  });

  it("names what is missing where nobody knows the values", () => {
    expect(find({ groups: [kv] }, { groups: actual({ B: "x" }) })).toEqual([
      { kind: "group", name: "kv", what: ["A (missing)"] },
    ]);
  });

  it("names a service that somebody unlinked, and none that somebody linked beside ours", () => {
    const links = [{ ...object("link", "evg-1"), services: ["srv-1", "srv-2"] }];
    const serviceLinks = ["srv-2", "srv-3"].map((id) => ({ id, name: id, type: "web" }));
    const groups = [{ ...group("evg-1", "kv", []), serviceLinks }];
    expect(find({ links }, { groups })).toEqual([{ kind: "link", name: "link", what: ["srv-1 is not linked"] }]);
    expect(find({ links }, { groups: [] })).toEqual([]);
  });

  it("names a namespace that somebody renamed", () => {
    const namespaces = [{ ...object("cache", "n1"), title: "brainbot-dev-cache" }];
    expect(find({ namespaces }, { namespaces: [{ id: "n1", title: "other" }] })).toEqual([
      { kind: "namespace", name: "cache", what: ["renamed to other"] },
    ]);
    expect(find({ namespaces }, { namespaces: [{ id: "n1", title: "brainbot-dev-cache" }] })).toEqual([]);
    expect(find({ namespaces }, { namespaces: [] })).toEqual([]);
  });

  describe("of a token", () => {
    const token = object("application-a1", "t1");
    const seen = (more: object) => ({ tokens: [{ id: "t1", name: "brainbot-dev-application-a1", ...more }] });

    it("names one that somebody disabled, which is to be enabled", () => {
      expect(find({ tokens: [token] }, seen({ status: "disabled" }))).toEqual([
        { kind: "token", name: "application-a1", what: ["disabled, not active"], enable: true },
      ]);
    });

    it("names one that somebody enabled although it was suspended", () => {
      expect(find({ tokens: [{ ...token, status: "disabled" }] }, seen({ status: "active" }))).toEqual([
        { kind: "token", name: "application-a1", what: ["active, not disabled"] },
      ]);
    });

    it("names another expiry, whatever its spelling", () => {
      const recorded = { ...token, expiresOn: "2027-01-01T00:00:00Z" };
      const at = (expires_on: string | null) => find({ tokens: [recorded] }, seen({ status: "active", expires_on }));
      expect(at("2027-01-01T00:00:00.000Z")).toEqual([]);
      expect(at("2027-01-02T00:00:00Z")).toEqual([{ kind: "token", name: "application-a1", what: ["another expiry"] }]);
      expect(at(null)).toHaveLength(1);
    });

    it("says nothing of one that is gone or dead: that is another finding", () => {
      expect(find({ tokens: [token] }, {})).toEqual([]);
      expect(find({ tokens: [token] }, seen({ status: "expired" }))).toEqual([]);
    });
  });
});

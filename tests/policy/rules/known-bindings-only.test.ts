import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/rules/known-bindings-only.ts";
import { type PropertyMap, UNKNOWN } from "../../../src/state/properties.ts";
import { ACCOUNT_ID, added, IDS, resource, urnOf, wellFormedStack } from "../well-formed-stack.ts";

const WRITTEN: readonly PropertyMap[] = [
  { type: "plain_text", name: "CREDENTIAL_APPLICATION_A", text: UNKNOWN },
  { type: "plain_text", name: "KVSHIFT_ACCOUNT_ID", text: ACCOUNT_ID },
  { type: "plain_text", name: "KVSHIFT_ENVIRONMENT", text: "dev" },
  { type: "plain_text", name: "KVSHIFT_LOCATION_HINT", text: "weur" },
  { type: "kv_namespace", name: "KV_PAGE_CACHE", namespaceId: IDS["page-cache"] },
  { type: "durable_object_namespace", name: "LEDGER", className: "Ledger", scriptName: null },
  { type: "plain_text", name: "NAMESPACE_SESSIONS", text: "{}" },
  { type: "durable_object_namespace", name: "SHARDS", className: "Shard" },
];

function found(...more: readonly PropertyMap[]): readonly string[] {
  const names = new Set(more.map(({ name }) => name));
  const bindings = [...WRITTEN.filter(({ name }) => !names.has(name)), ...more];
  const violations = rule.check(added(wellFormedStack(), resource("workerVersion", "gateway", { bindings })));
  expect(violations.every(({ urn }) => urn === urnOf("workerVersion", "gateway"))).toBe(true);
  return violations.map(({ message }) => message);
}

const says = (finding: string) => [`Worker version gateway: binding ${finding}.`];
const text = (name: string, value = "x") => ({ type: "plain_text", name, text: value });

describe("known-bindings-only", () => {
  it("holds for what the stack binds, and without a Worker", () => {
    expect(found()).toEqual([]);
    expect(rule.check(wellFormedStack())).toEqual([]);
  });

  it.each(["CREDENTIAL_APPLICATION_C", "CREDENTIAL_X", "NAMESPACE_ORDERS", "KV_ORDERS", "GREETING", "credential_a"])(
    "reports %s",
    (name) => {
      expect(found(text(name))).toEqual(says(`${name} is none that the gateway knows`));
    },
  );

  it("reports a binding whose name is not known before creation, or is missing", () => {
    for (const name of [UNKNOWN, null]) {
      expect(found({ type: "plain_text", name, text: "x" })).toEqual(
        says("without a name is none that the gateway knows"),
      );
    }
  });

  it.each([
    ["a service", { type: "service", name: "LEDGER", service: "another" }, "durable_object_namespace"],
    ["a secret", { type: "secret_text", name: "CREDENTIAL_OPERATOR_A", text: "x" }, "plain_text"],
    ["a text", text("KV_PAGE_CACHE"), "kv_namespace"],
    ["what is not known", { type: UNKNOWN, name: "KV_PAGE_CACHE" }, "kv_namespace"],
  ])("reports %s under the name of something else", (_title, binding, type) => {
    expect(found(binding)).toEqual(says(`${binding.name} is not of type ${type}`));
  });

  it("reports objects of another class and of another Worker", () => {
    const shards = { type: "durable_object_namespace", name: "SHARDS" };
    expect(found({ ...shards, className: "Other" })).toEqual(says("SHARDS is not the class Shard"));
    expect(found({ ...shards, className: "Shard", scriptName: "brainbot-prod-gateway" })).toEqual(
      says("SHARDS has scriptName: it is of another Worker"),
    );
  });

  it("reports a Worker that is told of another environment", () => {
    expect(found(text("KVSHIFT_ENVIRONMENT", "prod"))).toEqual(
      says("KVSHIFT_ENVIRONMENT does not say what this environment is"),
    );
    expect(found(text("KVSHIFT_ACCOUNT_ID", "b".repeat(32)))).toEqual(
      says("KVSHIFT_ACCOUNT_ID does not say what this environment is"),
    );
  });

  it("reports a name that is there twice", () => {
    const twice = text("KVSHIFT_LOCATION_HINT");
    expect(found(twice, twice)).toEqual(says("KVSHIFT_LOCATION_HINT is there more than once"));
  });
});

import { describe, expect, it } from "vitest";

import { driftOf } from "../../../src/engine/drift.ts";

const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
const TOKEN = "cloudflare:index/accountToken:AccountToken";

type Event = Parameters<typeof driftOf>[0];

function event(op: string, before: object, after: object, more: object = {}): Event {
  const urn = `urn:pulumi:dev::kvshift::${TOKEN}::application-a1`;
  const metadata = { op, urn, type: TOKEN, old: { outputs: before }, new: { outputs: after }, ...more };
  return { sequence: 1, timestamp: 1, resOutputsEvent: { metadata } } as unknown as Event;
}

describe("driftOf", () => {
  it("names the properties that differ, without their values", () => {
    expect(driftOf(event("update", { name: "a", status: "active" }, { name: "a", status: "disabled" }))).toEqual({
      type: TOKEN,
      name: "application-a1",
      change: "changed",
      properties: ["status"],
    });
  });

  it("names properties that are there on one side only", () => {
    expect(driftOf(event("update", { condition: {} }, { notBefore: "x" }))?.properties).toEqual([
      "condition",
      "notBefore",
    ]);
  });

  it("takes a use of a token for no drift", () => {
    expect(driftOf(event("update", { lastUsedOn: "a", value: SECRET }, { lastUsedOn: "b", value: SECRET }))).toBe(
      undefined,
    );
    expect(
      driftOf(event("update", { lastUsedOn: "a", name: "a" }, { lastUsedOn: "b", name: "b" }))?.properties,
    ).toEqual(["name"]);
  });

  it("names the secret properties where nothing else differs: they are masked on both sides", () => {
    const outputs = { name: "group", envVars: SECRET };
    expect(driftOf(event("update", outputs, outputs))?.properties).toEqual(["envVars"]);
  });

  it("goes by what the engine names where it does", () => {
    expect(driftOf(event("update", {}, {}, { diffs: ["policies"] }))?.properties).toEqual(["policies"]);
  });

  it("knows a resource that is gone", () => {
    expect(driftOf(event("delete", { name: "a" }, {}))).toMatchObject({ change: "gone", properties: [] });
  });

  it("finds nothing in resources that are the same, and in other events", () => {
    expect(driftOf(event("same", { name: "a" }, { name: "a" }))).toBe(undefined);
    expect(driftOf({ sequence: 1, timestamp: 1 })).toBe(undefined);
  });
});

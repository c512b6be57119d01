import { describe, expect, it } from "vitest";

import { readDeployment } from "../../../src/state/deployment.ts";
import { readRecorded } from "../../../src/state/recorded.ts";

const PASSWORD = "random:index/randomPassword:RandomPassword";
const TOKEN = "cloudflare:index/accountToken:AccountToken";

interface Slots {
  readonly a: { readonly epoch: number; readonly state: string };
  readonly b: { readonly epoch: number; readonly state: string };
}

const FIRST: Slots = { a: { epoch: 1, state: "live" }, b: { epoch: 0, state: "empty" } };

function stackWith(application: Slots, operator: Slots = FIRST) {
  return {
    urn: "urn:pulumi:dev::kvshift::pulumi:pulumi:Stack::kvshift-dev",
    type: "pulumi:pulumi:Stack",
    outputs: {
      environment: { name: "dev", phase: "dual" },
      credentials: { application: { active: "a", slots: application }, operator: { active: "a", slots: operator } },
    },
  };
}

function token(name: string, more: Record<string, unknown> = {}) {
  const parents = "kvshift:index:Environment$kvshift:index:Credentials";
  return { urn: `urn:pulumi:dev::kvshift::${parents}$${TOKEN}::${name}`, type: TOKEN, outputs: {}, ...more };
}

const state = (...resources: unknown[]) => ({ version: 3, deployment: { manifest: {}, resources } });
const applicationSlots = (...resources: unknown[]) =>
  readRecorded(readDeployment(state(...resources))).slots.application;

describe("readRecorded", () => {
  it.each([
    ["null", null],
    ["no", undefined],
    ["an empty list of", []],
  ])("knows nothing of a stack with %s resources", (_name, resources) => {
    const nothing = { a: undefined, b: undefined };
    expect(readRecorded(readDeployment({ deployment: { resources } }))).toEqual({
      phase: undefined,
      access: [],
      namespaces: {},
      slots: { application: nothing, operator: nothing },
      unreadable: [],
    });
  });

  it("reads phase and slots of both roles", () => {
    const application: Slots = { a: { epoch: 3, state: "draining" }, b: { epoch: 2, state: "live" } };
    const resources = [stackWith(application), token("application-a3"), token("application-b2"), token("operator-a1")];
    expect(readRecorded(readDeployment(state(...resources)))).toEqual({
      phase: "dual",
      access: ["rest"],
      namespaces: {},
      slots: {
        application: { a: { epoch: 3, state: "draining" }, b: { epoch: 2, state: "live" } },
        operator: { a: { epoch: 1, state: "live" }, b: { epoch: 0, state: "empty" } },
      },
      unreadable: [],
    });
  });

  it("counts a slot as empty and its secret as lost whose token is gone, whatever the outputs say", () => {
    const application: Slots = { a: { epoch: 3, state: "draining" }, b: { epoch: 2, state: "live" } };
    expect(applicationSlots(stackWith(application), token("application-b2"))).toEqual({
      a: { epoch: 3, state: "empty", lost: true },
      b: { epoch: 2, state: "live" },
    });
  });

  it("counts a token as live that a run minted before it broke off", () => {
    expect(applicationSlots(stackWith(FIRST), token("application-a1"), token("application-b1"))).toEqual({
      a: { epoch: 1, state: "live" },
      b: { epoch: 1, state: "live" },
    });
  });

  it("counts tokens as live where no run has ended well yet", () => {
    expect(applicationSlots(token("application-a1"))).toEqual({ a: { epoch: 1, state: "live" }, b: undefined });
  });

  it.each([
    ["the older one first", ["application-a9", "application-a10"]],
    ["the newer one first", ["application-a10", "application-a9"]],
  ])("takes the highest epoch where a slot has two tokens, %s", (_order, names) => {
    expect(applicationSlots(...names.map((name) => token(name))).a).toEqual({ epoch: 10, state: "live" });
  });

  it("passes over a token that only waits for its deletion", () => {
    const resources = [stackWith(FIRST), token("application-a1"), token("application-b1", { delete: true })];
    expect(applicationSlots(...resources).b).toEqual({ epoch: 0, state: "empty" });
  });

  it("passes over resources of other types and names", () => {
    const resources = [
      token("application-a1", { type: "random:index/randomString:RandomString" }),
      token("somebody-else"),
      token("application-c1"),
      token("my-application-a1"),
    ];
    expect(applicationSlots(...resources)).toEqual({ a: undefined, b: undefined });
  });

  it("says what it cannot read in outputs of another shape or a newer form, and still counts the tokens", () => {
    const other = { ...stackWith(FIRST), outputs: { environment: { phase: "half" } } };
    expect(readRecorded(readDeployment(state(other, token("operator-b4"))))).toEqual({
      phase: undefined,
      access: ["rest"],
      namespaces: {},
      slots: {
        application: { a: undefined, b: undefined },
        operator: { a: undefined, b: { epoch: 4, state: "live" } },
      },
      unreadable: ["output environment.phase", "output credentials"],
    });
    const newer = stackWith(FIRST);
    Object.assign(newer.outputs.environment, { form: 2 });
    expect(readRecorded(readDeployment(state(newer))).unreadable).toEqual(["output environment.form"]);
  });

  it("says that it cannot read what the namespaces are, and nothing where none were made", () => {
    const type = "kvshift:index:Namespaces";
    const urn = `urn:pulumi:dev::kvshift::kvshift:index:Environment$${type}::namespaces`;
    const odd = { urn, type, inputs: { consistency: { cache: "sometimes" } } };
    expect(readRecorded(readDeployment(state(odd))).unreadable).toEqual(["the component of the namespaces"]);
    expect(readRecorded(readDeployment(state())).unreadable).toEqual([]);
    const destroyed = { ...stackWith(FIRST), outputs: {} };
    expect(readRecorded(readDeployment(state(destroyed))).unreadable).toEqual([]);
  });

  it("counts the passwords of the gateway as it counts tokens", () => {
    const application: Slots = { a: { epoch: 3, state: "draining" }, b: { epoch: 2, state: "live" } };
    const passwords = ["application-a3", "application-b2", "operator-a1"].map((name) =>
      token(name, { type: PASSWORD }),
    );
    const { access, slots } = readRecorded(readDeployment(state(stackWith(application), ...passwords)));
    expect({ access, slots: slots.application }).toEqual({
      access: ["gateway"],
      slots: { a: { epoch: 3, state: "draining" }, b: { epoch: 2, state: "live" } },
    });
  });

  it("takes a suspended slot for what the last good run said, and for live where its epoch is another one", () => {
    const slotOf = (outputEpoch: number) => {
      const outputs = {
        environment: { phase: "kv" },
        credentials: {
          application: { active: "b", slots: { a: { epoch: outputEpoch, state: "suspended" } } },
          operator: { active: "a", slots: {} },
        },
      };
      const stack = { urn: "urn:x", type: "pulumi:pulumi:Stack", outputs };
      return readRecorded(readDeployment(state(token("application-a3"), stack))).slots.application.a;
    };
    expect(slotOf(3)).toEqual({ epoch: 3, state: "suspended" });
    expect(slotOf(2)).toEqual({ epoch: 3, state: "live" });
  });

  it("names both accesses where credentials of both exist, and none for one that only waits for its deletion", () => {
    const password = token("application-b1", { type: PASSWORD });
    expect(readRecorded(readDeployment(state(token("application-a1"), password))).access).toEqual(["rest", "gateway"]);
    expect(readRecorded(readDeployment(state({ ...password, delete: true }))).access).toEqual([]);
  });

  it("reads what is settled of namespaces from their component", () => {
    const inputs = { consistency: { sessions: "strong", cache: "eventual" }, shards: { sessions: 4 } };
    const component = { urn: "urn:x", type: "kvshift:index:Namespaces", inputs };
    expect(readRecorded(readDeployment(state(component))).namespaces).toEqual({
      sessions: { consistency: "strong", shards: 4 },
      cache: { consistency: "eventual" },
    });
    expect(
      readRecorded(readDeployment(state({ ...component, inputs: { consistency: { cache: "eventual" } } }))).namespaces,
    ).toEqual({
      cache: { consistency: "eventual" },
    });
    expect(readRecorded(readDeployment(state({ ...component, inputs: {} }))).namespaces).toEqual({});
  });

  it("fails on something that is no state: to guard nothing would be worse", () => {
    expect(() => readRecorded(readDeployment({ deployment: { resources: [{ urn: 1 }] } }))).toThrow(/urn/);
    expect(() => readRecorded(readDeployment(""))).toThrow(/expected object/);
  });
});

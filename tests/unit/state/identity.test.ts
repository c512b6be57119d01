import { describe, expect, it } from "vitest";

import { readDeployment } from "../../../src/state/deployment.ts";
import { readIdentity } from "../../../src/state/identity.ts";

const PRODUCTION = { kind: "production", app: "brainbot", accountId: "9b7d5f3e1c0a48e6b2d4f6a8c0e2b4d6" };
const DEVELOPMENT = { ...PRODUCTION, kind: "development" };
const component = (properties: object) => ({ urn: "e", type: "kvshift:index:Environment", ...properties });
const stack = (outputs: object) => ({ urn: "s", type: "pulumi:pulumi:Stack", outputs });
const namespace = { urn: "n", type: "cloudflare:index/workersKvNamespace:WorkersKvNamespace", id: "1" };
const read = (...resources: object[]) => readIdentity(readDeployment({ deployment: { resources } }));

describe("readIdentity", () => {
  it("knows nothing where nothing of ours is recorded", () => {
    expect(read()).toBeUndefined();
    expect(read(stack({}), { urn: "p", type: "pulumi:providers:cloudflare", id: "1" })).toBeUndefined();
  });

  it.each([
    ["what the component was given", component({ inputs: { ...PRODUCTION, phase: "kv" } })],
    ["what the component registered", component({ outputs: PRODUCTION })],
    ["the outputs of the stack", stack({ environment: { name: "prod", ...PRODUCTION } })],
  ])("reads %s", (_name, resource) => {
    expect(read(resource, namespace)).toEqual({ readable: true, identity: PRODUCTION });
  });

  it("takes an environment for production that was it anywhere: a promotion may have broken off", () => {
    expect(read(component({ inputs: PRODUCTION, outputs: DEVELOPMENT }))).toEqual({
      readable: true,
      identity: PRODUCTION,
    });
    expect(read(component({ inputs: DEVELOPMENT }), stack({ environment: PRODUCTION }))).toEqual({
      readable: true,
      identity: PRODUCTION,
    });
  });

  it.each([
    ["no component", [namespace]],
    ["a component that says nothing", [component({ inputs: {} }), namespace]],
    ["a component of another form", [component({ inputs: { ...PRODUCTION, kind: "staging" } })]],
    [
      "a component of another form, though older outputs can be read,",
      [component({ inputs: { ...PRODUCTION, kind: "staging" } }), stack({ environment: DEVELOPMENT })],
    ],
  ])("does not take %s beside what is provisioned for nothing", (_name, resources) => {
    expect(read(...resources)).toMatchObject({ readable: false });
  });
});

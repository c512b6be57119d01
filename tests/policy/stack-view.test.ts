import { createRequire } from "node:module";

import { describe, expect, it } from "vitest";

import { environmentOf, observedResources } from "../../src/policy/stack-view.ts";
import { UNKNOWN } from "../../src/state/properties.ts";
import { ENVIRONMENT, resource } from "./well-formed-stack.ts";

/** The SDK wraps what rules see in these proxies; its types do not say so. */
interface SdkProxy {
  readonly unknownCheckingProxy: (properties: object) => Record<string, unknown>;
  readonly unknownStringValue: string;
  readonly unknownObjectValue: string;
  readonly unknownArrayValue: string;
}

const sdk: SdkProxy = createRequire(import.meta.url)("@pulumi/policy/proxy.js");
const { unknownCheckingProxy, unknownStringValue, unknownObjectValue, unknownArrayValue } = sdk;

function observe(props: object) {
  const { type, name, urn } = resource("group", "cloudflare-kv", {});
  return observedResources([{ type, name, urn, props: unknownCheckingProxy(props), propertyDependencies: {} }])[0]
    ?.props;
}

function component(props: Readonly<Record<string, string>>) {
  return { ...resource("group", "dev", props), type: "kvshift:index:Environment" };
}

describe("observedResources", () => {
  it("keeps known properties as they are, at every depth", () => {
    const props = { name: "x", size: 0, on: false, none: null, list: [1, ["a"], { key: "value" }], map: { inner: {} } };
    expect(observe(props)).toEqual(props);
  });

  it("shows UNKNOWN where the SDK would throw, at every depth", () => {
    const props = { id: unknownStringValue, map: { value: unknownObjectValue }, list: ["a", unknownArrayValue, ["b"]] };
    expect(observe(props)).toEqual({ id: UNKNOWN, map: { value: UNKNOWN }, list: ["a", UNKNOWN, ["b"]] });
  });

  it("lets any other error of a property through", () => {
    const broken = Object.defineProperty({}, "name", {
      enumerable: true,
      get: () => {
        throw new TypeError("broken");
      },
    });
    expect(() => observe(broken)).toThrow(new TypeError("broken"));
  });

  it("names the sources of each property by URN", () => {
    const { type, name, urn, props } = resource("groupLink", "cloudflare-kv", {});
    const propertyDependencies = { envGroupId: [{ urn: "urn:group" }], serviceIds: [] };
    expect(observedResources([{ type, name, urn, props, propertyDependencies }])[0]?.propertyDependencies).toEqual({
      envGroupId: ["urn:group"],
      serviceIds: [],
    });
  });
});

describe("environmentOf", () => {
  const facts = { ...ENVIRONMENT };

  it("reads the facts of the stack's environment component", () => {
    expect(environmentOf([resource("group", "g", {}), component(facts)])).toEqual(ENVIRONMENT);
  });

  it("refuses a stack without the component", () => {
    expect(environmentOf([])).toEqual({ problem: "The stack has no component kvshift:index:Environment." });
  });

  it("refuses a stack with two of them", () => {
    expect(environmentOf([component(facts), component(facts)])).toEqual({
      problem: "The stack has more than one component kvshift:index:Environment.",
    });
  });

  it("names the facts that are missing or not understood, without their values", () => {
    const { kind: _kind, ...rest } = facts;
    const { phase, accountId } = { phase: "KV", accountId: "c".repeat(31) };
    expect(environmentOf([component({ ...rest, phase, accountId })])).toEqual({
      problem: "The outputs of component dev are missing or not understood: kind, phase, accountId.",
    });
  });
});

import { describe, expect, it } from "vitest";

import type { StackResource, StackView } from "../../../src/policy/model.ts";
import { rule } from "../../../src/policy/rules/known-resources-only.ts";
import { COMPONENT_TYPES } from "../../../src/stack/types.ts";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../src/state/properties.ts";
import {
  ACCOUNT_ID,
  added,
  changed,
  OTHER_ACCOUNT_ID,
  resource,
  urnOf,
  without,
  wellFormedStack,
} from "../well-formed-stack.ts";

const WORKER = resource("worker", "gateway", { accountId: ACCOUNT_ID, name: "brainbot-dev-gateway" });
const from = (property: string, sources: readonly string[] = [WORKER.urn]) => ({
  propertyDependencies: { [property]: sources },
});
const version = (workerId: PropertyValue, sources?: readonly string[], name = "gateway"): StackResource => ({
  ...resource("workerVersion", name, { accountId: ACCOUNT_ID, workerId }),
  ...from("workerId", sources),
});
const domain = (service: PropertyValue, sources?: readonly string[]): StackResource => ({
  ...resource("customDomain", "gateway", { accountId: ACCOUNT_ID, hostname: "kv.example.com", service }),
  ...from("service", sources),
});
const gateway = (workerId: PropertyValue): StackResource => ofType(COMPONENT_TYPES.gateway, { workerId });

function ofType(type: string, props: PropertyMap = {}): StackResource {
  return { type, name: "thing", urn: `urn:pulumi:dev::kvshift::${type}::thing`, props, propertyDependencies: {} };
}

function behindGateway(...more: readonly StackResource[]): StackView {
  return added(wellFormedStack(), WORKER, version("w1"), gateway("w1"), ...more);
}

const found = (stack: StackView) => rule.check(stack).map(({ message }) => message);

describe("known-resources-only", () => {
  it("holds for what the program builds, with a gateway, a host name and without", () => {
    expect(found(wellFormedStack())).toEqual([]);
    expect(found(behindGateway(domain("brainbot-dev-gateway")))).toEqual([]);
    const providers = ["cloudflare", "random", "render"].map((name) => ofType(`pulumi:providers:${name}`));
    expect(found(behindGateway(...providers, ofType("pulumi:pulumi:Stack")))).toEqual([]);
  });

  it("holds before creation for ids and names that come from the Worker", () => {
    const stack = added(wellFormedStack(), WORKER, version(UNKNOWN), gateway(UNKNOWN), domain(UNKNOWN));
    expect(found(stack)).toEqual([]);
  });

  it.each([
    "cloudflare:index/apiToken:ApiToken",
    "cloudflare:index/workersScript:WorkersScript",
    "pulumi:pulumi:StackReference",
    "pulumi:providers:aws",
  ])("reports a resource of type %s", (type) => {
    expect(rule.check(added(wellFormedStack(), ofType(type)))).toEqual([
      { message: `thing: no rule judges resources of type ${type}.`, urn: ofType(type).urn },
    ]);
  });

  it("reports another Worker and another version", () => {
    const stack = behindGateway({ ...WORKER, name: "other" }, version("w1", undefined, "other"));
    expect(found(stack)).toEqual([
      "other: the stack has another Worker already.",
      "other: the stack has another Worker version already.",
    ]);
  });

  it.each([OTHER_ACCOUNT_ID, UNKNOWN])(
    "reports what is made in an account that is not the environment's",
    (accountId) => {
      const stack = changed(wellFormedStack(), "namespace", "sessions", { accountId });
      expect(found(stack)).toEqual(["KV namespace sessions: accountId is not the environment's account."]);
    },
  );

  it.each([
    ["by a copied id", version("w1", [])],
    ["by an id that comes from elsewhere", version(UNKNOWN, [urnOf("worker", "another")])],
    ["although its id is another", version("w2")],
  ])("reports a version of another Worker, %s", (_title, other) => {
    const stack = added(without(behindGateway(), "workerVersion", "gateway"), other);
    expect(found(stack)).toEqual(["Worker version gateway: workerId is not that of the stack's Worker."]);
  });

  it("reports a version and a host name without a Worker", () => {
    expect(found(added(wellFormedStack(), version("w1"), domain("brainbot-dev-gateway")))).toEqual([
      "Worker version gateway: workerId is not that of the stack's Worker.",
      "Host name gateway: service is not the name of the stack's Worker.",
    ]);
  });

  it("reports a host name of another Worker", () => {
    expect(found(behindGateway(domain("brainbot-prod-gateway")))).toEqual([
      "Host name gateway: service is not the name of the stack's Worker.",
    ]);
    expect(found(behindGateway(domain("brainbot-dev-gateway", [])))).toHaveLength(1);
  });
});

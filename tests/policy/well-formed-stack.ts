import { expect } from "vitest";

import type { EnvironmentFacts, Neighbour, StackResource, StackView, Violation } from "../../src/policy/model.ts";
import { COMPONENT_TYPES, RESOURCE_TYPES } from "../../src/stack/types.ts";
import { isPropertyList, isPropertyMap, type PropertyMap, type PropertyValue } from "../../src/state/properties.ts";

export const ACCOUNT_ID = "a".repeat(32);
export const OTHER_ACCOUNT_ID = "b".repeat(32);
export const KV_READ = "8b47d2786a534c08a1f94ee8f9f599ef";
export const KV_WRITE = "f7f0eda5697f475c90846e879bab8666";

export const ENVIRONMENT: EnvironmentFacts = {
  app: "brainbot",
  environment: "dev",
  kind: "development",
  phase: "kv",
  access: "rest",
  accountId: ACCOUNT_ID,
};

/** Cloudflare's ids of the namespaces. */
export const IDS = { sessions: "1".repeat(32), "page-cache": "2".repeat(32) } as const;

/** A neighbour in another account with which nothing is shared. */
export function neighbour(environment: string, changes: Partial<Neighbour> = {}): Neighbour {
  return {
    app: "brainbot",
    environment,
    kind: "development",
    access: "rest",
    accountId: OTHER_ACCOUNT_ID,
    services: ["srv-of-another"],
    renderEnvironmentId: undefined,
    ...changes,
  };
}

const VARIABLES = [
  "CLOUDFLARE_KV_ACCOUNT_ID",
  "CLOUDFLARE_KV_API_TOKEN",
  "CLOUDFLARE_KV_API_URL",
  "CLOUDFLARE_KV_CREDENTIAL_ID",
  "CLOUDFLARE_KV_NAMESPACES",
  "CLOUDFLARE_KV_NAMESPACE_ID_PAGE_CACHE",
  "CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS",
  "CLOUDFLARE_KV_PHASE",
  "CLOUDFLARE_KV_READ_SHARE",
];

type TypeName = keyof typeof RESOURCE_TYPES;

/** A resource as the engine shows it; its URN follows from its name. */
export function resource(type: TypeName, name: string, props: PropertyMap): StackResource {
  return { type: RESOURCE_TYPES[type], name, urn: urnOf(type, name), props, propertyDependencies: {} };
}

export function urnOf(type: TypeName, name: string): string {
  return `urn:pulumi:dev::kvshift::${RESOURCE_TYPES[type]}::${name}`;
}

/** Entries of a group whose values must never be shown. */
export function variables(...names: readonly string[]): PropertyMap {
  return Object.fromEntries(names.map((name) => [name, { value: `value-of-${name.toLowerCase()}-${"x".repeat(8)}` }]));
}

export function policy(changes: PropertyMap = {}): PropertyMap {
  const resources = JSON.stringify({ [`com.cloudflare.api.account.${ACCOUNT_ID}`]: "*" });
  return { effect: "allow", permissionGroups: [{ id: KV_READ }, { id: KV_WRITE }], resources, ...changes };
}

/** A link that takes its group's id from `group`, which is unknown before the first `up`. */
export function link(name: string, group: string, envGroupId: PropertyValue): StackResource {
  const props = { envGroupId, serviceIds: ["srv-fake"] };
  return { ...resource("groupLink", name, props), propertyDependencies: { envGroupId: [urnOf("group", group)] } };
}

/** The variables of the group, with the ids of its namespaces. */
export function groupVariables(changes: PropertyMap = {}): PropertyMap {
  const json = Object.fromEntries(Object.entries(IDS).map(([name, id]) => [name, { id, consistency: "eventual" }]));
  return {
    ...variables(...VARIABLES),
    CLOUDFLARE_KV_NAMESPACE_ID_PAGE_CACHE: { value: IDS["page-cache"], generateValue: false },
    CLOUDFLARE_KV_NAMESPACE_ID_SESSIONS: { value: IDS.sessions, generateValue: false },
    CLOUDFLARE_KV_NAMESPACES: { value: JSON.stringify(json) },
    ...changes,
  };
}

/** What the component of the namespaces registers. */
export function namespacesComponent(ids: PropertyValue = IDS): StackResource {
  const type = COMPONENT_TYPES.namespaces;
  const urn = `urn:pulumi:dev::kvshift::${type}::dev`;
  return { type, name: "dev", urn, props: { ids }, propertyDependencies: {} };
}

/** What the program builds for two namespaces: every rule holds. */
export function wellFormedStack(environment: Partial<EnvironmentFacts> = {}): StackView {
  return {
    environment: { ...ENVIRONMENT, ...environment },
    neighbours: { known: [neighbour("staging")], unreadable: [] },
    resources: [
      namespacesComponent(),
      resource("namespace", "sessions", { accountId: ACCOUNT_ID, title: "brainbot-dev-sessions" }),
      resource("namespace", "page-cache", { accountId: ACCOUNT_ID, title: "brainbot-dev-page-cache" }),
      token("application-a1"),
      token("operator-b12"),
      group(),
      link("cloudflare-kv", "cloudflare-kv", "evg-fake"),
    ],
  };
}

export function token(name: string): StackResource {
  const expiresOn = "2027-11-23T00:00:00Z";
  const condition = { requestIp: { ins: ["203.0.113.10/32"] } };
  const props = { accountId: ACCOUNT_ID, name: `brainbot-dev-${name}`, policies: [policy()], expiresOn, condition };
  return resource("accountToken", name, props);
}

function group(): StackResource {
  const props = { name: "brainbot-dev-cloudflare-kv", envVars: groupVariables() };
  const sources = [
    urnOf("accountToken", "application-a1"),
    ...Object.keys(IDS).map((name) => urnOf("namespace", name)),
  ];
  return { ...resource("group", "cloudflare-kv", props), propertyDependencies: { envVars: sources } };
}

/** The stack with other properties on the resource `name` of `type`. */
export function changed(stack: StackView, type: TypeName, name: string, props: PropertyMap): StackView {
  const found = stack.resources.find((candidate) => candidate.urn === urnOf(type, name));
  if (!found) throw new Error(`the stack has no ${type} ${name}`);
  const replacement = { ...found, props: { ...found.props, ...props } };
  return { ...stack, resources: stack.resources.map((candidate) => (candidate === found ? replacement : candidate)) };
}

export function without(stack: StackView, type: TypeName, name: string): StackView {
  return { ...stack, resources: stack.resources.filter(({ urn }) => urn !== urnOf(type, name)) };
}

export function added(stack: StackView, ...resources: readonly StackResource[]): StackView {
  return { ...stack, resources: [...stack.resources, ...resources] };
}

/** Values of Cloudflare's API that are words of the rules too, and nothing. */
const VOCABULARY: ReadonlySet<string> = new Set(["allow", ""]);

/** The messages, after making sure that none of them shows the value of a property. */
export function messages(violations: readonly Violation[], stack: StackView): readonly string[] {
  const values = stack.resources.flatMap(({ props }) => texts(props)).filter((value) => !VOCABULARY.has(value));
  for (const { message } of violations) {
    expect(values.filter((value) => message.includes(value))).toEqual([]);
  }
  return violations.map(({ message }) => message);
}

function texts(value: PropertyValue): readonly string[] {
  if (typeof value === "string") return [value];
  if (isPropertyList(value)) return value.flatMap(texts);
  return isPropertyMap(value) ? Object.values(value).flatMap(texts) : [];
}

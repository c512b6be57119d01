import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import * as render from "@pulumi/render";

import { environmentGroupName, namespaceIdVariable, namespaceTitle } from "../../src/core/names.ts";
import type { EnvironmentFacts } from "../../src/policy/model.ts";
import { COMPONENT_TYPES } from "../../src/stack/types.ts";
import { createWorker, type WorkerPlants } from "./planted-worker.ts";
import { ACCOUNT_ID, KV_WRITE } from "./well-formed-stack.ts";

export const FACTS: EnvironmentFacts = {
  app: "brainbot",
  environment: "prod",
  kind: "production",
  phase: "kv",
  access: "rest",
  accountId: ACCOUNT_ID,
};
const NAMESPACES = ["sessions", "page-cache"];
const TOKENS = ["application-a1", "operator-a1"];

/** A value that no message may show. */
export const PLANTED_SECRET = `planted-secret-${"x".repeat(24)}`;

/** What can be planted in the program; nothing planted gives a well-formed environment. */
export interface Plants extends WorkerPlants {
  readonly facts?: Partial<EnvironmentFacts>;
  readonly services?: readonly string[];
  readonly extraVariable?: string;
  readonly missingVariable?: string;
  /** A variable that Render makes up. */
  readonly generatedVariable?: string;
  /** The id that services get for `sessions`, in place of that of the namespace. */
  readonly namespaceId?: string;
  readonly permissionGroup?: string;
  /** The token of the operator is accepted from everywhere. */
  readonly unboundToken?: boolean;
  readonly moreTokens?: readonly string[];
  /** Title of `sessions`; `unknown`: one that no preview can know. */
  readonly title?: "of another environment" | "unknown";
  /** A link whose group is given by a copied id. */
  readonly foreignLink?: boolean;
  /** A resource of a type that no rule judges. */
  readonly unknownType?: boolean;
  /** The class that is registered for `sessions`. */
  readonly consistency?: string;
  /** The number of shards that is registered for `sessions`. */
  readonly shards?: number;
  /** Neither namespaces nor Workers are protected or retained. */
  readonly unkeptData?: boolean;
  readonly unprotectedTokens?: boolean;
  /** The token of the operator as an output in clear. */
  readonly plainOutput?: string;
}

/** The smallest program that has everything the rules look at, with `plants` in it. */
export function plantedProgram(plants: Plants): PulumiFn {
  return async () => {
    const facts = { ...FACTS, ...plants.facts };
    const component = new EnvironmentComponent(facts);
    const child = { parent: component };
    const kept = { ...child, protect: !plants.unkeptData, retainOnDelete: !plants.unkeptData };
    const tokens = createTokens(plants, facts, child);
    const ids = createNamespaces(plants, facts, tokens, kept);
    new NamespacesComponent(facts.environment, ids, plants, child);
    createWorker(plants, { facts, tokens, kept, opts: child });
    const group = createGroup(plants, facts, ids, tokens, child);
    createLinks(plants, group, child);
    if (plants.unknownType) new pulumi.ComponentResource("another:index:Thing", "thing", {}, child);
    const operator = tokens[1];
    return plants.plainOutput !== undefined && operator
      ? { [plants.plainOutput]: pulumi.unsecret(operator.value) }
      : {};
  };
}

class EnvironmentComponent extends pulumi.ComponentResource {
  constructor(facts: EnvironmentFacts) {
    super(COMPONENT_TYPES.environment, facts.environment, { ...facts });
    this.registerOutputs({ ...facts });
  }
}

/** Registers what the namespaces have that no vendor keeps. */
class NamespacesComponent extends pulumi.ComponentResource {
  constructor(name: string, ids: Ids, plants: Plants, opts: pulumi.ComponentResourceOptions) {
    const { consistency: sessions = "eventual", shards = 16 } = plants;
    const settled = { consistency: { sessions, "page-cache": "eventual" }, shards: { sessions: shards } };
    super(COMPONENT_TYPES.namespaces, name, settled, opts);
    this.registerOutputs({ ids: Object.fromEntries(ids), ...settled });
  }
}

type Ids = readonly (readonly [name: string, id: pulumi.Output<string>])[];

function createTokens(plants: Plants, facts: EnvironmentFacts, opts: pulumi.CustomResourceOptions) {
  const { permissionGroup, unboundToken, moreTokens = [], unprotectedTokens } = plants;
  const permissionGroups = [{ id: permissionGroup ?? KV_WRITE }];
  const resources = JSON.stringify({ [`com.cloudflare.api.account.${facts.accountId}`]: "*" });
  return [...TOKENS, ...moreTokens].map((name) => {
    const isUnbound = unboundToken === true && name.startsWith("operator");
    const args = {
      accountId: facts.accountId,
      name: `${facts.app}-${facts.environment}-${name}`,
      policies: [{ effect: "allow", permissionGroups, resources }],
      expiresOn: "2099-01-01T00:00:00Z",
      ...(isUnbound ? {} : { condition: { requestIp: { ins: ["203.0.113.10/32"] } } }),
    };
    return new cloudflare.AccountToken(name, args, { ...opts, protect: !unprotectedTokens });
  });
}

function createNamespaces(
  { title }: Plants,
  { app, environment, accountId }: EnvironmentFacts,
  [token]: readonly cloudflare.AccountToken[],
  opts: pulumi.CustomResourceOptions,
): Ids {
  return NAMESPACES.map((name) => {
    const expected = namespaceTitle(app, environment, name);
    const planted = title === "unknown" ? token?.id : title && namespaceTitle(app, "dev", name);
    const args = { accountId, title: name === "sessions" && planted ? planted : expected };
    return [name, new cloudflare.WorkersKvNamespace(name, args, opts).id] as const;
  });
}

function createGroup(
  plants: Plants,
  facts: EnvironmentFacts,
  ids: Ids,
  tokens: readonly cloudflare.AccountToken[],
  opts: pulumi.CustomResourceOptions,
) {
  const { generatedVariable } = plants;
  const envVars = {
    ...variablesOf(plants, facts, ids, tokens),
    ...(generatedVariable === undefined ? {} : { [generatedVariable]: { generateValue: true } }),
  };
  return new render.EnvGroup(
    "cloudflare-kv",
    { name: environmentGroupName(facts.app, facts.environment), envVars },
    { ...opts, additionalSecretOutputs: ["envVars"] },
  );
}

function createLinks(
  { foreignLink, services = ["srv-fake"] }: Plants,
  group: render.EnvGroup,
  opts: pulumi.CustomResourceOptions,
) {
  const links: [string, pulumi.Input<string>][] = [["cloudflare-kv", group.id]];
  if (foreignLink) links.push(["foreign", "evg-fake"]);
  return links.map(
    ([name, envGroupId]) => new render.EnvGroupLink(name, { envGroupId, serviceIds: [...services] }, opts),
  );
}

/** Every value is secret, and those of ids and tokens are unknown in a first preview. */
function variablesOf(
  { extraVariable, missingVariable, namespaceId }: Plants,
  { accountId, phase }: EnvironmentFacts,
  own: Ids,
  tokens: readonly cloudflare.AccountToken[],
) {
  const ids = own.map(([name, id]) => [name, name === "sessions" && namespaceId ? namespaceId : id] as const);
  const values: Record<string, pulumi.Input<string>> = {
    CLOUDFLARE_KV_API_URL: "https://api.cloudflare.com/client/v4",
    CLOUDFLARE_KV_ACCOUNT_ID: accountId,
    CLOUDFLARE_KV_API_TOKEN: tokens[0]?.value ?? "",
    CLOUDFLARE_KV_CREDENTIAL_ID: "prod-application-a1",
    ...Object.fromEntries(ids.map(([name, id]) => [namespaceIdVariable(name), id])),
    CLOUDFLARE_KV_NAMESPACES: pulumi.jsonStringify(Object.fromEntries(own.map(([name, id]) => [name, { id }]))),
    CLOUDFLARE_KV_PHASE: phase,
    CLOUDFLARE_KV_READ_SHARE: "100",
    ...(extraVariable === undefined ? {} : { [extraVariable]: PLANTED_SECRET }),
  };
  const kept = Object.entries(values).filter(([name]) => name !== missingVariable);
  return Object.fromEntries(kept.map(([name, value]) => [name, { value: pulumi.secret(value) }]));
}

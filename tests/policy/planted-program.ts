import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import * as render from "@pulumi/render";

import { environmentGroupName, namespaceIdVariable, namespaceTitle } from "../../src/core/names.ts";
import type { EnvironmentFacts } from "../../src/policy/model.ts";
import { COMPONENT_TYPES } from "../../src/stack/types.ts";
import { ACCOUNT_ID, KV_WRITE } from "./well-formed-stack.ts";

const FACTS: EnvironmentFacts = {
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
export interface Plants {
  readonly extraVariable?: string;
  readonly missingVariable?: string;
  readonly permissionGroup?: string;
  /** Title of `sessions`; `unknown`: one that no preview can know. */
  readonly title?: "of another environment" | "unknown";
  /** A link whose group is given by a copied id. */
  readonly foreignLink?: boolean;
}

/** The smallest program that has everything the rules look at, with `plants` in it. */
export function plantedProgram(plants: Plants): PulumiFn {
  return async () => {
    const component = new EnvironmentComponent();
    const child = { parent: component };
    const tokens = createTokens(plants, child);
    const ids = createNamespaces(plants, tokens, child);
    const group = new render.EnvGroup(
      "cloudflare-kv",
      { name: environmentGroupName(FACTS.app, FACTS.environment), envVars: variablesOf(plants, ids, tokens) },
      { ...child, additionalSecretOutputs: ["envVars"] },
    );
    createLinks(plants, group, child);
    return {};
  };
}

class EnvironmentComponent extends pulumi.ComponentResource {
  constructor() {
    super(COMPONENT_TYPES.environment, FACTS.environment, { ...FACTS });
    this.registerOutputs({ ...FACTS });
  }
}

function createTokens({ permissionGroup }: Plants, opts: pulumi.CustomResourceOptions) {
  const permissionGroups = [{ id: permissionGroup ?? KV_WRITE }];
  const resources = JSON.stringify({ [`com.cloudflare.api.account.${ACCOUNT_ID}`]: "*" });
  return TOKENS.map((name) => {
    const args = {
      accountId: ACCOUNT_ID,
      name: `${FACTS.app}-${FACTS.environment}-${name}`,
      policies: [{ effect: "allow", permissionGroups, resources }],
      expiresOn: "2099-01-01T00:00:00Z",
    };
    return new cloudflare.AccountToken(name, args, opts);
  });
}

function createNamespaces(
  { title }: Plants,
  [token]: readonly cloudflare.AccountToken[],
  opts: pulumi.CustomResourceOptions,
) {
  return NAMESPACES.map((name) => {
    const expected = namespaceTitle(FACTS.app, FACTS.environment, name);
    const planted = title === "unknown" ? token?.id : title && namespaceTitle(FACTS.app, "dev", name);
    const args = { accountId: ACCOUNT_ID, title: name === "sessions" && planted ? planted : expected };
    return [name, new cloudflare.WorkersKvNamespace(name, args, opts).id] as const;
  });
}

function createLinks({ foreignLink }: Plants, group: render.EnvGroup, opts: pulumi.CustomResourceOptions) {
  const links: [string, pulumi.Input<string>][] = [["cloudflare-kv", group.id]];
  if (foreignLink) links.push(["foreign", "evg-fake"]);
  return links.map(
    ([name, envGroupId]) => new render.EnvGroupLink(name, { envGroupId, serviceIds: ["srv-fake"] }, opts),
  );
}

/** Every value is secret, and those of ids and tokens are unknown in a first preview. */
function variablesOf(
  { extraVariable, missingVariable }: Plants,
  ids: readonly (readonly [string, pulumi.Output<string>])[],
  tokens: readonly cloudflare.AccountToken[],
) {
  const values: Record<string, pulumi.Input<string>> = {
    CLOUDFLARE_KV_API_URL: "https://api.cloudflare.com/client/v4",
    CLOUDFLARE_KV_ACCOUNT_ID: ACCOUNT_ID,
    CLOUDFLARE_KV_API_TOKEN: tokens[0]?.value ?? "",
    CLOUDFLARE_KV_CREDENTIAL_ID: "prod-application-a1",
    ...Object.fromEntries(ids.map(([name, id]) => [namespaceIdVariable(name), id])),
    CLOUDFLARE_KV_NAMESPACES: pulumi.jsonStringify(Object.fromEntries(ids)),
    CLOUDFLARE_KV_PHASE: FACTS.phase,
    CLOUDFLARE_KV_READ_SHARE: "100",
    ...(extraVariable === undefined ? {} : { [extraVariable]: PLANTED_SECRET }),
  };
  const kept = Object.entries(values).filter(([name]) => name !== missingVariable);
  return Object.fromEntries(kept.map(([name, value]) => [name, { value: pulumi.secret(value) }]));
}

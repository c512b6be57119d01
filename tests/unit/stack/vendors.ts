import type { CheckContext } from "../../../src/config/check.ts";
import { parseEnvironment } from "../../../src/config/parse.ts";
import type { EnvironmentConfig } from "../../../src/config/schema.ts";
import type { MockOptions, RegisteredResource } from "../../support/pulumi-mocks.ts";
import { changed, developmentValues, NOW, productionValues } from "../config/valid-configuration.ts";

export const ACCOUNT_ID = "0d3a".repeat(8);
export const TYPES = {
  namespace: "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
  token: "cloudflare:index/accountToken:AccountToken",
  password: "random:index/randomPassword:RandomPassword",
  worker: "cloudflare:index/worker:Worker",
  version: "cloudflare:index/workerVersion:WorkerVersion",
  domain: "cloudflare:index/workersCustomDomain:WorkersCustomDomain",
  group: "render:index/envGroup:EnvGroup",
  link: "render:index/envGroupLink:EnvGroupLink",
} as const;

const ACCOUNT_SCOPE = "com.cloudflare.api.account";
/** Not sorted, with a second group of the wanted name at another scope, as Cloudflare's list can be. */
const PERMISSION_GROUPS = [
  { id: "9".repeat(32), name: "Workers KV Storage Write", scopes: ["com.cloudflare.api.account.zone"] },
  { id: "c".repeat(32), name: "Workers KV Storage Read", scopes: [ACCOUNT_SCOPE] },
  { id: "b".repeat(32), name: "Workers KV Storage Write", scopes: [ACCOUNT_SCOPE] },
];
export const WRITE_GROUP_ID = "b".repeat(32);

/** The secret that the mocked Cloudflare gives a token. */
export const secretOf = (name: string) => `fake-secret-of-${name}`;

/** The password that the mocked provider makes. */
export const passwordOf = (name: string) => `Fake${name.replaceAll("-", "")}`;

/** A small Worker in place of the gateway. */
export const MODULE = 'export default { fetch: () => new Response("hello") };';
export const bundle = () => Promise.resolve(MODULE);

/** Cloudflare as far as the program asks it something. */
export const VENDORS: MockOptions = {
  functions: {
    "cloudflare:index/getAccountApiTokenPermissionGroupsList:getAccountApiTokenPermissionGroupsList": ({
      accountId,
    }) => ({ accountId, results: accountId === ACCOUNT_ID ? PERMISSION_GROUPS : [] }),
  },
  outputs: {
    [TYPES.token]: (name) => ({ value: secretOf(name) }),
    [TYPES.password]: (name) => ({ result: passwordOf(name) }),
  },
};

/** A checked configuration as the program gets it. */
export function configOf(values: Record<string, unknown>, environment = "dev"): EnvironmentConfig {
  const context: CheckContext = { environment, now: NOW, secrets: "decrypted" };
  return parseEnvironment(values, context);
}

const GATEWAY = {
  access: "gateway",
  "cloudflare.workersSubdomain": "brainbot",
  "namespaces.sessions.consistency": "strong",
};

export const development = () => configOf(developmentValues());
/** Behind the gateway, with a strong namespace beside an eventual one. */
export const behindGateway = (changes: Readonly<Record<string, unknown>> = {}) =>
  configOf(changed(developmentValues(), { ...GATEWAY, ...changes }));
export const productionBehindGateway = () => configOf(changed(productionValues(), GATEWAY), "prod");
export const production = () => configOf(productionValues(), "prod");

export function ofType(resources: readonly RegisteredResource[], type: keyof typeof TYPES): RegisteredResource[] {
  return resources.filter((resource) => resource.type === TYPES[type]);
}

/** The one resource of a type. */
export function only(resources: readonly RegisteredResource[], type: keyof typeof TYPES): RegisteredResource {
  const [found, ...others] = ofType(resources, type);
  if (!found || others.length > 0)
    throw new Error(`expected one ${type}, found ${String(others.length + (found ? 1 : 0))}`);
  return found;
}

/** Type tokens of the components. They are part of every URN: a change needs an alias. */
export const COMPONENT_TYPES = {
  environment: "kvshift:index:Environment",
  namespaces: "kvshift:index:Namespaces",
  credentials: "kvshift:index:Credentials",
  gatewayCredentials: "kvshift:index:GatewayCredentials",
  gateway: "kvshift:index:Gateway",
  environmentGroup: "kvshift:index:EnvironmentGroup",
} as const;

/** The type of the stack itself: it is a resource of every state, and no object at a vendor. */
export const STACK_TYPE = "pulumi:pulumi:Stack";

/** Type tokens of the resources that exist at a vendor, or stand for a credential. */
export const RESOURCE_TYPES = {
  namespace: "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
  accountToken: "cloudflare:index/accountToken:AccountToken",
  worker: "cloudflare:index/worker:Worker",
  workerVersion: "cloudflare:index/workerVersion:WorkerVersion",
  customDomain: "cloudflare:index/workersCustomDomain:WorkersCustomDomain",
  randomPassword: "random:index/randomPassword:RandomPassword",
  group: "render:index/envGroup:EnvGroup",
  groupLink: "render:index/envGroupLink:EnvGroupLink",
} as const;

const KIND_NAMES: Readonly<Record<string, string>> = {
  [RESOURCE_TYPES.namespace]: "KV namespace",
  [RESOURCE_TYPES.accountToken]: "account token",
  [RESOURCE_TYPES.worker]: "Worker",
  [RESOURCE_TYPES.workerVersion]: "Worker version",
  [RESOURCE_TYPES.customDomain]: "host name",
  [RESOURCE_TYPES.randomPassword]: "gateway credential",
  [RESOURCE_TYPES.group]: "environment group",
  [RESOURCE_TYPES.groupLink]: "environment group link",
};

/** What people call a resource of a type; the type itself where it is none of ours. */
export function kindName(type: string): string {
  return KIND_NAMES[type] ?? type;
}

/** The name in the program out of a URN: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns */
export function nameOfUrn(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

/** What one run takes from what exists at Cloudflare, beside what the file says: objects that are not created, but taken up. */
export interface Adoption {
  /** Ids of namespaces, by the name in the program. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** Id of the gateway's Worker. */
  readonly worker?: string;
  /** Names in the program of tokens that somebody disabled, which are accepted again. */
  readonly enable?: readonly string[];
}

export const NO_ADOPTION: Adoption = { namespaces: {} };

/** The roles of credentials: `application` is what services hold, `operator` is for bulk work and never in a group. */
export const ROLES = ["application", "operator"] as const;
export type Role = (typeof ROLES)[number];

/** Each role has two slots, so that a new secret is live before the old one ends. */
export const SLOTS = ["a", "b"] as const;
export type Slot = (typeof SLOTS)[number];

/**
 * What a slot goes through. `live`: handed out, or about to be. `draining`: accepted, its uses are watched. `suspended`:
 * refused but recognised, each refusal is counted; it can go back to `draining`. `empty`: no credential.
 */
export const SLOT_STATES = ["live", "draining", "suspended", "empty"] as const;
export type SlotState = (typeof SLOT_STATES)[number];

/** The order of a migration: Redis serves, both are written, KV serves. */
export const PHASES = ["redis", "dual", "kv"] as const;
export type Phase = (typeof PHASES)[number];

export type EnvironmentKind = "development" | "production" | "preview";
export type Access = "rest" | "gateway";
export type Consistency = "eventual" | "strong";

/** Title of a namespace at Cloudflare: `<app>-<environment>-<name>`. */
export function namespaceTitle(app: string, environment: string, name: string): string {
  return `${app}-${environment}-${name}`;
}

/** The environment of a pull request. */
export function previewEnvironment(pullRequest: number): string {
  return `pr-${String(pullRequest)}`;
}

const PREVIEW_ENVIRONMENT = /^pr-([1-9]\d{0,8})$/;

/** The pull request that an environment is of; `undefined` where it is no preview. */
export function pullRequestOf(environment: string): number | undefined {
  const [, number] = PREVIEW_ENVIRONMENT.exec(environment) ?? [];
  return number === undefined ? undefined : Number(number);
}

const PART_OF_PREVIEW = /-pr-[1-9]\d*-/;

/** Whether what an environment's names at the vendors begin with reads like that of a preview: `shop-pr` and `42`. Pure. */
export function readsLikePreview(beginning: string): boolean {
  return PART_OF_PREVIEW.test(`${beginning}-`);
}

/** Name of the environment group at Render. */
export function environmentGroupName(app: string, environment: string): string {
  return `${app}-${environment}-cloudflare-kv`;
}

/** What begins every name of an environment at the vendors. Two pairs may give the same: `shop` `eu-dev`, `shop-eu` `dev`. */
export function nameStem(app: string, environment: string): string {
  return `${app}-${environment}`;
}

const GROUP_NAME = /^(.+)-cloudflare-kv$/;

/** The stem of a group that is named like those of kvshift; `undefined` where it is not. */
export function stemOfGroup(groupName: string): string | undefined {
  return GROUP_NAME.exec(groupName)?.[1];
}

/** Name of the gateway's Worker at Cloudflare, and of its host under workers.dev. */
export function gatewayWorkerName(app: string, environment: string): string {
  return `${app}-${environment}-gateway`;
}

const GATEWAY_NAME = /^(.+)-gateway$/;

/** The stem of a Worker that is named like a gateway of kvshift; `undefined` where it is not. */
export function stemOfGateway(workerName: string): string | undefined {
  return GATEWAY_NAME.exec(workerName)?.[1];
}

/** The variable that carries the id of namespace `name`, for plain clients. */
export function namespaceIdVariable(name: string): string {
  return `CLOUDFLARE_KV_NAMESPACE_ID_${variableSuffix(name)}`;
}

/** Letters and digits of a name in upper case, everything else as `_`: what an environment variable may hold. */
export function variableSuffix(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
}

/** One credential: its role, its slot there, and which secret of the slot it is, the first being 1. */
export interface CredentialKey {
  readonly role: Role;
  readonly slot: Slot;
  readonly epoch: number;
}

/** Name of a credential in the program: `<role>-<slot><epoch>`. */
export function credentialName(role: Role, slot: Slot, epoch: number): string {
  return `${role}-${slot}${String(epoch)}`;
}

/** Id of a credential, not secret: `<environment>-<role>-<slot><epoch>`. */
export function credentialId(environment: string, role: Role, slot: Slot, epoch: number): string {
  return `${environment}-${credentialName(role, slot, epoch)}`;
}

/** Name of the token at Cloudflare, unique in an account over all applications: `<app>-<credential id>`. */
export function tokenName(app: string, environment: string, role: Role, slot: Slot, epoch: number): string {
  return `${app}-${credentialId(environment, role, slot, epoch)}`;
}

/** A slot whose epoch is 0 never had a secret. */
const CREDENTIAL = String.raw`(${ROLES.join("|")})-(${SLOTS.join("|")})([1-9]\d*)`;
const CREDENTIAL_NAME = new RegExp(`^${CREDENTIAL}$`);
const CREDENTIAL_ID = new RegExp(`^(.+)-${CREDENTIAL}$`);

/** The credential that is named so in the program; `undefined` where it is no name of ours. */
export function credentialOfName(name: string): CredentialKey | undefined {
  const [, ofRole, ofSlot, epoch] = CREDENTIAL_NAME.exec(name) ?? [];
  const role = ROLES.find((candidate) => candidate === ofRole);
  const slot = SLOTS.find((candidate) => candidate === ofSlot);
  return role && slot && { role, slot, epoch: Number(epoch) };
}

/** The environment that the id of a credential names; `undefined` where it is no id of ours. */
export function environmentOfCredential(id: string): string | undefined {
  return CREDENTIAL_ID.exec(id)?.[1];
}

/** What begins every secret of the gateway, as `cfat` begins Cloudflare's. */
export const GATEWAY_MARK = "kvs";

/** A credential of the gateway as its holder presents it: `kvs_<id>_<secret>`. */
export function gatewaySecret(id: string, secret: string): string {
  return `${GATEWAY_MARK}_${id}_${secret}`;
}

/** The id has no underscore, the secret letters and digits only. */
const GATEWAY_SECRET = new RegExp(`^${GATEWAY_MARK}_([a-z0-9-]{1,128})_[A-Za-z0-9]{16,128}$`);

/** The id in what a caller of the gateway presents; `undefined` where that has another form. */
export function idOfGatewaySecret(presented: string): string | undefined {
  return GATEWAY_SECRET.exec(presented)?.[1];
}

import { type Role, ROLES, type Slot, SLOTS, variableSuffix } from "../core/names.ts";
import type { CredentialConfig, GatewayConfig, NamespaceConfig } from "./config.ts";

/**
 * The names of the Worker's bindings: the stack writes them, the Worker reads them. Each namespace and each credential
 * has a variable of its own, because Cloudflare allows 5 kB in one.
 * https://developers.cloudflare.com/workers/platform/limits/#environment-variables
 */
export const BINDINGS = {
  ENVIRONMENT: "KVSHIFT_ENVIRONMENT",
  ACCOUNT_ID: "KVSHIFT_ACCOUNT_ID",
  /** Where new objects are to be placed, such as `weur`. */
  LOCATION_HINT: "KVSHIFT_LOCATION_HINT",
  /** On the local cloud: how many times faster than at the vendors waits pass. */
  TIME_SCALE: "KVSHIFT_TIME_SCALE",
  /** The class of Durable Objects that hold strong namespaces. */
  SHARDS: "SHARDS",
  /** The class of the Durable Object that remembers who used which credential. */
  LEDGER: "LEDGER",
} as const;

/** Names of the exported classes. They are never renamed without a migration: the data belongs to the name. */
export const OBJECT_CLASSES = { shards: "Shard", ledger: "Ledger" } as const;

/** The variable with the JSON of a `NamespaceConfig`. */
export function namespaceBinding(name: string): string {
  return `NAMESPACE_${variableSuffix(name)}`;
}

/** The KV binding of an eventual namespace. */
export function kvBinding(name: string): string {
  return `KV_${variableSuffix(name)}`;
}

/** The variable with the JSON of a `CredentialConfig`. */
export function credentialBinding(role: Role, slot: Slot): string {
  return `CREDENTIAL_${role.toUpperCase()}_${slot.toUpperCase()}`;
}

/** The variables of all credentials that an environment can have, in the order of their names. */
export const CREDENTIAL_BINDINGS: readonly string[] = ROLES.flatMap((role) =>
  SLOTS.map((slot) => credentialBinding(role, slot)),
).toSorted();

/** What a binding has to be. */
export interface KnownBinding {
  /** As Cloudflare's API names it. */
  readonly type: "plain_text" | "kv_namespace" | "durable_object_namespace";
  /** Of a Durable Object: a class of this very Worker. */
  readonly className?: string;
}

/**
 * Every binding that a gateway with these namespaces may have, by its name: the stack makes no other, the Worker reads no
 * other, and policies refuse any other.
 */
export function knownBindings(namespaces: Iterable<string>): ReadonlyMap<string, KnownBinding> {
  const text = { type: "plain_text" } as const;
  const objects = { type: "durable_object_namespace" } as const;
  const { ENVIRONMENT, ACCOUNT_ID, LOCATION_HINT, TIME_SCALE, SHARDS, LEDGER } = BINDINGS;
  const texts = [ENVIRONMENT, ACCOUNT_ID, LOCATION_HINT, TIME_SCALE, ...CREDENTIAL_BINDINGS];
  return new Map<string, KnownBinding>([
    ...texts.map((name) => [name, text] as const),
    [SHARDS, { ...objects, className: OBJECT_CLASSES.shards }],
    [LEDGER, { ...objects, className: OBJECT_CLASSES.ledger }],
    ...[...namespaces].flatMap((name) => [
      [namespaceBinding(name), text] as const,
      [kvBinding(name), { type: "kv_namespace" }] as const,
    ]),
  ]);
}

/**
 * What the bindings say. They were written by the stack from a configuration that was checked. A namespace that no
 * credential opens is none: whatever else is bound, under whatever name, is not looked at.
 */
export function readConfig(env: Readonly<Record<string, unknown>>): GatewayConfig {
  const credentials = CREDENTIAL_BINDINGS.filter((name) => env[name] !== undefined).map((name) =>
    parsed<CredentialConfig>(env, name),
  );
  const opened = new Set(credentials.flatMap(({ namespaces }) => namespaces.map(namespaceBinding)));
  return {
    environment: textOf(env, BINDINGS.ENVIRONMENT),
    accountId: textOf(env, BINDINGS.ACCOUNT_ID),
    // One that is not described is not there for anybody.
    namespaces: [...opened]
      .filter((name) => env[name] !== undefined)
      .toSorted()
      .map((name) => parsed<NamespaceConfig>(env, name)),
    credentials,
  };
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what is read is known to the caller
function parsed<T>(env: Readonly<Record<string, unknown>>, name: string): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the stack wrote it with this very type
  return JSON.parse(textOf(env, name)) as T;
}

function textOf(env: Readonly<Record<string, unknown>>, name: string): string {
  const value = env[name];
  if (typeof value !== "string") throw new Error(`the binding ${name} is missing`);
  return value;
}

import { variableSuffix } from "../core/names.ts";
import type { Role, Slot } from "../core/names.ts";
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

/** What the bindings say. They were written by the stack from a configuration that was checked. */
export function readConfig(env: Readonly<Record<string, unknown>>): GatewayConfig {
  return {
    environment: textOf(env, BINDINGS.ENVIRONMENT),
    accountId: textOf(env, BINDINGS.ACCOUNT_ID),
    namespaces: parsed<NamespaceConfig>(env, "NAMESPACE_"),
    credentials: parsed<CredentialConfig>(env, "CREDENTIAL_"),
  };
}

function parsed<T>(env: Readonly<Record<string, unknown>>, prefix: string): T[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix))
    .toSorted()
    .map((name) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the stack wrote it with this very type
      return JSON.parse(textOf(env, name)) as T;
    });
}

function textOf(env: Readonly<Record<string, unknown>>, name: string): string {
  const value = env[name];
  if (typeof value !== "string") throw new Error(`the binding ${name} is missing`);
  return value;
}

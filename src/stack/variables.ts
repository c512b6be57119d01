import * as pulumi from "@pulumi/pulumi";

import type { EncryptedSecret, EnvironmentConfig } from "../config/schema.ts";
import { credentialId, namespaceIdVariable } from "../core/names.ts";
import { Secret } from "../core/secret.ts";

export interface VariablesArgs {
  readonly environment: string;
  readonly config: EnvironmentConfig;
  readonly namespaceIds: Readonly<Record<string, pulumi.Output<string>>>;
  readonly apiToken: pulumi.Output<string>;
  /** The base of the KV protocol: the gateway's, or Cloudflare's own API. */
  readonly apiUrl: string;
}

export interface Variables {
  readonly plain: Readonly<Record<string, pulumi.Input<string>>>;
  readonly secret: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Everything that an application gets, by variable. */
export function environmentVariables(args: VariablesArgs): Variables {
  const { environment, config, namespaceIds, apiToken, apiUrl } = args;
  const { active, slots } = config.credentials.application;
  const ids = Object.entries(namespaceIds).map(([name, id]) => [namespaceIdVariable(name), id] as const);
  const upstash = config.phase === "kv" ? undefined : config.upstash;
  return {
    plain: {
      CLOUDFLARE_KV_API_URL: apiUrl,
      CLOUDFLARE_KV_ACCOUNT_ID: config.cloudflare.accountId,
      CLOUDFLARE_KV_CREDENTIAL_ID: credentialId(environment, "application", active, slots[active].epoch),
      ...Object.fromEntries(ids),
      CLOUDFLARE_KV_NAMESPACES: namespacesJson(config, namespaceIds),
      CLOUDFLARE_KV_PHASE: config.phase,
      CLOUDFLARE_KV_READ_SHARE: String(readShare(config)),
      ...(upstash ? { UPSTASH_REDIS_REST_URL: upstash.restUrl } : {}),
    },
    secret: {
      CLOUDFLARE_KV_API_TOKEN: apiToken,
      ...(upstash ? { UPSTASH_REDIS_REST_TOKEN: pulumi.secret(decrypted(upstash.restToken)) } : {}),
    },
  };
}

/** Percent of keys that are read from KV: none in `redis`, all in `kv`. */
export function readShare(config: Pick<EnvironmentConfig, "phase" | "readShare">): number {
  if (config.phase === "dual") return config.readShare ?? 0;
  return config.phase === "kv" ? 100 : 0;
}

/** What the client library needs of each namespace: compact JSON, names in order. */
function namespacesJson(
  config: Pick<EnvironmentConfig, "namespaces">,
  ids: Readonly<Record<string, pulumi.Output<string>>>,
): pulumi.Output<string> {
  return pulumi.all(ids).apply((known) => {
    const entries = Object.entries(config.namespaces)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      // How many objects hold a namespace is nothing to its readers: JSON leaves out what is undefined.
      .map(([name, settings]) => [name, { id: known[name], ...settings, shards: undefined }]);
    return JSON.stringify(Object.fromEntries(entries));
  });
}

/** The program's configuration comes from Pulumi, which has decrypted it. */
function decrypted(value: Secret | EncryptedSecret): string {
  if (value instanceof Secret) return value.reveal();
  throw new Error("a secret of the configuration reached the program encrypted");
}

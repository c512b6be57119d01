import type { Consistency, Role } from "../core/names.ts";

/** What one version of the gateway serves. It comes from the bindings of the Worker, see `bindings.ts`. */
export interface GatewayConfig {
  readonly environment: string;
  readonly accountId: string;
  readonly namespaces: readonly NamespaceConfig[];
  readonly credentials: readonly CredentialConfig[];
}

export interface NamespaceConfig {
  /** As in the configuration of the environment. */
  readonly name: string;
  /** Cloudflare's id. */
  readonly id: string;
  readonly title: string;
  readonly consistency: Consistency;
  /** Only `eventual`: how long locations may answer from their cache. */
  readonly cacheTtlSeconds?: number;
  /** Only `strong`: how many objects hold the keys. Chosen once: another number would look for keys elsewhere. */
  readonly shards?: number;
}

export interface CredentialConfig {
  /** `<environment>-<role>-<slot><epoch>`, not secret. */
  readonly id: string;
  readonly role: Role;
  /** Of the whole credential `kvs_<id>_<secret>`: 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Names of the namespaces that it reaches. */
  readonly namespaces: readonly string[];
  readonly access: "read" | "write";
  /** RFC 3339; absent: never. */
  readonly expiresAt?: string;
  /** CIDR ranges that it may be used from; absent: any. */
  readonly allowedIps?: readonly string[];
  /** Refused as any other, but recognised: each refusal is counted. */
  readonly suspended?: true;
}

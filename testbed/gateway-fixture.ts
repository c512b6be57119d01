import { createHash } from "node:crypto";

import type { CredentialConfig, GatewayConfig, NamespaceConfig } from "../src/gateway/config.ts";

export const GATEWAY_ACCOUNT = "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1";
/** Clearly no secret: letters only, and the same everywhere. */
const SECRET = "x".repeat(48);

export const STRONG: NamespaceConfig = {
  name: "sessions",
  id: "51".repeat(16),
  title: "brainbot-dev-sessions",
  consistency: "strong",
  shards: 4,
};
export const EVENTUAL: NamespaceConfig = {
  name: "cache",
  id: "ca".repeat(16),
  title: "brainbot-dev-cache",
  consistency: "eventual",
  cacheTtlSeconds: 60,
};

/** Where the gateway has a namespace; `id`: Cloudflare's, as it stands in the path. */
export function namespacePath(id: string): string {
  return `/client/v4/accounts/${GATEWAY_ACCOUNT}/storage/kv/namespaces/${id}`;
}

/** The credential of an id, as applications present it. */
export function credentialOf(id: string): string {
  return `kvs_${id}_${SECRET}`;
}

/** What the Worker knows of it. */
export function credentialConfig(
  id: string,
  rest: Partial<Omit<CredentialConfig, "id" | "sha256">> = {},
): CredentialConfig {
  const sha256 = createHash("sha256").update(credentialOf(id)).digest("hex");
  return { id, role: "application", namespaces: [STRONG.name, EVENTUAL.name], access: "write", ...rest, sha256 };
}

/** One environment with a strong and an eventual namespace, and a credential of each role. */
export const GATEWAY_CONFIG: GatewayConfig = {
  environment: "dev",
  accountId: GATEWAY_ACCOUNT,
  namespaces: [STRONG, EVENTUAL],
  credentials: [credentialConfig("dev-application-a1"), credentialConfig("dev-operator-a1", { role: "operator" })],
};

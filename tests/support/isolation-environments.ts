import { createHash } from "node:crypto";

import type { CredentialConfig, GatewayConfig, NamespaceConfig } from "../../src/gateway/config.ts";

/** Three environments, each with a gateway of its own: development and the preview share an account. */
export const ENVIRONMENTS = ["dev", "prod", "pr-7"] as const;
export type EnvironmentName = (typeof ENVIRONMENTS)[number];

const ACCOUNTS: Readonly<Record<EnvironmentName, string>> = {
  dev: "d0".repeat(16),
  prod: "ad".repeat(16),
  "pr-7": "d0".repeat(16),
};
export const NO_SUCH_ID = "0f".repeat(16);
const ALLOWED_ADDRESS = "203.0.113.7";

/** Who calls a gateway: a row of the table in docs/isolation.md. */
export const CALLERS = [
  "application",
  "application, draining slot",
  "application, address in `allowedIps`",
  "application, read access",
  "application, of another namespace",
  "operator",
  "application, other address",
  "expired",
  "suspended",
  "revoked",
  "of another environment",
  "one character changed",
  "malformed",
  "none",
] as const;
export type Caller = (typeof CALLERS)[number];

/** The rows of credentials that are valid at their own gateway. */
export const VALID_CALLERS: readonly Caller[] = CALLERS.slice(0, CALLERS.indexOf("application, other address"));

export interface Environment {
  readonly name: EnvironmentName;
  readonly config: GatewayConfig;
  readonly sessions: NamespaceConfig;
  readonly cache: NamespaceConfig;
  /** What each caller presents; a caller with several presentations is tried with each. */
  readonly presented: Readonly<Record<Caller, readonly Readonly<Record<string, string>>[]>>;
  /** Everything secret of it, and what can be computed from that: nothing of it may ever leave a gateway. */
  readonly secrets: readonly string[];
}

/** All three. `now`: milliseconds since the epoch. */
export function isolatedEnvironments(now: number): Readonly<Record<EnvironmentName, Environment>> {
  const [dev, prod, preview] = [environment("dev", now), environment("prod", now), environment("pr-7", now)];
  const foreign = (own: Environment) =>
    [dev, prod, preview]
      .filter(({ name }) => name !== own.name)
      .flatMap(({ presented }) => [...presented.application, ...presented.operator]);
  const withForeign = (own: Environment): Environment => ({
    ...own,
    presented: { ...own.presented, "of another environment": foreign(own) },
  });
  return { dev: withForeign(dev), prod: withForeign(prod), "pr-7": withForeign(preview) };
}

function environment(name: EnvironmentName, now: number): Environment {
  const sessions = namespaceOf(name, "sessions", "strong");
  const cache = namespaceOf(name, "cache", "eventual");
  const issue = (slot: string, rest: Partial<CredentialConfig> = {}) => {
    const id = `${name}-${rest.role ?? "application"}-${slot}`;
    const token = `kvs_${id}_${secretOf(id)}`;
    const both = [sessions.name, cache.name];
    const config: CredentialConfig = {
      id,
      role: "application",
      namespaces: both,
      access: "write",
      ...rest,
      sha256: sha256(token),
    };
    return { config, token };
  };
  const at = (milliseconds: number) => new Date(now + milliseconds).toISOString();
  const live = issue("a3", { expiresAt: at(365 * 86_400_000) });
  const draining = issue("b2");
  const operator = issue("a1", { role: "operator" });
  const readOnly = issue("a4", { access: "read" });
  const elsewhere = issue("a5", { namespaces: ["elsewhere"] });
  const bound = issue("a6", { allowedIps: ["2001:db8::/32", "203.0.113.0/29"] });
  const expired = issue("a7", { expiresAt: at(-1) });
  const suspended = issue("b1", { suspended: true });
  const revoked = issue("a2");
  const known = [live, draining, operator, readOnly, elsewhere, bound, expired, suspended];
  const from = (address: string) => ({ ...bearer(bound.token), "cf-connecting-ip": address });
  return {
    name,
    sessions,
    cache,
    config: {
      environment: name,
      accountId: ACCOUNTS[name],
      namespaces: [sessions, cache, namespaceOf(name, "elsewhere", "strong")],
      credentials: known.map(({ config }) => config),
    },
    presented: {
      application: [bearer(live.token)],
      "application, draining slot": [bearer(draining.token)],
      "application, address in `allowedIps`": [from(ALLOWED_ADDRESS), from("2001:db8::1")],
      "application, read access": [bearer(readOnly.token)],
      "application, of another namespace": [bearer(elsewhere.token)],
      operator: [bearer(operator.token)],
      "application, other address": [
        from("203.0.113.8"),
        from("2001:db9::1"),
        from("not an address"),
        bearer(bound.token),
      ],
      expired: [bearer(expired.token)],
      suspended: [bearer(suspended.token)],
      revoked: [bearer(revoked.token)],
      "of another environment": [],
      "one character changed": oneCharacterChanged(live.token).map(bearer),
      malformed: malformed(live.token),
      none: [{}],
    },
    secrets: [...known, revoked].flatMap(({ token, config: { id, sha256: hash } }) => [
      secretOf(id),
      hash,
      Buffer.from(hash, "hex").toString("base64"),
      createHash("sha256").update(secretOf(id)).digest("hex"),
      Buffer.from(token).toString("base64"),
    ]),
  };
}

function namespaceOf(
  environmentName: EnvironmentName,
  name: string,
  consistency: NamespaceConfig["consistency"],
): NamespaceConfig {
  const title = `brainbot-${environmentName}-${name}`;
  const id = sha256(title).slice(0, 32);
  return { name, id, title, consistency, ...(consistency === "strong" ? { shards: 2 } : { cacheTtlSeconds: 60 }) };
}

/** Clearly no secret, and another one for each credential. */
function secretOf(id: string): string {
  return id.replaceAll(/[^a-z0-9]/g, "").padEnd(48, "x");
}

function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}

/** At both ends of each part of `kvs_<id>_<secret>`, and a longer and a shorter one. */
function oneCharacterChanged(token: string): string[] {
  const places = [0, 3, 4, token.lastIndexOf("_") - 1, token.lastIndexOf("_") + 1, token.length - 1];
  const changed = places.map((at) => `${token.slice(0, at)}${token[at] === "y" ? "z" : "y"}${token.slice(at + 1)}`);
  return [...changed, `${token}x`, token.slice(0, -1), token.toUpperCase()];
}

function malformed(token: string): Readonly<Record<string, string>>[] {
  return [
    { authorization: "" },
    { authorization: "Bearer" },
    { authorization: token },
    { authorization: `Basic ${Buffer.from(`kvs:${token}`).toString("base64")}` },
    { authorization: `Bearer${token}` },
    { authorization: `Bearer ${token}, Bearer ${token}` },
    { authorization: `Bearer ${token} x` },
    { authorization: `Bearer kvs__${"x".repeat(48)}` },
    { authorization: `Bearer ${"y".repeat(40)}` },
    { authorization: `Bearer ${token}${"x".repeat(4096)}` },
    { "x-auth-key": token, "x-auth-email": "someone@example.com" },
    { cookie: `authorization=${token}` },
  ];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

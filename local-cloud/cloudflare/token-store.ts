import { createHash } from "node:crypto";

import type { Clock } from "../../src/core/clock.ts";
import type { RandomBytes } from "../../src/core/random.ts";
import { newObjectId, newTokenValue } from "./ids.ts";
import type { IpCondition } from "./ip-condition.ts";
import { accountResource, permissionGroup } from "./permission-groups.ts";

export type TokenStatus = "active" | "disabled" | "expired";

export interface TokenPolicy {
  readonly effect: "allow" | "deny";
  readonly permission_groups: readonly { readonly id: string }[];
  readonly resources: Readonly<Record<string, "*">>;
}

/** What the caller decides about a token. Times are RFC 3339 in UTC with seconds. */
export interface TokenSettings {
  readonly name: string;
  readonly policies: readonly TokenPolicy[];
  readonly condition?: { readonly request_ip?: IpCondition | undefined } | undefined;
  readonly not_before?: string | undefined;
  readonly expires_on?: string | undefined;
  readonly status?: TokenStatus | undefined;
}

/** A token as held: its value is known by hash only. */
export interface StoredToken {
  readonly id: string;
  /** The account that owns it, or `null` for a token of a user. */
  readonly accountId: string | null;
  settings: TokenSettings;
  policyIds: readonly string[];
  valueHash: string;
  readonly issuedAt: number;
  modifiedAt: number;
  lastUsedAt: number | undefined;
}

/** The tokens of all accounts. */
export class TokenStore {
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #byId = new Map<string, StoredToken>();
  readonly #byHash = new Map<string, StoredToken>();

  constructor(clock: Clock, random: RandomBytes) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Mints a token; its value is in this answer only. */
  create(accountId: string | null, settings: TokenSettings): { token: StoredToken; value: string } {
    const now = this.#clock.now();
    const token: StoredToken = {
      id: newObjectId(this.#random),
      accountId,
      settings,
      policyIds: settings.policies.map(() => newObjectId(this.#random)),
      valueHash: "",
      issuedAt: now,
      modifiedAt: now,
      lastUsedAt: undefined,
    };
    this.#byId.set(token.id, token);
    return { token, value: this.#newValue(token) };
  }

  /** Replaces all settings. A status that is not given stays. */
  update(token: StoredToken, settings: TokenSettings): void {
    token.settings = { ...settings, status: settings.status ?? token.settings.status };
    token.policyIds = settings.policies.map((_, index) => token.policyIds[index] ?? newObjectId(this.#random));
    token.modifiedAt = this.#clock.now();
  }

  /** Gives the token a new value; the old one is dead at once. */
  roll(token: StoredToken): string {
    this.#byHash.delete(token.valueHash);
    token.modifiedAt = this.#clock.now();
    return this.#newValue(token);
  }

  delete(token: StoredToken): void {
    this.#byId.delete(token.id);
    this.#byHash.delete(token.valueHash);
  }

  get(accountId: string, id: string): StoredToken | undefined {
    const token = this.#byId.get(id);
    return token?.accountId === accountId ? token : undefined;
  }

  /** Oldest first. */
  ofAccount(accountId: string): StoredToken[] {
    return [...this.#byId.values()].filter((token) => token.accountId === accountId);
  }

  /** The time of a look-up by hash tells nothing about the value that was looked for. */
  byValue(value: string): StoredToken | undefined {
    return this.#byHash.get(hashOf(value));
  }

  #newValue(token: StoredToken): string {
    const value = newTokenValue(token.accountId === null ? "user" : "account", this.#random);
    token.valueHash = hashOf(value);
    this.#byHash.set(token.valueHash, token);
    return value;
  }
}

/** The status now: a token past its expiry is `expired` whatever was set. */
export function statusOf({ settings }: StoredToken, now: number): TokenStatus {
  if (settings.expires_on !== undefined && now >= Date.parse(settings.expires_on)) return "expired";
  return settings.status ?? "active";
}

/** Whether the token's policies let it do what any of the groups allows on the account; a denied group never counts. */
export function isGranted({ settings }: StoredToken, accountId: string, anyOf: readonly string[]): boolean {
  const applying = settings.policies.filter(({ resources }) => Object.hasOwn(resources, accountResource(accountId)));
  const groupsWith = (effect: TokenPolicy["effect"]): Set<string> =>
    new Set(
      applying
        .filter((policy) => policy.effect === effect)
        .flatMap((policy) => policy.permission_groups.map(({ id }) => id)),
    );
  const denied = groupsWith("deny");
  const allowed = groupsWith("allow");
  return anyOf.some((id) => allowed.has(id) && !denied.has(id));
}

/** The token as the API shows it: never with its value. What is `undefined` is left out of the JSON. */
export function tokenView(token: StoredToken, now: number): Record<string, unknown> {
  const { settings } = token;
  return {
    id: token.id,
    name: settings.name,
    status: statusOf(token, now),
    issued_on: new Date(token.issuedAt).toISOString(),
    modified_on: new Date(token.modifiedAt).toISOString(),
    last_used_on: token.lastUsedAt === undefined ? undefined : new Date(token.lastUsedAt).toISOString(),
    not_before: settings.not_before,
    expires_on: settings.expires_on,
    condition: settings.condition,
    policies: settings.policies.map((policy, index) => ({
      id: token.policyIds[index],
      effect: policy.effect,
      resources: policy.resources,
      permission_groups: policy.permission_groups.map(({ id }) => ({ id, name: permissionGroup(id)?.name })),
    })),
  };
}

function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("hex");
}

const ACCOUNT_SCOPE = "com.cloudflare.api.account";
const ZONE_SCOPE = "com.cloudflare.api.account.zone";

export interface PermissionGroup {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
}

const GROUPS = {
  scriptsRead: { id: "1a71c399035b4950a1bd1466bbe4f420", name: "Workers Scripts Read", scopes: [ACCOUNT_SCOPE] },
  routesWrite: { id: "28f4b596e7d643029c524985477ae49a", name: "Workers Routes Write", scopes: [ZONE_SCOPE] },
  tokensWrite: { id: "5bc3f8b21c554832afc660159ab75fa4", name: "Account API Tokens Write", scopes: [ACCOUNT_SCOPE] },
  kvRead: { id: "8b47d2786a534c08a1f94ee8f9f599ef", name: "Workers KV Storage Read", scopes: [ACCOUNT_SCOPE] },
  settingsRead: { id: "c1fde68c7bcc44588cbb6ddbc16d6480", name: "Account Settings Read", scopes: [ACCOUNT_SCOPE] },
  scriptsWrite: { id: "e086da7e2179491d91ee5f35b3ca210a", name: "Workers Scripts Write", scopes: [ACCOUNT_SCOPE] },
  tokensRead: { id: "eb56a6953c034b9d97dd838155666f06", name: "Account API Tokens Read", scopes: [ACCOUNT_SCOPE] },
  kvWrite: { id: "f7f0eda5697f475c90846e879bab8666", name: "Workers KV Storage Write", scopes: [ACCOUNT_SCOPE] },
} as const satisfies Record<string, PermissionGroup>;

/**
 * The permission groups that the emulator knows, with Cloudflare's ids, by id.
 * https://developers.cloudflare.com/fundamentals/api/reference/permissions/
 */
export const PERMISSION_GROUPS: readonly PermissionGroup[] = Object.values(GROUPS);

/** What an endpoint demands: any one of the groups, and the document that a refusal points to. */
export interface Permission {
  readonly anyOf: readonly string[];
  readonly documentation: string;
}

const API = "https://developers.cloudflare.com/api/resources";
const KV = `${API}/kv/subresources/namespaces/`;
const ACCOUNTS = `${API}/accounts/`;
const TOKENS = `${API}/accounts/subresources/tokens/`;
const WORKERS = `${API}/workers/`;

export const PERMISSIONS = {
  accountRead: { anyOf: [GROUPS.settingsRead.id], documentation: ACCOUNTS },
  kvRead: { anyOf: [GROUPS.kvRead.id, GROUPS.kvWrite.id], documentation: KV },
  kvWrite: { anyOf: [GROUPS.kvWrite.id], documentation: KV },
  tokensRead: { anyOf: [GROUPS.tokensRead.id, GROUPS.tokensWrite.id], documentation: TOKENS },
  tokensWrite: { anyOf: [GROUPS.tokensWrite.id], documentation: TOKENS },
  scriptsRead: { anyOf: [GROUPS.scriptsRead.id, GROUPS.scriptsWrite.id], documentation: WORKERS },
  scriptsWrite: { anyOf: [GROUPS.scriptsWrite.id], documentation: WORKERS },
} as const satisfies Record<string, Permission>;

/** What a bootstrap token of the local cloud may do: enough to provision an environment. */
export const BOOTSTRAP_GROUPS: readonly string[] = [
  GROUPS.settingsRead.id,
  GROUPS.tokensWrite.id,
  GROUPS.scriptsWrite.id,
  GROUPS.kvWrite.id,
];

export function permissionGroup(id: string): PermissionGroup | undefined {
  return PERMISSION_GROUPS.find((group) => group.id === id);
}

/** Whether the group may stand in a policy over a whole account. */
export function isAccountGroup(group: PermissionGroup): boolean {
  return group.scopes.includes(ACCOUNT_SCOPE);
}

/** The key of an account in the `resources` of a policy. */
export function accountResource(accountId: string): string {
  return `${ACCOUNT_SCOPE}.${accountId}`;
}

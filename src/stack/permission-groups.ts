// By its own path: the index of the SDK would load every resource of Cloudflare, half a second for nothing.
import { getAccountApiTokenPermissionGroupsListOutput } from "@pulumi/cloudflare/getAccountApiTokenPermissionGroupsList.js";
import type * as pulumi from "@pulumi/pulumi";

import { AppError } from "../core/app-error.ts";

/** Write includes read: https://developers.cloudflare.com/fundamentals/api/reference/permissions/ */
const KV_PERMISSION_GROUPS = ["Workers KV Storage Write"];
const ACCOUNT_SCOPE = "com.cloudflare.api.account";

interface PermissionGroup {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
}

/** The ids of the KV permission groups in an account, looked up by name, sorted as Cloudflare answers them. */
export function kvPermissionGroupIds(accountId: string, opts: pulumi.InvokeOptions): pulumi.Output<string[]> {
  return getAccountApiTokenPermissionGroupsListOutput({ accountId }, opts).apply(({ results }) =>
    idsByName(results, KV_PERMISSION_GROUPS),
  );
}

/** One name can exist at several scopes; only the account's counts. */
export function idsByName(groups: readonly PermissionGroup[], names: readonly string[]): string[] {
  const ids = names.map((name) => {
    const group = groups.find((candidate) => candidate.name === name && candidate.scopes.includes(ACCOUNT_SCOPE));
    if (group) return group.id;
    throw new AppError("VENDOR_FAILED", {
      problem: `Cloudflare does not offer the permission group "${name}" to this account.`,
      fix: "Give the token in CLOUDFLARE_API_TOKEN the permission Account API Tokens: Edit, and check that KV is enabled.",
    });
  });
  return ids.toSorted();
}

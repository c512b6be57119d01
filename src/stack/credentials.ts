// By their own paths: the index of the SDK would load every resource of Cloudflare, half a second for nothing.
import { AccountToken } from "@pulumi/cloudflare/accountToken.js";
import { getAccountApiTokenPermissionGroupsListOutput } from "@pulumi/cloudflare/getAccountApiTokenPermissionGroupsList.js";
import type { input } from "@pulumi/cloudflare/types/index.js";
import * as pulumi from "@pulumi/pulumi";

import type { EnvironmentConfig } from "../config/schema.ts";
import { AppError } from "../core/app-error.ts";
import { credentialName, type Role, type Slot, SLOTS, type SlotState, tokenName } from "../core/names.ts";
import { COMPONENT_TYPES } from "./types.ts";

/** Write includes read: https://developers.cloudflare.com/fundamentals/api/reference/permissions/ */
const KV_PERMISSION_GROUPS = ["Workers KV Storage Write"];
const ACCOUNT_SCOPE = "com.cloudflare.api.account";

export interface CredentialsArgs {
  readonly environment: string;
  readonly config: Pick<EnvironmentConfig, "app" | "cloudflare" | "credentials">;
  /** Names in the program of tokens that somebody disabled, which this run enables again. */
  readonly enable?: readonly string[] | undefined;
}

/** What exists of one slot: absent where the slot is empty. */
export type SlotTokens = Readonly<Partial<Record<Slot, AccountToken>>>;

/**
 * The credentials under `access: rest`: an account-owned token for each slot that is not empty. The epoch is
 * part of the resource's name, because a changed token keeps its secret: only a new resource mints a new one.
 */
export class Credentials extends pulumi.ComponentResource {
  readonly tokens: Readonly<Record<Role, SlotTokens>>;

  constructor(name: string, args: CredentialsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT_TYPES.credentials, name, {}, opts);
    const groups = kvPermissionGroupIds(args.config.cloudflare.accountId, { parent: this });
    this.tokens = {
      application: this.#createTokens("application", args, groups),
      operator: this.#createTokens("operator", args, groups),
    };
    this.registerOutputs({});
  }

  /** The secret of the active slot of `role`. */
  activeSecret(role: Role, active: Slot): pulumi.Output<string> {
    const token = this.tokens[role][active];
    // The schema refuses an active slot that is not live.
    if (!token) throw new Error(`the active slot ${active} of ${role} holds no token`);
    // Mocks and older engines do not apply the SDK's own marking.
    return pulumi.secret(token.value);
  }

  #createTokens(
    role: Role,
    { environment, config, enable = [] }: CredentialsArgs,
    groups: pulumi.Output<string[]>,
  ): SlotTokens {
    const { slots, allowedIps } = config.credentials[role];
    const tokens = SLOTS.filter((slot) => slots[slot].state !== "empty").map((slot) => {
      const { epoch, state, expiresAt } = slots[slot];
      const token = new AccountToken(
        credentialName(role, slot, epoch),
        {
          accountId: config.cloudflare.accountId,
          name: tokenName(config.app, environment, role, slot, epoch),
          policies: [kvPolicy(config.cloudflare.accountId, groups)],
          ...(expiresAt === undefined || expiresAt === "never" ? {} : { expiresOn: expiresAt }),
          ...(allowedIps === undefined ? {} : { condition: { requestIp: { ins: [...allowedIps] } } }),
          ...statusOf(state, enable.includes(credentialName(role, slot, epoch))),
        },
        { parent: this, protect: state === "live" },
      );
      return [slot, token] as const;
    });
    return Object.fromEntries(tokens);
  }
}

/**
 * A token is created without a status, which the API does not take then. A draining one says `active`, since it may have
 * been suspended before, and so does one that somebody disabled: the provider changes it in place, its secret stays.
 * https://developers.cloudflare.com/api/resources/accounts/subresources/tokens/methods/update/
 */
function statusOf(state: SlotState, isDisabled: boolean): { readonly status?: string } {
  if (state === "draining" || (state === "live" && isDisabled)) return { status: "active" };
  return state === "suspended" ? { status: "disabled" } : {};
}

/** One policy with sorted groups and compact JSON: the provider compares all of it as the API answers it. */
function kvPolicy(accountId: string, groups: pulumi.Output<string[]>): input.AccountTokenPolicy {
  return {
    effect: "allow",
    permissionGroups: groups.apply((ids) => ids.map((id) => ({ id }))),
    resources: JSON.stringify({ [`com.cloudflare.api.account.${accountId}`]: "*" }),
  };
}

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

import type { Clock } from "../../core/clock.ts";
import type { Access } from "../../core/names.ts";
import type { Answer } from "../../vendors/vendor-api.ts";
import { broken, type Check, passed, skipped, type Ask, TRY_AGAIN } from "./check.ts";
import { allowedGroups, refusedAddress, subdomainOf, type Verification, verificationOf } from "./cloudflare-answers.ts";

export const TOKEN = "Cloudflare token";
/** In the words of the dashboard, where "Edit" is what the API calls "Write". */
const KV = {
  name: "Workers KV Storage: Edit",
  group: "Workers KV Storage",
  paths: ["/storage/kv/namespaces?per_page=5"],
} as const;
const PERMISSIONS = {
  rest: [
    KV,
    {
      name: "Account API Tokens: Edit",
      group: "Account API Tokens",
      paths: ["/tokens/permission_groups", "/tokens?per_page=5"],
    },
  ],
  gateway: [KV, { name: "Workers Scripts: Edit", group: "Workers Scripts", paths: ["/workers/workers?per_page=5"] }],
} as const;
type Permission = (typeof PERMISSIONS)[Access][number];

/** The checks of an environment with this access, in their order. */
export function cloudflareChecks(access: Access): readonly string[] {
  return [TOKEN, ...PERMISSIONS[access].map(({ name }) => name)];
}

const DAY_MS = 86_400_000;
const EXPIRES_SOON_DAYS = 14;
const NEW_TOKEN = "Manage Account, Account API Tokens, of the dashboard";

export interface CloudflareOptions {
  readonly ask: Ask;
  readonly access: Access;
  readonly accountId: string;
  /** Where the gateway is under workers.dev. */
  readonly workersSubdomain: string | undefined;
  readonly clock: Clock;
}

/** Whether the token is alive and may do what `up` asks of it. Reads only. */
export async function checkCloudflare(options: CloudflareOptions): Promise<Check[]> {
  const { ask, access, accountId, workersSubdomain, clock } = options;
  const account = `/accounts/${encodeURIComponent(accountId)}`;
  const owned = await ask(`${account}/tokens/verify`);
  // A user's token is verified elsewhere; only a refusal of the token itself says that it may be one.
  const isElsewhere = [400, 401, 403, 404].includes(owned.status ?? 0) && refusedAddress(owned) === undefined;
  const answer = isElsewhere ? await ask("/user/tokens/verify") : owned;
  const verification = verificationOf(answer);
  const token = verification
    ? checkStatus(verification, isElsewhere, clock.now())
    : brokenToken(answer, `Cloudflare does not know it for account ${accountId}`);
  if (token.ok !== true) return [token, ...withoutToken(access, `${TOKEN} has to be mended first`)];
  // What a token may write is seen in its own policies only, and only where it may read them.
  const groups =
    isElsewhere || !verification
      ? undefined
      : allowedGroups(await ask(`${account}/tokens/${encodeURIComponent(verification.id)}`));
  const permissions = PERMISSIONS[access].map((permission) => checkPermission(ask, account, permission, groups));
  const subdomain = workersSubdomain === undefined ? [] : [checkSubdomain(ask, account, workersSubdomain)];
  return [token, ...(await Promise.all([...permissions, ...subdomain]))];
}

function withoutToken(access: Access, why: string): Check[] {
  return PERMISSIONS[access].map(({ name }) => skipped(name, why));
}

function checkStatus(
  { status, not_before: from, expires_on: to }: Verification,
  isOfUser: boolean,
  now: number,
): Check {
  const fix = `Make a new token under ${NEW_TOKEN}, or enable this one, and export it as CLOUDFLARE_API_TOKEN.`;
  if (to !== undefined && Date.parse(to) <= now) return broken(TOKEN, `expired on ${to}`, fix);
  if (status !== "active") return broken(TOKEN, `is ${status}`, fix);
  if (from !== undefined && Date.parse(from) > now) return broken(TOKEN, `is not valid before ${from}`, fix);
  const owner = isOfUser ? "active, of a user" : "active, of the account";
  if (to === undefined) return passed(TOKEN, owner);
  const isSoon = Date.parse(to) - now < EXPIRES_SOON_DAYS * DAY_MS;
  const warning = isSoon
    ? `It expires in less than ${String(EXPIRES_SOON_DAYS)} days: make the next one now.`
    : undefined;
  return passed(TOKEN, `${owner}, until ${to}`, warning);
}

function brokenToken(answer: Answer, unknown: string): Check {
  const address = refusedAddress(answer);
  if (address !== undefined) return wrongAddress(TOKEN, address);
  if (![400, 401, 403, 404].includes(answer.status ?? 0)) return broken(TOKEN, answer.summary, TRY_AGAIN);
  const fix = `Make a token under ${NEW_TOKEN}, in the account of the environment's file, and export it as CLOUDFLARE_API_TOKEN.`;
  return broken(TOKEN, unknown, fix);
}

async function checkPermission(
  ask: Ask,
  account: string,
  { name, group, paths }: Permission,
  groups: ReadonlySet<string> | undefined,
): Promise<Check> {
  const fix = `Give the token the permission "${name}" on this account (${NEW_TOKEN}).`;
  for (const path of paths) {
    const answer = await ask(`${account}${path}`);
    const address = refusedAddress(answer);
    if (address !== undefined) return wrongAddress(name, address);
    // The token is alive: what is refused here is its permission.
    if (answer.status === 401 || answer.status === 403) return broken(name, "the token lacks it", fix);
    if (answer.status !== 200) return broken(name, answer.summary, TRY_AGAIN);
  }
  if (groups?.has(`${group} Write`)) return passed(name, "granted");
  if (groups?.has(`${group} Read`)) return broken(name, "the token may only read", fix);
  return passed(name, "may read; whether it may write, the first `up` shows");
}

/** Services are sent there: https://developers.cloudflare.com/workers/configuration/routing/workers-dev/ */
async function checkSubdomain(ask: Ask, account: string, configured: string): Promise<Check> {
  const name = "workers.dev subdomain";
  const answer = await ask(`${account}/workers/subdomain`);
  const actual = subdomainOf(answer);
  if (actual === configured) return passed(name, configured);
  if (actual === undefined) return skipped(name, `Cloudflare does not tell it: ${answer.summary}`);
  const fix = `Write kvshift:cloudflare.workersSubdomain: ${actual}. Services would be sent to an address that is not this account's.`;
  return broken(name, `the account's is ${actual}, the file says ${configured}`, fix);
}

function wrongAddress(name: string, address: string): Check {
  const fix = `Run from an address that the token's client IP filter admits, or add this one to it (${NEW_TOKEN}).`;
  return broken(name, `its IP condition refuses ${address}`, fix);
}

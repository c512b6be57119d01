import type { EnvironmentConfig } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import type { Access } from "../../core/names.ts";
import { Secret } from "../../core/secret.ts";
import { requireWorkspace } from "../../stack/workspace.ts";
import { ENDPOINTS } from "../../vendors/endpoints.ts";
import { type Fetch, isSendable, vendorApi } from "../../vendors/vendor-api.ts";
import { broken, brokenBy, type Check, skipped, type Ask } from "./check.ts";
import { checkCloudflare, cloudflareChecks, TOKEN } from "./cloudflare.ts";
import { checkRender, KEY, RENDER_CHECKS, WORKSPACE } from "./render.ts";

export interface VendorOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
}

interface Vendor {
  /** Names of its checks; the first is the one of the key. */
  readonly checks: readonly string[];
  readonly key: string;
  readonly keyVariable: string;
  readonly source: string;
  readonly baseVariable: string;
  readonly base: string;
}

const cloudflare = (access: Access): Vendor => ({
  checks: cloudflareChecks(access),
  key: TOKEN,
  ...ENDPOINTS.cloudflare,
  source: "an API token of the account: Manage Account, Account API Tokens, of Cloudflare's dashboard",
});
const RENDER: Vendor = {
  checks: RENDER_CHECKS,
  key: KEY,
  ...ENDPOINTS.render,
  source: "an API key: Account Settings, API Keys, of Render's dashboard",
};

/** What both vendors say about the keys in the environment. */
export async function checkVendors(config: EnvironmentConfig, options: VendorOptions): Promise<Check[]> {
  const { clock, env } = options;
  const { access } = config;
  const { accountId, hostname, workersSubdomain: named } = config.cloudflare;
  const workersSubdomain = access === "gateway" && hostname === undefined ? named : undefined;
  const checks = await Promise.all([
    withKey(cloudflare(access), options, (ask) => checkCloudflare({ ask, access, accountId, workersSubdomain, clock })),
    withKey(RENDER, options, (ask) => checkRender(ask, config.render)),
  ]);
  return [...checks.flat(), ...differentWorkspace(env, config)];
}

/** The checks of both vendors, not made: where no file says otherwise, those of `access: rest`. */
export function skipVendors(why: string): Check[] {
  return [...cloudflareChecks("rest"), ...RENDER_CHECKS].map((name) => skipped(name, why));
}

async function withKey(
  vendor: Vendor,
  { env, fetch, signal }: VendorOptions,
  check: (ask: Ask) => Promise<Check[]>,
): Promise<Check[]> {
  const { keyVariable, baseVariable } = vendor;
  const key = env[keyVariable] ?? "";
  const base = env[baseVariable] ?? vendor.base;
  if (key === "") return unusable(vendor, `${keyVariable} is not set`, `Export ${vendor.source}.`);
  if (!isSendable(key))
    return unusable(vendor, `${keyVariable} holds blanks or other characters that no key has`, "Export it again.");
  if (!URL.canParse(base))
    return unusable(vendor, `${baseVariable} is not a URL`, `Unset ${baseVariable}, or set it to the base of the API.`);
  // Asked once: a vendor that does not answer is a finding.
  const send = vendorApi({ base, key: new Secret(key), fetch, signal, sleep: () => Promise.resolve(), repeats: 0 });
  return check((path) => send("GET", path));
}

function unusable({ checks, key }: Vendor, found: string, fix: string): Check[] {
  return checks.map((name) =>
    name === key ? broken(name, found, fix) : skipped(name, `${key} has to be mended first`),
  );
}

function differentWorkspace(env: VendorOptions["env"], config: EnvironmentConfig): Check[] {
  try {
    requireWorkspace(env, config);
    return [];
  } catch (error) {
    return [brokenBy(`${WORKSPACE} in RENDER_OWNER_ID`, error)];
  }
}

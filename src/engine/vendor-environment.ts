import { AppError } from "../core/app-error.ts";

type Env = Readonly<Record<string, string | undefined>>;

const REQUIRED = {
  CLOUDFLARE_API_TOKEN: 'an API token of the account (permissions: README.md, "The first real account")',
  RENDER_API_KEY: "an API key of the workspace (Render dashboard: Account Settings, API Keys)",
} as const;

const OPTIONAL_URLS = ["CLOUDFLARE_BASE_URL", "RENDER_HOST"] as const;

/**
 * Refuses a run that could not reach the vendors, before anything starts.
 *
 * @throws AppError VENDOR_ENVIRONMENT_MISSING with every variable that is missing, and every one that is no URL
 */
export function requireVendorEnvironment(env: Env): void {
  const missing = Object.entries(REQUIRED).filter(([name]) => !env[name]);
  const malformed = OPTIONAL_URLS.filter((name) => env[name] !== undefined && !URL.canParse(env[name]));
  if (missing.length + malformed.length === 0) return;
  throw new AppError("VENDOR_ENVIRONMENT_MISSING", {
    problem: "The vendors cannot be reached with this environment.",
    details: [
      ...missing.map(([name, meaning]) => `${name} is not set: ${meaning}`),
      ...malformed.map((name) => `${name} is not a URL`),
    ],
    fix: "Export the variables. For a try without accounts: `kvshift local up` prints a set that works.",
  });
}

/**
 * The passphrase may be empty, but it must be said; backends with a key service need none.
 *
 * @throws AppError PASSPHRASE_MISSING where neither variable of it is set
 */
export function requirePassphrase(env: Env, secretsProvider: string | undefined): void {
  if (secretsProvider !== undefined && secretsProvider !== "passphrase") return;
  if (env["PULUMI_CONFIG_PASSPHRASE"] !== undefined || env["PULUMI_CONFIG_PASSPHRASE_FILE"] !== undefined) return;
  throw new AppError("PASSPHRASE_MISSING", {
    problem: "PULUMI_CONFIG_PASSPHRASE is not set.",
    fix: "Export the passphrase of this stack (or PULUMI_CONFIG_PASSPHRASE_FILE). It encrypts every secret in state.",
  });
}

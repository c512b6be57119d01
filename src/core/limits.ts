/** Limits of Workers KV: https://developers.cloudflare.com/kv/platform/limits/ */
export const KV_LIMITS = {
  MAX_KEY_BYTES: 512,
  MAX_VALUE_BYTES: 25 * 1024 * 1024,
  MAX_METADATA_BYTES: 1024,
  MIN_EXPIRATION_TTL_SECONDS: 60,
  /** https://developers.cloudflare.com/changelog/2026-01-30-kv-reduced-minimum-cachettl/ */
  MIN_CACHE_TTL_SECONDS: 30,
  MAX_LIST_KEYS: 1000,
  MIN_LIST_KEYS: 10,
  MAX_BULK_WRITE_PAIRS: 10_000,
  MAX_BULK_DELETE_KEYS: 10_000,
  MAX_BULK_GET_KEYS: 100,
  MAX_BULK_BODY_BYTES: 100 * 1024 * 1024,
  MAX_NAMESPACES_PER_ACCOUNT: 1000,
  /** Not published; the longest title that the API was seen to take is used as the bound. */
  MAX_TITLE_CHARACTERS: 512,
} as const;

/**
 * Limits of an account on the paid plan: https://developers.cloudflare.com/workers/platform/limits/ and
 * https://developers.cloudflare.com/durable-objects/platform/limits/
 */
export const ACCOUNT_LIMITS = { MAX_WORKERS: 500, MAX_DURABLE_OBJECT_CLASSES: 500 } as const;

/** Limits of account-owned API tokens: https://developers.cloudflare.com/fundamentals/api/get-started/account-owned-tokens/ */
export const TOKEN_LIMITS = {
  MAX_TOKENS_PER_ACCOUNT: 500,
  MAX_NAME_CHARACTERS: 120,
} as const;

/**
 * Limit of Cloudflare's API for each user or account token. A token that exceeds it is refused for as long again.
 * https://developers.cloudflare.com/fundamentals/api/reference/limits/
 */
export const CLOUDFLARE_RATE_LIMIT = { REQUESTS: 1200, WINDOW_SECONDS: 300 } as const;

/** Limits of Render's API for each user: https://api-docs.render.com/reference/rate-limiting */
export const RENDER_RATE_LIMITS = {
  READS_PER_MINUTE: 400,
  /** What answers of the API show. */
  WRITES_PER_MINUTE: 100,
  /** What to plan with. */
  PUBLISHED_WRITES_PER_MINUTE: 30,
  /** Deploys, changes, suspensions and resumptions of one service together. */
  DEPLOYS_PER_MINUTE: 10,
  CREATED_SERVICES_PER_HOUR: 20,
} as const;

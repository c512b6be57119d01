import type { Answer } from "../../vendors/vendor-api.ts";

/** Reads `path` below the base of a vendor's API. */
export type Ask = (path: string) => Promise<Answer>;

/** What to do about an answer that says nothing about the key: no answer, 429, 5xx. */
export const TRY_AGAIN =
  "Check the network, a proxy and the vendor's status page, then run it again. CLOUDFLARE_BASE_URL and RENDER_HOST must be unset or right.";

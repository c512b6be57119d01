import { AppError } from "../../core/app-error.ts";
import type { Answer } from "../../vendors/vendor-api.ts";

/** One thing that a run needs, looked at. */
export interface Check {
  readonly name: string;
  /** `"skipped"`: it could not be looked at, or does not apply. */
  readonly ok: boolean | "skipped";
  readonly found: string;
  /** How to mend it; beside `ok: true` it is a warning. Never holds a secret. */
  readonly fix?: string;
}

/** A check that holds; with a `fix` it is worth a word all the same. */
export function passed(name: string, found: string, warning?: string): Check {
  return { name, ok: true, found, ...(warning === undefined ? {} : { fix: warning }) };
}

/** A check that does not hold, with how to mend it. */
export function broken(name: string, found: string, fix: string): Check {
  return { name, ok: false, found, fix };
}

/** A check that could not be made, and why. */
export function skipped(name: string, why: string): Check {
  return { name, ok: "skipped", found: why };
}

/** The check of something that is refused with an `AppError`. */
/** A check that does not hold, with how to mend it. */
export function brokenBy(name: string, error: unknown): Check {
  if (!(error instanceof AppError)) throw error;
  return broken(name, error.problem, [...error.details, error.fix].join("\n"));
}

/** Reads `path` below the base of a vendor's API. */
export type Ask = (path: string) => Promise<Answer>;

/** What to do about an answer that says nothing about the key: no answer, 429, 5xx. */
export const TRY_AGAIN =
  "Check the network, a proxy and the vendor's status page, then run it again. CLOUDFLARE_BASE_URL and RENDER_HOST must be unset or right.";

import { z } from "zod";

import { AppError } from "../core/app-error.ts";
import type { Answer } from "./vendor-api.ts";

const MAX_REASON_CHARACTERS = 300;

/** What both vendors say of a refusal: Cloudflare in an envelope, Render in `message`. */
const refusalSchema = z.union([
  z
    .object({ errors: z.array(z.object({ code: z.number(), message: z.string() })).min(1) })
    .transform(({ errors }) => errors.map(({ code, message }) => `${String(code)}: ${message}`).join("; ")),
  z.object({ message: z.string() }).transform(({ message }) => message),
]);

const FIXES: Readonly<Record<number, string>> = {
  401: "Check the key of this vendor: `kvshift doctor --stack <environment>` says what it lacks.",
  403: "Give the key the missing permission: `kvshift doctor --stack <environment>` says which.",
  429: "The vendor's rate limit is used up: wait five minutes, stop other users of this key, and run it again.",
};

/**
 * Fails unless the answer has one of the HTTP `statuses`.
 *
 * @throws AppError VENDOR_FAILED with what was asked, what the vendor said and what to do; retryable where there was
 *   no answer, and after 429 and 5xx
 */
export function expectStatus(vendor: string, answer: Answer, statuses: readonly number[]): Answer {
  const { status, json, summary } = answer;
  if (status !== undefined && statuses.includes(status)) return answer;
  const reason = refusalSchema.safeParse(json).data;
  throw new AppError("VENDOR_FAILED", {
    problem: `${vendor} did not do what was asked.`,
    details: [summary, ...(reason === undefined ? [] : [reason.slice(0, MAX_REASON_CHARACTERS)])],
    fix:
      FIXES[status ?? 0] ?? `See whether ${vendor} has an incident and whether the network works, then run it again.`,
    retryable: status === undefined || status === 429 || status >= 500,
  });
}

/**
 * Reads an answer by its schema. A vendor that changed its form is an error of the vendor, not a bug.
 *
 * @throws AppError VENDOR_FAILED with the places that do not fit, and none of their values
 */
export function parseAnswer<Schema extends z.ZodType>(vendor: string, answer: Answer, schema: Schema): z.infer<Schema> {
  const { success, data, error } = schema.safeParse(answer.json);
  if (success) return data;
  const places = [...new Set(error.issues.map(({ path }) => path.join(".") || "the whole answer"))];
  throw new AppError("VENDOR_FAILED", {
    problem: `${vendor} answered in a form that kvshift does not know.`,
    details: [answer.summary, `not understood: ${places.slice(0, 5).join(", ")}`],
    fix: "Look for a newer kvshift, or report it with these lines.",
  });
}

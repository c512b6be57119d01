import { z } from "zod";

import { KV_LIMITS } from "../core/limits.ts";
import type { Consistency } from "../core/names.ts";
import { noted } from "./key-notes.ts";

const CONSISTENCIES = ["eventual", "strong"] as const satisfies readonly Consistency[];

const EVENTUAL_TTL = `${String(KV_LIMITS.MIN_EXPIRATION_TTL_SECONDS)} or more on eventual`;

/** Each object does some hundred writes a second: 16 are enough for most, and a list asks all of them. */
const DEFAULT_SHARDS = 16;
const MAX_SHARDS = 256;

const ttl = (meaning: string, example: number, fallback?: string) =>
  seconds(1, meaning, example, fallback, EVENTUAL_TTL);

const seconds = (
  minimum: number,
  meaning: string,
  example: number,
  fallback?: string,
  bound = `${String(minimum)} or more`,
) =>
  noted(z.int().min(minimum), {
    meaning,
    expected: `a whole number of seconds, ${bound}`,
    example: String(example),
    ...(fallback === undefined ? {} : { fallback }),
  });

/** One namespace of an environment. */
export const namespace = noted(
  z.strictObject({
    consistency: noted(z.enum(CONSISTENCIES), {
      meaning: "What readers may rely on. Chosen at creation, never changed by `up`. `strong` needs `access: gateway`.",
      expected: "eventual or strong",
      example: "eventual",
    }),
    shards: noted(z.int().min(1).max(MAX_SHARDS), {
      meaning:
        "How many objects hold the keys of a `strong` namespace. Chosen at creation, never changed by `up`. Only on `strong`.",
      expected: `a whole number from 1 to ${String(MAX_SHARDS)}`,
      example: String(DEFAULT_SHARDS),
      fallback: `${String(DEFAULT_SHARDS)} on \`strong\``,
    }).optional(),
    defaultTtlSeconds: ttl("Lifetime of a key that is written without one.", 3600),
    maxTtlSeconds: ttl("Longest lifetime that a key may be written with.", 2592000, "no limit").optional(),
    cacheTtlSeconds: seconds(
      KV_LIMITS.MIN_CACHE_TTL_SECONDS,
      "How long Cloudflare's locations may answer reads from their cache. Only on `eventual`.",
      60,
      "Cloudflare's own, 60",
    ).optional(),
    stalenessBudgetSeconds: seconds(
      1,
      "How old a read may be before the application counts it as stale. Only on `eventual`.",
      120,
      "no budget",
    ).optional(),
  }),
  {
    meaning: "One namespace, by its name: lower-case letters, digits and dashes, a letter first.",
    expected: "a mapping with consistency and defaultTtlSeconds",
    example: "{ consistency: eventual, defaultTtlSeconds: 3600 }",
  },
);

/** How many objects hold a namespace; none hold an eventual one. */
export function shardsOf({
  consistency,
  shards,
}: Pick<z.infer<typeof namespace>, "consistency" | "shards">): number | undefined {
  return consistency === "strong" ? (shards ?? DEFAULT_SHARDS) : undefined;
}

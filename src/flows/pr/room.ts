import { AppError } from "../../core/app-error.ts";
import { ACCOUNT_LIMITS, KV_LIMITS } from "../../core/limits.ts";
import type { KnownPreview } from "./stacks.ts";

/** What an account holds, and what one more preview would add to it. */
export interface RoomFacts {
  readonly account: { readonly namespaces: number; readonly workers: number };
  readonly wanted: { readonly namespaces: number; readonly workers: number };
  /** Those that are there already. */
  readonly previews: readonly Pick<KnownPreview, "name" | "facts">[];
}

/**
 * Refuses a preview for which the account has no room, before anything is made, and says who could go. Each gateway is a
 * Worker with one class of Durable Objects, of which an account takes as many as Workers on the paid plan.
 *
 * @throws AppError PREVIEW_REFUSED
 */
export function requireRoom(stack: string, { account, wanted, previews }: RoomFacts): void {
  const full = [
    over("KV namespaces", account.namespaces, wanted.namespaces, KV_LIMITS.MAX_NAMESPACES_PER_ACCOUNT),
    over("Workers", account.workers, wanted.workers, ACCOUNT_LIMITS.MAX_WORKERS),
    over("Durable Object classes", account.workers, wanted.workers, ACCOUNT_LIMITS.MAX_DURABLE_OBJECT_CLASSES),
  ].filter((line) => line !== undefined);
  if (full.length === 0) return;
  const oldest = previews
    .flatMap(({ name, facts }) => (facts === undefined ? [] : [{ name, facts }]))
    .toSorted((a, b) => Date.parse(a.facts.expires) - Date.parse(b.facts.expires))
    .slice(0, SHOWN);
  throw new AppError("PREVIEW_REFUSED", {
    problem: `The account has no room for ${stack}.`,
    details: [
      ...full,
      ...oldest.map(({ name, facts }) => `could go: ${name} (${facts.branch}), which ends at ${facts.expires}`),
    ],
    fix: "Take previews down with `kvshift pr down`, or let `kvshift pr sweep` do it.",
  });
}

const SHOWN = 5;

function over(what: string, held: number, wanted: number, limit: number): string | undefined {
  if (held + wanted <= limit) return undefined;
  return `${what}: the account holds ${String(held)} of ${String(limit)}, and the preview needs ${String(wanted)}`;
}

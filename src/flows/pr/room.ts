import { AppError } from "../../core/app-error.ts";
import { ACCOUNT_LIMITS, KV_LIMITS, RENDER_RATE_LIMITS } from "../../core/limits.ts";
import type { KnownPreview } from "./stacks.ts";

/** What an account holds, and what one more preview would add to it. */
export interface RoomFacts {
  readonly account: { readonly namespaces: number; readonly workers: number };
  readonly wanted: { readonly namespaces: number; readonly workers: number; readonly services: number };
  /** Those that are there already. */
  readonly previews: readonly Pick<KnownPreview, "name" | "facts">[];
}

/**
 * Refuses a preview for which the account has no room, before anything is made, and says who could go. Each gateway is a
 * Worker with one class of Durable Objects, of which an account takes as many as Workers on the paid plan. Render bounds how many previews can be brought up at once,
 * as when their credentials end or the template changes: all of them have to be through before a job of CI is cut off.
 *
 * @throws AppError PREVIEW_REFUSED
 */
export function requireRoom(stack: string, { account, wanted, previews }: RoomFacts): void {
  const full = [
    over("KV namespaces", account.namespaces, wanted.namespaces, KV_LIMITS.MAX_NAMESPACES_PER_ACCOUNT),
    over("Workers", account.workers, wanted.workers, ACCOUNT_LIMITS.MAX_WORKERS),
    over("Durable Object classes", account.workers, wanted.workers, ACCOUNT_LIMITS.MAX_DURABLE_OBJECT_CLASSES),
    over(
      `Render's API writes in ${String(UPDATE_MINUTES)} minutes, all previews brought up at once`,
      sum(previews.map(({ facts }) => writesFor(facts?.services.length ?? 1))),
      writesFor(wanted.services),
      UPDATE_MINUTES * RENDER_RATE_LIMITS.PUBLISHED_WRITES_PER_MINUTE,
    ),
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
/** How long all previews together may write to Render; the workflows end after 45 minutes. */
const UPDATE_MINUTES = 15;
/** A new group, or its variables one by one. */
const GROUP_WRITES = 6;
/** The unlink of what it inherited, the link, the deploy. */
const SERVICE_WRITES = 3;

function writesFor(services: number): number {
  return GROUP_WRITES + services * SERVICE_WRITES;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function over(what: string, held: number, wanted: number, limit: number): string | undefined {
  if (held + wanted <= limit) return undefined;
  return `${what}: ${String(held)} of ${String(limit)} are taken, and the preview needs ${String(wanted)}`;
}

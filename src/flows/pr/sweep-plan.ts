import { credentialOfName, nameStem, previewEnvironment, pullRequestOf } from "../../core/names.ts";
import type { Removal } from "../reconcile/plan.ts";
import type { KnownPreview } from "./stacks.ts";

/** An object at a vendor that is named like one of a preview. */
export interface NamedObject extends Removal {
  /** Milliseconds since the epoch, where the vendor tells it. */
  readonly createdAt: number | undefined;
}

export interface SweepFacts {
  readonly previews: readonly Pick<KnownPreview, "name" | "pr" | "facts">[];
  /** Numbers of the requests that are open; absent: not known, and nothing is removed for being closed. */
  readonly open: ReadonlySet<number> | undefined;
  readonly objects: readonly NamedObject[];
  /** Names of the template's namespaces. */
  readonly namespaces: readonly string[];
  readonly app: string;
  /** How old an object has to be before it counts as left behind, in milliseconds. */
  readonly minAgeMs: number;
  readonly now: number;
}

export interface SweepPlan {
  readonly stacks: readonly {
    readonly pr: number;
    readonly stack: string;
    readonly why: string;
    /** Whether its request is not open; else only its time is over. */
    readonly isClosed: boolean;
  }[];
  readonly orphans: readonly (Removal & { readonly pr: number; readonly why: string })[];
  /** What a person has to look at. */
  readonly unclear: readonly string[];
}

/** What would go, and why; `named`: everything that is named like part of a preview. Pure. */
export function planSweep(facts: SweepFacts): SweepPlan & { readonly named: readonly NamedObject[] } {
  const { previews, open, objects, minAgeMs, now } = facts;
  const stacks = previews.flatMap(({ pr, name, facts: known }) => {
    const why = reasonFor(pr, known?.expires, open, now);
    return why === undefined ? [] : [{ pr, stack: name, why, isClosed: open?.has(pr) === false }];
  });
  const owned = new Set(previews.map(({ pr }) => pr));
  const named = objects.flatMap((object) => {
    const pr = pullRequestOfObject(object, facts);
    return pr === undefined ? [] : [{ pr, ...object }];
  });
  // Where nobody knows which requests are open, every object may be of one whose stack is in another backend.
  const unowned = open === undefined ? [] : named.filter(({ pr }) => !owned.has(pr) && !open.has(pr));
  // A namespace has no date: it is as old as what was made with it.
  const young = new Set(unowned.flatMap(({ pr, createdAt }) => (now - (createdAt ?? 0) >= minAgeMs ? [] : [pr])));
  const orphans = unowned.flatMap(({ pr, kind, id, name }) =>
    young.has(pr) ? [] : [{ pr, kind, id, name, why: `no stack ${previewEnvironment(pr)} knows it` }],
  );
  const unclear = previews
    .filter((preview) => preview.facts === undefined && open?.has(preview.pr) !== false)
    .map(({ name }) => `the stack ${name} does not say what it is of: a run ended before it had made anything`);
  return { stacks, orphans, unclear, named };
}

function reasonFor(
  pr: number,
  expires: string | undefined,
  open: ReadonlySet<number> | undefined,
  now: number,
): string | undefined {
  if (open !== undefined && !open.has(pr)) return "its pull request is not open";
  return expires !== undefined && Date.parse(expires) <= now ? `it expired at ${expires}` : undefined;
}

/** The request that an object was made for, where its whole name is one that kvshift gives. */
export function pullRequestOfObject(
  { kind, name }: Pick<Removal, "kind" | "name">,
  { app, namespaces }: Pick<SweepFacts, "app" | "namespaces">,
): number | undefined {
  const rest = name.startsWith(`${app}-`) ? name.slice(app.length + 1) : "";
  const [, environment = "", part = ""] = /^(pr-[1-9]\d*)-(.+)$/.exec(rest) ?? [];
  const pr = pullRequestOf(environment);
  if (pr === undefined || !name.startsWith(nameStem(app, environment))) return undefined;
  const isOurs = {
    namespace: () => namespaces.includes(part),
    token: () => credentialOfName(part) !== undefined,
    group: () => part === "cloudflare-kv",
    worker: () => part === "gateway",
  } satisfies Record<Removal["kind"], () => boolean>;
  return isOurs[kind]() ? pr : undefined;
}

import { AppError } from "../../core/app-error.ts";
import { requireConfirmation } from "../../core/ask.ts";
import { previewEnvironment } from "../../core/names.ts";
import type { RunContext } from "../../core/run-context.ts";
import { findProject } from "../../engine/project.ts";
import { readEnvironmentFiles } from "../../policy/neighbours.ts";
import { requireVendorEnvironment } from "../../engine/vendor-environment.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import { vendorsOf } from "../environment/connect-vendors.ts";
import { removeOrphans } from "../reconcile/apply.ts";
import { OBJECT_NAMES } from "../reconcile/reconcile.ts";
import { previewDown } from "./down.ts";
import type { PreviewFacts } from "./facts.ts";
import { askForOpenRequests } from "./open-requests.ts";
import { knownPreviews } from "./stacks.ts";
import { separateForeign } from "./foreign-objects.ts";
import { type NamedObject, planSweep, pullRequestOfObject, type SweepPlan } from "./sweep-plan.ts";
import { readTemplate } from "./template.ts";

export interface SweepOptions {
  /**
   * Numbers of the requests that are open; absent: GitHub is asked, and where it is not known only what has expired or
   * was left behind goes.
   */
  readonly open: readonly number[] | undefined;
  readonly minAgeMs: number;
  readonly dryRun: boolean;
  readonly yes: boolean | undefined;
}

export interface SweepResult extends SweepPlan {
  readonly dryRun: boolean;
  /** Previews that could not be taken down, with why. The others were. */
  readonly failed: readonly { readonly stack: string; readonly why: string }[];
  /** Previews whose requests turned out not to be closed when they were to go. */
  readonly kept: readonly { readonly stack: string; readonly why: string }[];
}

/**
 * Removes the previews whose requests are closed or whose time is over, and what previews left at the vendors.
 *
 * @throws AppError SWEEP_REFUSED where the backend holds no stack, although vendors hold objects of previews
 * @throws AppError PARTIAL where some previews could not be taken down
 */
export async function sweep(options: SweepOptions, run: RunContext): Promise<SweepResult> {
  const { clock, emit } = run;
  requireVendorEnvironment(run.env);
  const vendors = vendorsOf(run);
  const project = await findProject(run.cwd);
  const { config } = await readTemplate(project, previewEnvironment(1), clock);
  const { accountId } = config.cloudflare;
  // Before the stacks: a preview that is being made has its stack before its objects.
  const objects = await namedObjects(vendors, accountId, config.render.ownerId, `${config.app}-pr-`);
  const known = await knownPreviews(run);
  const namespaces = [
    ...new Set([...Object.keys(config.namespaces), ...known.previews.flatMap(({ facts }) => facts?.namespaces ?? [])]),
  ];
  const naming = { app: config.app, namespaces };
  const { own, foreign } = await separateForeign(
    objects.filter((object) => !known.previews.some(({ pr }) => pr === pullRequestOfObject(object, naming))),
    { ...naming, accountId, neighbours: readEnvironmentFiles(project.folder) },
    vendors,
  );
  const requests = await askForOpenRequests(options.open, run);
  const { named, ...planned } = planSweep({
    ...naming,
    previews: known.previews,
    open: requests.numbers,
    objects: own,
    minAgeMs: options.minAgeMs,
    now: clock.now(),
  });
  const plan = { ...planned, unclear: [...planned.unclear, ...foreign] };
  if (known.all.length === 0 && named.length > 0) {
    throw new AppError("SWEEP_REFUSED", {
      problem: "The state backend holds no stack of this project, but the vendors hold objects of previews.",
      details: named.map(({ kind, name }) => `${OBJECT_NAMES[kind]} ${name}`),
      fix: "Check that PULUMI_BACKEND_URL is the backend of the previews: in the right one their stacks would be. Nothing was removed.",
    });
  }
  for (const text of plan.unclear) emit({ type: "warning", text });
  if (options.dryRun || plan.stacks.length + plan.orphans.length === 0) {
    return { ...plan, dryRun: options.dryRun, failed: [], kept: [] };
  }
  const question = `Remove ${String(plan.stacks.length)} preview(s) and ${String(plan.orphans.length)} object(s) that no stack knows?`;
  await requireConfirmation(question, "removal", options.yes, run);
  const failed: { readonly stack: string; readonly why: string }[] = [];
  const kept: { readonly stack: string; readonly why: string }[] = [];
  // Whether nothing keeps what is of a closed request: it may have been opened again since the list was read.
  const isFreeToGo = async (pr: number): Promise<boolean> => {
    const why = await requests.whyNotClosed(pr);
    if (why !== undefined) kept.push({ stack: previewEnvironment(pr), why });
    return why === undefined;
  };
  // One that cannot be removed keeps no other from going.
  const attempt = async (stack: string, removal: () => Promise<unknown>): Promise<void> => {
    try {
      await removal();
    } catch (error) {
      if (run.signal.aborted || !(error instanceof AppError)) throw error;
      failed.push({ stack, why: [error.problem, ...error.details].join(" ") });
    }
  };
  for (const { pr, stack, isClosed } of plan.stacks) {
    const planned = known.previews.find((preview) => preview.pr === pr)?.facts?.expires;
    // Each `pr up` gives another end: then its request was open, or opened again.
    const isStillDue = async (facts: PreviewFacts | undefined): Promise<boolean> => {
      if (facts === undefined || facts.expires === planned) return !isClosed || isFreeToGo(pr);
      kept.push({ stack, why: "it was brought up again meanwhile" });
      return false;
    };
    await attempt(stack, () => previewDown(pr, { yes: true, isStillDue }, run));
  }
  // A person may have taken a while to answer, and a preview with an orphan's name may have come meanwhile.
  const now = plan.orphans.length === 0 ? [] : (await knownPreviews(run)).previews;
  const lost = new Set(plan.orphans.map(({ pr }) => pr).filter((pr) => !now.some((preview) => preview.pr === pr)));
  for (const pr of lost) {
    await attempt(previewEnvironment(pr), async () => {
      if (!(await isFreeToGo(pr))) return;
      const orphans = plan.orphans.filter((orphan) => orphan.pr === pr);
      await removeOrphans(vendors, accountId, orphans, ({ kind, name }) => {
        emit({ type: "object-removed", what: OBJECT_NAMES[kind], name });
      });
    });
  }
  for (const { stack, why } of kept) emit({ type: "warning", text: `${stack} stays: ${why}` });
  const isGone = (name: string): boolean => ![...failed, ...kept].some(({ stack }) => stack === name);
  const swept = {
    stacks: plan.stacks.filter(({ stack }) => isGone(stack)),
    orphans: plan.orphans.filter(({ pr }) => isGone(previewEnvironment(pr))),
    unclear: plan.unclear,
    kept,
  };
  if (failed.length > 0) {
    throw new AppError("PARTIAL", {
      problem: `${String(failed.length)} preview(s) could not be taken down; everything else was swept.`,
      details: failed.map(({ stack, why }) => `${stack}: ${why}`),
      fix: "Mend what the lines name; the next sweep takes them up again.",
      retryable: true,
      data: { ...swept, failed },
    });
  }
  return { ...swept, dryRun: false, failed };
}

/** Objects at both vendors whose names begin with `prefix`. The Workers come first: they are bound to the namespaces. */
async function namedObjects(
  { cloudflare, render }: Vendors,
  accountId: string,
  ownerId: string,
  prefix: string,
): Promise<NamedObject[]> {
  const [workers, namespaces, tokens, groups] = await Promise.all([
    cloudflare.workers(accountId),
    cloudflare.namespaces(accountId),
    cloudflare.tokens(accountId),
    render.groups(ownerId),
  ]);
  const objects: NamedObject[] = [
    ...workers.map(({ id, name, created_on: at }) => ({
      kind: "worker" as const,
      id,
      name,
      createdAt: at === undefined ? undefined : Date.parse(at),
    })),
    ...groups.map(({ id, name, createdAt }) => ({
      kind: "group" as const,
      id,
      name,
      createdAt: Date.parse(createdAt),
    })),
    ...tokens.map(({ id, name, issued_on: at }) => ({
      kind: "token" as const,
      id,
      name,
      createdAt: at === undefined ? undefined : Date.parse(at),
    })),
    ...namespaces.map(({ id, title }) => ({ kind: "namespace" as const, id, name: title, createdAt: undefined })),
  ];
  return objects.filter(({ name }) => name.startsWith(prefix));
}

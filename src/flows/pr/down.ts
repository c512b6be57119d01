import { AppError } from "../../core/app-error.ts";
import { previewEnvironment } from "../../core/names.ts";
import { requireConfirmation } from "../../core/ask.ts";
import type { RunContext } from "../../core/run-context.ts";
import { takeDown } from "../destroy/destroy.ts";
import { removeEmptyStack, type StackListing } from "../../engine/stacks.ts";
import { holdStack } from "../environment/stack-lock.ts";
import { openEnvironment } from "../environment/open-environment.ts";
import type { Reconciled } from "../reconcile/reconcile.ts";
import { factsIn, fileOf, type PreviewFacts, requireFacts } from "./facts.ts";
import { knownPreview, type KnownPreview } from "./stacks.ts";

export interface PreviewDownResult {
  readonly stack: string;
  /** Whether there was anything to take down. */
  readonly existed: boolean;
  readonly removed: Reconciled["removed"];
}

export interface PreviewDownOptions {
  readonly yes: boolean | undefined;
  /** Asked once this run holds the stack; `undefined`: the stack does not say what it is of. */
  readonly isStillDue?: (facts: PreviewFacts | undefined) => Promise<boolean>;
}

/**
 * Removes the preview of a pull request with its stack. Asks only the stack what it is of, so that branch, template and
 * service may be gone, and a run that broke off before may have left half of it.
 *
 * @throws AppError SWEEP_REFUSED, NOT_CONFIRMED, and with the code of what refused or failed (docs/errors.md)
 */
export async function previewDown(
  pr: number,
  { yes, isStillDue = () => Promise.resolve(true) }: PreviewDownOptions,
  run: RunContext,
): Promise<PreviewDownResult> {
  const name = previewEnvironment(pr);
  const known = await knownPreview(pr, run);
  if (known === undefined) return { stack: name, existed: false, removed: [] };
  await requireConfirmation(`Remove ${name} and all data of its namespaces?`, "removal", yes, run);
  let { tags } = known;
  if (known.facts === undefined) {
    const unfilled = await removeUnfilled(pr, known.at, isStillDue, run);
    if (unfilled === "settled") return { stack: name, existed: true, removed: [] };
    ({ tags } = unfilled);
  }
  const facts = requireFacts(name, tags);
  const opened = openEnvironment(name, run, {
    create: false,
    needsVendors: true,
    lock: "wait",
    identity: "any",
    file: fileOf(facts),
  });
  const environment = await opened.catch((error: unknown) => {
    // Another run took it down while this one waited for it.
    if (error instanceof AppError && error.code === "STACK_NOT_FOUND") return undefined;
    throw error;
  });
  if (environment === undefined) return { stack: name, existed: false, removed: [] };
  await using held = environment;
  // A run that was waited for may have brought it up again.
  const now = factsIn(await held.session.tags());
  if (!(await isStillDue(now))) return { stack: name, existed: true, removed: [] };
  // Only this preview's services ever held its tokens.
  const { reconciled } = await takeDown(held, { yes: true, removeUsed: true }, run, "pr down");
  await held.session.removeStack();
  return { stack: name, existed: true, removed: reconciled.removed };
}

/**
 * Removes the stack of a run that was refused, or ended, before it had said what it makes: nothing is at a vendor. A stack
 * that says so by now, or that has resources, is returned as it is. `settled`: it is gone, or not due any more.
 */
async function removeUnfilled(
  pr: number,
  at: StackListing,
  isStillDue: NonNullable<PreviewDownOptions["isStillDue"]>,
  run: RunContext,
): Promise<"settled" | Pick<KnownPreview, "tags">> {
  const name = previewEnvironment(pr);
  await using held = new AsyncDisposableStack();
  held.use(await holdStack({ backendUrl: at.backendUrl, project: at.project.name, stack: name }, true, run));
  // A run that was waited for may have filled it, or removed it.
  const now = await knownPreview(pr, run);
  if (now === undefined) return "settled";
  if (now.facts !== undefined) return now;
  if (!(await isStillDue(undefined))) return "settled";
  return await removeEmptyStack(at, name).then(
    () => "settled" as const,
    () => now,
  );
}

import { join } from "node:path";

import { previewEnvironment, pullRequestOf } from "../../core/names.ts";
import type { RunContext } from "../../core/run-context.ts";
import { resolveBackend } from "../../engine/backend.ts";
import { findProject, INSTALLATION } from "../../engine/project.ts";
import { ensureCli } from "../../engine/pulumi-cli/ensure.ts";
import { type ListedStack, listStacks, type StackListing } from "../../engine/stacks.ts";
import { factsIn, type PreviewFacts } from "./facts.ts";

/** What the backend knows of previews. */
export interface KnownPreviews {
  readonly at: StackListing;
  /** Names of all stacks of the project, of previews and of others. */
  readonly all: readonly string[];
  readonly previews: readonly KnownPreview[];
}

export interface KnownPreview extends ListedStack {
  readonly pr: number;
  /** Absent where a run ended before it had said what the stack is. */
  readonly facts: PreviewFacts | undefined;
}

/** Asks the backend which previews there are. Needs no vendor and no template. */
export async function knownPreviews(run: RunContext): Promise<KnownPreviews> {
  const { env, emit, signal } = run;
  const project = await findProject(run.cwd);
  const backendUrl = await resolveBackend(project, env);
  const command = await ensureCli({ env, buildSource: join(INSTALLATION, "tools", "pulumi"), emit, signal });
  const at = { project, backendUrl, command };
  const { all, wanted } = await listStacks(at, isPreview);
  const previews = wanted.map((stack) => ({
    ...stack,
    pr: pullRequestOf(stack.name) ?? 0,
    facts: factsIn(stack.tags),
  }));
  return { at, all, previews: previews.toSorted((a, b) => a.pr - b.pr) };
}

function isPreview(name: string): boolean {
  return pullRequestOf(name) !== undefined;
}

/** The stack of one preview; `undefined` where there is none. */
export async function knownPreview(
  pr: number,
  run: RunContext,
): Promise<(KnownPreview & Pick<KnownPreviews, "at">) | undefined> {
  const { at, previews } = await knownPreviews(run);
  const found = previews.find(({ name }) => name === previewEnvironment(pr));
  return found && { ...found, at };
}

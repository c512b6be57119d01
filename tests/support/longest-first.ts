import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that run longest, in this order. One that is missing here costs time, nothing else. */
const LONGEST = [
  "rotate-refusals",
  "rotate-through-gateway",
  "previews",
  "rotate-anyhow",
  "faults",
  "rotate-faults",
  "rotation-runbook",
  "previews-killed",
  "gateway-provisioning",
  "status",
  "demo",
  "environments",
  "previews-runbook",
  "reconcile",
  "documented-commands",
  "secrets",
  "rotate-commit",
];

/**
 * Starts long files before short ones. Vitest orders by size where it knows no times, as on a fresh checkout: a short
 * file that takes minutes would start last and keep one core busy while the other is idle.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer's own method
    const rest = await super.sort(files);
    return rest.toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId, project }: TestSpecification): number {
  if (project.name !== "e2e") return LONGEST.length + 1;
  const known = LONGEST.findIndex((name) => moduleId.endsWith(`/e2e/${name}.test.ts`));
  return known === -1 ? LONGEST.length : known;
}

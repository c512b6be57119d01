import { z } from "zod";

import { policyFinding, type PolicyFinding } from "./engine-report.ts";

const event = z.object({
  policyEvent: z
    .object({
      policyName: z.string(),
      enforcementLevel: z.string(),
      message: z.string(),
      resourceUrn: z.string().optional(),
    })
    .optional(),
  summaryEvent: z.object({}).optional(),
});
const failedRun = z.object({ stdout: z.string() });

/**
 * What a policy pack finds in the recorded state of a stack, without its program, its providers and its vendors.
 * `run` calls the CLI and rejects where it exits with another code than 0, as it does when a mandatory rule is broken:
 * https://www.pulumi.com/docs/iac/cli/commands/pulumi_policy_analyze/
 */
export async function analyzeState(
  run: (args: readonly string[]) => Promise<string>,
  policyPack: string,
): Promise<readonly PolicyFinding[]> {
  try {
    return findingsIn(await run(["policy", "analyze", "--json", "--policy-pack", policyPack]));
  } catch (failure) {
    const output = failedRun.safeParse(failure).data?.stdout ?? "";
    // Without its last event the analysis broke off: what it found before is not all.
    if (!output.includes('"summaryEvent"')) throw failure;
    return findingsIn(output);
  }
}

function findingsIn(output: string): readonly PolicyFinding[] {
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  return lines.flatMap((line) => {
    const { policyEvent } = event.parse(JSON.parse(line));
    return policyEvent ? [policyFinding(policyEvent)] : [];
  });
}

import { adviceLines, policyViolated } from "../../engine/engine-error.ts";
import type { EngineReport } from "../../engine/engine-report.ts";
import type { Outputs } from "../../state/outputs.ts";
import { violationLine } from "../../policy/verdict.ts";
import type { Adoption } from "../../stack/adoption.ts";
import { changeLine, countsLine, hasChanges } from "../../cli/change-lines.ts";
import { requireConfirmation } from "../../cli/confirm.ts";
import type { Context } from "../../cli/define-command.ts";
import { keepEncryptionSalt } from "./environment-file.ts";
import type { OpenEnvironment } from "./open-environment.ts";

export interface ApplyOptions {
  /** What exists and is taken up by this run. */
  readonly adopt: Adoption;
  readonly yes: boolean | undefined;
}

/** Previews with all policies, asks where something would change, updates, and scans what was recorded. */
export async function applyChanges(
  { name, config, file, session, isLocal }: OpenEnvironment,
  { adopt, yes }: ApplyOptions,
  context: Context,
): Promise<EngineReport & { readonly outputs: Outputs }> {
  const { output } = context;
  output.emit({ type: "step-started", step: "Preview" });
  const plan = await session.preview({
    adopt,
    onChange: (change) => {
      const line = changeLine(change, output);
      if (line !== undefined) output.note(line);
    },
  });
  output.emit({ type: "step-finished", step: "Preview", note: countsLine(plan) });
  for (const text of adviceLines(plan)) output.emit({ type: "warning", text });
  if (hasChanges(plan)) await requireConfirmation(`Change the environment ${name}?`, "change", yes, context);
  output.emit({ type: "step-started", step: "Update" });
  const report = await session.up({
    adopt,
    onChange: (change) => {
      const line = changeLine(change, output);
      if (line !== undefined) output.note(`${line} done`);
    },
  });
  output.emit({ type: "step-finished", step: "Update", note: countsLine(report) });
  // The local cloud is thrown away: its salt would only change a file in git.
  if (!isLocal && (await keepEncryptionSalt(file, await session.encryptionSalt()))) {
    output.note(`  encryptionsalt written to Pulumi.${name}.yaml: commit it`);
  }
  const unsafe = await session.scanState(config);
  if (unsafe.length > 0) throw policyViolated(unsafe.map(violationLine), hasChanges(report));
  return { ...report, outputs: await session.outputs() };
}

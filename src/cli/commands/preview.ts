import { countsLine, hasChanges } from "../../engine/engine-report.ts";
import { preview as previewUp } from "../../flows/environment/preview.ts";
import { stepLine } from "../../flows/environment/slot-steps.ts";
import { changeLine } from "../change-lines.ts";
import { ADOPT_OPTION, defineCommand, FORCE_OPTION, STACK_OPTION } from "../define-command.ts";

interface PreviewFlags {
  readonly stack: string;
  readonly adopt?: boolean;
  readonly force?: boolean;
}

export const preview = defineCommand<PreviewFlags>({
  name: "preview",
  summary: "show what `up` would change, with all policies, and change nothing",
  options: [STACK_OPTION, ADOPT_OPTION, FORCE_OPTION],
  examples: ["kvshift preview --stack dev", "kvshift preview --stack prod --json"],
  run: async ({ stack, adopt = false, force = false }, context) => {
    const { output } = context;
    const planned = await previewUp(stack, { adopt, force }, context);
    const { report, changed, reconciled, refusedSecrets, slots } = planned;
    for (const change of report.changes) {
      const line = changeLine(change, output.paint);
      if (line !== undefined) output.text(line);
    }
    const parts = [
      ...(reconciled === undefined ? [] : [`before the engine: ${reconciled}`]),
      ...(hasChanges(report) ? [countsLine(report)] : []),
      ...slots.map(stepLine),
    ];
    output.text(`${stack}: ${changed ? parts.join("; ") : "nothing to change"}`);
    return {
      stack,
      changed,
      ...(reconciled === undefined ? {} : { reconciled }),
      refusedSecrets,
      slots,
      changes: report.counts,
      resources: report.changes,
    };
  },
});

import { countsLine, hasChanges } from "../../engine/engine-report.ts";
import { preview as previewUp } from "../../flows/environment/preview.ts";
import { changeLine } from "../change-lines.ts";
import { ADOPT_OPTION, defineCommand, STACK_OPTION } from "../define-command.ts";

export const preview = defineCommand<{ readonly stack: string; readonly adopt?: boolean }>({
  name: "preview",
  summary: "show what `up` would change, with all policies, and change nothing",
  options: [STACK_OPTION, ADOPT_OPTION],
  examples: ["kvshift preview --stack dev", "kvshift preview --stack prod --json"],
  run: async ({ stack, adopt = false }, context) => {
    const { output } = context;
    const { report, changed, reconciled, refusedSecrets } = await previewUp(stack, { adopt }, context);
    for (const change of report.changes) {
      const line = changeLine(change, output.paint);
      if (line !== undefined) output.text(line);
    }
    const parts = [
      ...(reconciled === undefined ? [] : [`before the engine: ${reconciled}`]),
      ...(hasChanges(report) ? [countsLine(report)] : []),
    ];
    output.text(`${stack}: ${changed ? parts.join("; ") : "nothing to change"}`);
    const reconciliation = reconciled === undefined ? {} : { reconciled };
    return { stack, changed, ...reconciliation, refusedSecrets, changes: report.counts, resources: report.changes };
  },
});

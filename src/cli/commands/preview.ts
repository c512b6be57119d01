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
    const report = await previewUp(stack, { adopt }, context);
    for (const change of report.changes) {
      const line = changeLine(change, output.paint);
      if (line !== undefined) output.text(line);
    }
    output.text(hasChanges(report) ? `${stack}: ${countsLine(report)}` : `${stack}: nothing to change`);
    return { stack, changed: hasChanges(report), changes: report.counts, resources: report.changes };
  },
});

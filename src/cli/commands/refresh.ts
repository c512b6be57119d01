import { countsLine, hasChanges } from "../../engine/engine-report.ts";
import { refresh as refreshState } from "../../flows/environment/refresh.ts";
import { changeLine } from "../change-lines.ts";
import { defineCommand, STACK_OPTION, WAIT_OPTION } from "../define-command.ts";

export const refresh = defineCommand<{ readonly stack: string; readonly wait?: boolean }>({
  name: "refresh",
  summary: "read from the vendors what really exists and record it; a following `up` repairs what people changed",
  options: [STACK_OPTION, WAIT_OPTION],
  examples: ["kvshift refresh --stack dev"],
  run: async ({ stack, wait = false }, context) => {
    const { output } = context;
    const { report, unrecorded, refusedSecrets } = await refreshState(stack, { wait }, context);
    for (const change of report.changes) {
      const line = changeLine(change, output.paint);
      if (line !== undefined && change.operation !== "refresh") output.text(line);
    }
    output.text(hasChanges(report) ? `${stack} differs from its state: ${countsLine(report)}` : `${stack}: no drift`);
    const drift = hasChanges(report);
    return { stack, unrecorded, refusedSecrets, drift, changes: report.counts, resources: report.changes };
  },
});

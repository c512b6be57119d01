import { changeLine, countsLine, hasChanges } from "../change-lines.ts";
import { defineCommand, STACK_OPTION, WAIT_OPTION } from "../define-command.ts";
import { openEnvironment } from "../open-environment.ts";

export const refresh = defineCommand<{ readonly stack: string; readonly wait?: boolean }>({
  name: "refresh",
  summary: "read from the vendors what really exists and record it; a following `up` repairs what people changed",
  options: [STACK_OPTION, WAIT_OPTION],
  examples: ["kvshift refresh --stack dev"],
  run: async ({ stack, wait }, context) => {
    const { output } = context;
    await using environment = await openEnvironment(stack, context, {
      create: false,
      needsVendors: true,
      lock: wait === true ? "wait" : "refuse",
    });
    const report = await environment.session.refresh();
    for (const change of report.changes) {
      const line = changeLine(change, output);
      if (line !== undefined && change.operation !== "refresh") output.text(line);
    }
    output.text(hasChanges(report) ? `${stack} differs from its state: ${countsLine(report)}` : `${stack}: no drift`);
    return { stack, drift: hasChanges(report), changes: report.counts, resources: report.changes };
  },
});

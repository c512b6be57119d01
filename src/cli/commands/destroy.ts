import { countsLine } from "../../engine/engine-report.ts";
import { destroy as remove } from "../../flows/destroy/destroy.ts";
import { defineCommand, REMOVE_USED_OPTION, STACK_OPTION, WAIT_OPTION, YES_OPTION } from "../define-command.ts";

interface DestroyFlags {
  readonly stack: string;
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly removeUsed?: boolean;
}

export const destroy = defineCommand<DestroyFlags>({
  name: "destroy",
  summary: "remove an environment; in production everything protected stays: namespaces, gateway and live credentials",
  options: [STACK_OPTION, YES_OPTION, WAIT_OPTION, REMOVE_USED_OPTION],
  examples: ["kvshift destroy --stack dev", "kvshift destroy --stack dev --yes --json"],
  run: async ({ stack, yes, wait = false, removeUsed = false }, context) => {
    const result = await remove(stack, { yes, wait, removeUsed }, context);
    const { report, reconciled, fate, keptProtected, kept } = result;
    context.output.text(`${stack}: ${countsLine(report)}`);
    if (kept !== undefined) context.output.text(kept);
    return { stack, changes: report.counts, keptProtected, ...fate, reconciled };
  },
});

import { changeLine, countsLine } from "../change-lines.ts";
import { requireConfirmation } from "../confirm.ts";
import { defineCommand, STACK_OPTION, WAIT_OPTION, YES_OPTION } from "../define-command.ts";
import { openEnvironment } from "../open-environment.ts";

interface DestroyOptions {
  readonly stack: string;
  readonly yes?: boolean;
  readonly wait?: boolean;
}

export const destroy = defineCommand<DestroyOptions>({
  name: "destroy",
  summary: "remove an environment; in production everything protected stays: namespaces and live credentials",
  options: [STACK_OPTION, YES_OPTION, WAIT_OPTION],
  examples: ["kvshift destroy --stack dev", "kvshift destroy --stack dev --yes --json"],
  run: async ({ stack, yes, wait }, context) => {
    const { output } = context;
    await using environment = await openEnvironment(stack, context, {
      create: false,
      needsVendors: true,
      lock: wait === true ? "wait" : "refuse",
    });
    const keepProtected = environment.config.kind === "production";
    const question = keepProtected
      ? `Remove the unprotected part of ${stack}? Its services lose their variables with the next deploy.`
      : `Remove ${stack} and all data of its namespaces?`;
    await requireConfirmation(question, "removal", yes, context);
    output.emit({ type: "step-started", step: "Destroy" });
    const report = await environment.session.destroy(keepProtected, (change) => {
      const line = changeLine(change, output);
      if (line !== undefined) output.note(`${line} done`);
    });
    output.emit({ type: "step-finished", step: "Destroy", note: countsLine(report) });
    output.text(`${stack}: ${countsLine(report)}`);
    if (keepProtected)
      output.text("Namespaces and live credentials are protected: they stay, and the credentials stay valid.");
    return { stack, changes: report.counts, keptProtected: keepProtected };
  },
});

import { AppError } from "../../core/app-error.ts";
import { status as lookAt } from "../../flows/status/status.ts";
import { defineCommand, STACK_OPTION } from "../define-command.ts";
import { renderReport } from "../status-report.ts";

interface StatusFlags {
  readonly stack: string;
  readonly exitCode?: boolean;
}

export const status = defineCommand<StatusFlags>({
  name: "status",
  summary: "how an environment is: credentials, namespaces, group, services, drift; changes nothing",
  options: [STACK_OPTION, { flags: "--exit-code", description: "end with 3 where something needs attention" }],
  examples: ["kvshift status --stack dev", "kvshift status --stack prod --json --exit-code"],
  run: async ({ stack, exitCode }, context) => {
    const report = await lookAt(stack, context);
    context.output.text(renderReport(report, context.clock.now()));
    if (exitCode !== true || report.problems.length === 0) return { stack, ...report };
    throw new AppError("ATTENTION_NEEDED", {
      problem: `${stack} needs attention.`,
      details: report.problems.map(({ what }) => what),
      fix: "Each problem has its own fix (with --json: problems[].fix).",
      data: { stack, ...report },
    });
  },
});

import { AppError } from "../../core/app-error.ts";
import { vendorsOf } from "../../flows/environment/connect-vendors.ts";
import { defineCommand, STACK_OPTION } from "../define-command.ts";
import { openEnvironment } from "../../flows/environment/open-environment.ts";
import { BEFORE_ANY_EXPIRY } from "../../flows/status/account-sharing.ts";
import { judge } from "../../flows/status/judge.ts";
import { observe } from "../../flows/status/observe.ts";
import { renderReport } from "../status-report.ts";

interface StatusOptions {
  readonly stack: string;
  readonly exitCode?: boolean;
}

const STEP = "Look at the state and both vendors";

export const status = defineCommand<StatusOptions>({
  name: "status",
  summary: "how an environment is: credentials, namespaces, group, services, drift; changes nothing",
  options: [STACK_OPTION, { flags: "--exit-code", description: "end with 3 where something needs attention" }],
  examples: ["kvshift status --stack dev", "kvshift status --stack prod --json --exit-code"],
  run: async ({ stack, exitCode }, context) => {
    const { output, clock } = context;
    // A credential that has expired is what people look for here: it must not be refused as a configuration.
    await using environment = await openEnvironment(
      stack,
      { ...context, clock: BEFORE_ANY_EXPIRY },
      { create: false, needsVendors: true, lock: "none" },
    );
    output.emit({ type: "step-started", step: STEP });
    const observation = await observe(environment, vendorsOf(context));
    output.emit({ type: "step-finished", step: STEP });
    const report = judge(observation, clock.now());
    output.text(renderReport(report, clock.now()));
    if (exitCode !== true || report.problems.length === 0) return { stack, ...report };
    throw new AppError("ATTENTION_NEEDED", {
      problem: `${stack} needs attention.`,
      details: report.problems.map(({ what }) => what),
      fix: "Each problem has its own fix (with --json: problems[].fix).",
      data: { stack, ...report },
    });
  },
});

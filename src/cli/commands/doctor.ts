import { AppError } from "../../core/app-error.ts";
import type { Check } from "../../flows/doctor/check.ts";
import { checkUp } from "../../flows/doctor/checkup.ts";
import { findCli } from "../../flows/doctor/machine.ts";
import { defineCommand, STACK_OPTION } from "../define-command.ts";
import { renderTable } from "../output.ts";

interface DoctorOptions {
  readonly stack?: string;
}

export const doctor = defineCommand<DoctorOptions>({
  name: "doctor",
  summary: "check what a run needs, and say how to mend what is missing",
  options: [
    {
      ...STACK_OPTION,
      description: "the environment; without it every file is checked, and no vendor is asked",
      required: false,
    },
  ],
  examples: ["kvshift doctor", "kvshift doctor --stack dev"],
  run: async ({ stack }, { cwd, env, clock, signal, output }) => {
    const checks = await checkUp({
      stack,
      cwd,
      env,
      clock,
      signal,
      fetch,
      findCli,
      nodeVersion: process.versions.node,
    });
    output.text(report(checks));
    const failed = checks.filter(({ ok }) => ok === false);
    if (failed.length === 0) return { checks };
    throw new AppError("CHECKUP_FAILED", {
      problem: `${String(failed.length)} of ${String(checks.length)} checks failed.`,
      details: failed.map(({ name, found }) => `${name}: ${found}`),
      fix: "Mend each as its fix says (with --json: checks[].fix), then run it again.",
      data: { checks },
    });
  },
});

/** A table of all checks, and under it how to mend what needs it. */
function report(checks: readonly Check[]): string {
  const table = renderTable(
    ["", "CHECK", "FOUND"],
    checks.map((check) => [mark(check), check.name, check.found]),
  );
  const fixes = checks.flatMap(({ name, fix }) => (fix === undefined ? [] : [`${name}:`, ...indented(fix)]));
  return fixes.length === 0 ? table : [table, "", ...fixes].join("\n");
}

function mark({ ok, fix }: Check): string {
  if (ok === "skipped") return "–";
  if (!ok) return "✗";
  return fix === undefined ? "✓" : "!";
}

function indented(text: string): string[] {
  return text.split("\n").map((line) => `  ${line}`);
}

import { AppError } from "../../core/app-error.ts";
import { type Role, ROLES } from "../../core/names.ts";
import { durationOf } from "../../core/times.ts";
import { abortRotation, rotate, type RotateOptions, type RotateResult } from "../../flows/rotate/apply.ts";
import { rotationPlan, type RotationStatus, rotationStatus } from "../../flows/rotate/look.ts";
import { ageLine } from "../../flows/rotate/observe.ts";
import { stageLine } from "../../flows/rotate/plan.ts";
import { defineCommand, type OptionDefinition, STACK_OPTION, WAIT_OPTION, YES_OPTION } from "../define-command.ts";
import { renderTable } from "../output.ts";

interface StageFlags {
  readonly stack: string;
  readonly role: Role | "all";
}

interface WindowFlags extends StageFlags {
  readonly quiet: string;
  readonly refusals: string;
  readonly emergency?: boolean;
}

interface RotateFlags extends WindowFlags {
  readonly idle?: readonly string[];
  readonly reason?: string;
  readonly ticket?: string;
  readonly commit?: boolean;
  readonly acceptFile?: boolean;
  readonly yes?: boolean;
  readonly wait?: boolean;
}

const ROLE_OPTION: OptionDefinition = {
  flags: "--role <role>",
  description: "whose credentials",
  choices: [...ROLES, "all"],
  default: "all",
};
const WINDOW_OPTIONS: readonly OptionDefinition[] = [
  {
    flags: "--quiet <duration>",
    description: "how long nobody may have used the old credential, at least 1m",
    default: "10m",
  },
  { flags: "--refusals <duration>", description: "how long the suspended credential is watched", default: "2m" },
];
const EMERGENCY_OPTION: OptionDefinition = {
  flags: "--emergency",
  description: "the secret leaked: refuse it first, then give the services another one",
};
const APPLY_OPTIONS: readonly OptionDefinition[] = [
  STACK_OPTION,
  ROLE_OPTION,
  ...WINDOW_OPTIONS,
  { flags: "--idle <service...>", description: "ids of services that never call KV: nothing is seen of them" },
  { flags: "--reason <text>", description: "why, for the audit log" },
  { flags: "--ticket <text>", description: "where it was decided, for the audit log" },
  { flags: "--commit", description: "commit and push each edit and each record before its effect" },
  { flags: "--accept-file", description: "go on although somebody edited the file since the last step" },
  YES_OPTION,
  WAIT_OPTION,
];

export const rotatePlan = defineCommand<WindowFlags>({
  name: "rotate plan",
  summary: "what a rotation of credentials would do from where it stands; changes nothing",
  options: [STACK_OPTION, ROLE_OPTION, ...WINDOW_OPTIONS, EMERGENCY_OPTION],
  examples: ["kvshift rotate plan --stack prod", "kvshift rotate plan --stack prod --role application --json"],
  run: async ({ stack, role, quiet, refusals, emergency = false }, context) => {
    const options = {
      quiet: ageLine(windowOf("--quiet", quiet)),
      refusals: ageLine(windowOf("--refusals", refusals)),
      emergency,
    };
    const { stages, steps } = await rotationPlan(stack, rolesOf(role), options, context);
    for (const stage of stages) context.output.text(stageLine(stage));
    const rows = steps.map(({ step, roles, what }, index) => [String(index + 1), step, roles.join(", "), what]);
    context.output.text(renderTable(["#", "STEP", "ROLES", "WHAT"], rows));
    return { stack, stages, steps };
  },
});

export const rotateApply = defineCommand<RotateFlags>({
  name: "rotate apply",
  summary: "replace the credentials of a live environment without a failed request, or go on with what was begun",
  options: [...APPLY_OPTIONS, EMERGENCY_OPTION],
  examples: [
    "kvshift rotate apply --stack prod --role application --ticket OPS-12",
    "kvshift rotate apply --stack prod --yes --commit --json",
    "kvshift rotate apply --stack prod --role application --emergency --reason leaked",
  ],
  run: async (flags, context) => {
    const result = await rotate(flags.stack, optionsOf(flags), context);
    context.output.text(closingLine(flags.stack, result));
    return { stack: flags.stack, ...result };
  },
});

export const rotateAbort = defineCommand<RotateFlags>({
  name: "rotate abort",
  summary: "go back to the old credential while it exists; the new one ends in the same careful steps",
  options: APPLY_OPTIONS,
  examples: ["kvshift rotate abort --stack prod", "kvshift rotate abort --stack prod --yes --json"],
  run: async (flags, context) => {
    const result = await abortRotation(flags.stack, optionsOf(flags), context);
    context.output.text(closingLine(flags.stack, result));
    return { stack: flags.stack, ...result };
  },
});

export const rotateStatus = defineCommand<StageFlags>({
  name: "rotate status",
  summary: "where a rotation stands, who holds which credential, what is due; ends with 3 when something is due",
  options: [STACK_OPTION, ROLE_OPTION],
  examples: ["kvshift rotate status --stack prod", "kvshift rotate status --stack prod --json"],
  run: async ({ stack, role }, context) => {
    const status = await rotationStatus(stack, rolesOf(role), context);
    for (const line of statusLines(status)) context.output.text(line);
    const due = status.due.filter(({ why }) => why !== undefined);
    if (due.length === 0) return { stack, ...status };
    throw new AppError("ROTATION_DUE", {
      problem: `${stack}: ${String(due.length)} credential(s) are due.`,
      details: due.map(({ credential, why = "" }) => `${credential}: ${why}`),
      fix: `kvshift rotate apply --stack ${stack}`,
      data: { stack, ...status },
    });
  },
});

function optionsOf(flags: RotateFlags): RotateOptions {
  const { role, quiet, refusals, idle = [], reason, ticket, yes } = flags;
  return {
    roles: rolesOf(role),
    quietMs: windowOf("--quiet", quiet),
    refusalsMs: windowOf("--refusals", refusals),
    idle,
    reason,
    ticket,
    yes,
    wait: flags.wait === true,
    commit: flags.commit === true,
    acceptFile: flags.acceptFile === true,
    emergency: flags.emergency === true,
  };
}

function rolesOf(role: Role | "all"): readonly Role[] {
  return role === "all" ? ROLES : [role];
}

const LEAST_MS = 60_000;

/** A window in milliseconds: `90s`, `10m`, `1h`. */
function windowOf(flag: string, text: string): number {
  const milliseconds = durationOf(text);
  if (milliseconds !== undefined && milliseconds >= LEAST_MS) return milliseconds;
  throw new AppError("USAGE", {
    problem: `${flag} takes a duration of at least 1m, not ${JSON.stringify(text)}: the ledger of uses is up to a minute behind.`,
    fix: "Write a number with s, m, h or d, like 10m.",
  });
}

function closingLine(stack: string, { live, revoked }: RotateResult): string {
  return `${stack}: ${live.join(", ")} in use; ${revoked.join(", ")} revoked`;
}

function statusLines({ stages, due, usage }: RotationStatus): string[] {
  const ages = due.map(({ credential, ageDays, daysLeft }) => [
    credential,
    ageDays === undefined ? "unknown" : `${String(ageDays)} days`,
    daysLeft === undefined ? "never" : `${String(daysLeft)} days`,
  ]);
  const seen = (usage?.uses ?? []).map(({ credential, client, lastAt }) => [
    credential,
    `${client} (reported)`,
    `used ${ageLine((usage?.now ?? lastAt) - lastAt)} ago`,
  ]);
  const refused = (usage?.refusals ?? []).map(({ credential, client, lastAt, count }) => [
    credential,
    `${client} (reported)`,
    `refused ${String(count)} times, ${ageLine((usage?.now ?? lastAt) - lastAt)} ago`,
  ]);
  return [
    ...stages.map(stageLine),
    "",
    renderTable(["IN USE", "AGE", "ENDS IN"], ages),
    ...(seen.length + refused.length === 0
      ? []
      : ["", renderTable(["CREDENTIAL", "CLIENT", "SEEN"], [...seen, ...refused])]),
  ];
}

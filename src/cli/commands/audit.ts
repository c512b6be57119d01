import { resolve } from "node:path";

import writeFileAtomic from "write-file-atomic";

import type { AuditRecord } from "../../audit/record.ts";
import { AppError } from "../../core/app-error.ts";
import { ROLES } from "../../core/names.ts";
import { toCsv, toNdjson } from "../../flows/audit/export.ts";
import { reconcileAudit } from "../../flows/audit/reconcile.ts";
import { readRecords, type RecordFilter, verifyAudit } from "../../flows/audit/read-records.ts";
import { timelineSvg } from "../../flows/audit/timeline-svg.ts";
import { lastRotation, timelineOf } from "../../flows/audit/timeline.ts";
import { defineCommand, type OptionDefinition, STACK_OPTION } from "../define-command.ts";
import { renderTable } from "../output.ts";

interface FilterFlags {
  readonly stack: string;
  readonly since?: string;
  readonly until?: string;
  readonly role?: string;
  readonly flow?: string;
}

const FILTER_OPTIONS: readonly OptionDefinition[] = [
  { flags: "--since <time>", description: "records from this time on, like 2026-12-01 or 2026-12-01T09:30:00Z" },
  { flags: "--until <time>", description: "records before this time" },
  { flags: "--role <role>", description: "records about the credentials of this role", choices: ROLES },
  { flags: "--flow <flow>", description: "records of this flow: up, destroy, adopt, refresh, rotate" },
];

export const auditShow = defineCommand<FilterFlags>({
  name: "audit show",
  summary: "what was done to an environment, by whom and when",
  options: [STACK_OPTION, ...FILTER_OPTIONS],
  examples: [
    "kvshift audit show --stack prod --since 2026-12-01",
    "kvshift audit show --stack prod --role operator --json",
  ],
  run: async ({ stack, ...flags }, context) => {
    const records = await readRecords(stack, filterOf(flags), context);
    const table = renderTable(["#", "TIME", "WHAT", "RESULT", "TOOK", "BY", "COMMIT"], records.map(row));
    context.output.text(records.length === 0 ? `${stack}: no such record` : table);
    return { stack, records };
  },
});

export const auditVerify = defineCommand<{ readonly stack: string }>({
  name: "audit verify",
  summary:
    "whether the audit log is what was written; ends with 3 at the first record that was changed, removed or cut",
  options: [STACK_OPTION],
  examples: ["kvshift audit verify --stack prod", "kvshift audit verify --stack prod --json"],
  run: async ({ stack }, context) => {
    const { records, head, comparedWithStack, newerThanStack, signed, repaired, path } = await verifyAudit(
      stack,
      context,
    );
    const count = records.length;
    const stackSays = comparedWithStack ? "ends where the stack remembers" : "the stack remembers no end of it";
    context.output.text(`${stack}: ${String(count)} record(s), whole and in order; ${stackSays}`);
    if (newerThanStack > 0) context.output.text(`${String(newerThanStack)} record(s) are newer: a run broke off there`);
    if (repaired > 0)
      context.output.text(`${String(repaired)} torn line(s) of crashes, each with a record that says so`);
    if (signed > 0) context.output.text(`${String(signed)} signature(s) fit the configured key`);
    return { stack, path, records: count, head, comparedWithStack, newerThanStack, signed, repaired };
  },
});

export const auditExport = defineCommand<FilterFlags & { readonly format: "csv" | "ndjson" }>({
  name: "audit export",
  summary: "the records on standard output, for a spreadsheet or another log",
  options: [
    STACK_OPTION,
    ...FILTER_OPTIONS,
    { flags: "--format <format>", description: "csv or ndjson", choices: ["csv", "ndjson"], default: "csv" },
  ],
  examples: ["kvshift audit export --stack prod > audit.csv", "kvshift audit export --stack prod --format ndjson"],
  run: async ({ stack, format, ...flags }, context) => {
    const records = await readRecords(stack, filterOf(flags), context);
    if (context.output.json) return { stack, records };
    context.output.raw(format === "csv" ? toCsv(records) : toNdjson(records));
    return undefined;
  },
});

export const auditReconcile = defineCommand<{ readonly stack: string; readonly since?: string }>({
  name: "audit reconcile",
  summary:
    "compare the log with Cloudflare's own: changes that no record explains, records that Cloudflare does not know",
  options: [STACK_OPTION, { flags: "--since <time>", description: "compare from this time on (default: all)" }],
  examples: ["kvshift audit reconcile --stack prod", "kvshift audit reconcile --stack prod --since 2026-12-01 --json"],
  run: async ({ stack, since }, context) => {
    const comparison = await reconcileAudit(stack, timeOf("--since", since), context);
    context.output.text(
      `${stack}: ${String(comparison.explained)} change(s) at Cloudflare, each explained by a record`,
    );
    return { stack, ...comparison };
  },
});

export const auditTimeline = defineCommand<FilterFlags & { readonly out?: string }>({
  name: "audit timeline",
  summary: "a picture of the last rotation: each credential, deploys, last uses and refusals over time, as SVG",
  options: [
    STACK_OPTION,
    ...FILTER_OPTIONS,
    { flags: "--out <file>", description: "where to write it (default: standard output)" },
  ],
  examples: [
    "kvshift audit timeline --stack prod --out rotation.svg",
    "kvshift audit timeline --stack prod --since 2026-12-01",
  ],
  run: async ({ stack, out, ...flags }, context) => {
    const records = await readRecords(stack, filterOf(flags), context);
    const shown = flags.since === undefined && flags.until === undefined ? lastRotation(records) : records;
    if (shown.length === 0) {
      throw new AppError("USAGE", {
        problem: `The audit log of ${stack} has no such record to draw.`,
        fix: "See `kvshift audit show`, or take a wider time.",
      });
    }
    const timeline = timelineOf(shown);
    const svg = timelineSvg(
      `${stack}: credentials, ${shown[0]?.time.slice(0, 16).replace("T", " ") ?? ""} UTC`,
      timeline,
    );
    if (out !== undefined) await writeFileAtomic(resolve(context.cwd, out), svg);
    else if (!context.output.json) context.output.raw(svg);
    if (out !== undefined) context.output.text(`${out} written: ${String(shown.length)} record(s)`);
    return context.output.json ? { stack, ...timeline, ...(out === undefined ? {} : { out }) } : undefined;
  },
});

function filterOf({ since, until, role, flow }: Omit<FilterFlags, "stack">): RecordFilter {
  return { since: timeOf("--since", since), until: timeOf("--until", until), role, flow };
}

function timeOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  // Without a zone, a time would mean another one on each machine.
  const time = /^\d{4}-\d{2}-\d{2}(T.*(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new AppError("USAGE", {
    problem: `${flag} is no time: ${JSON.stringify(text)}.`,
    fix: "Write a day or a time with its zone, like 2026-12-01 or 2026-12-01T09:30:00Z.",
  });
}

function row({ sequence, time, flow, step, kind, outcome, roles, durationMs, by, commit }: AuditRecord): string[] {
  const what = [flow, step, ...(roles ?? [])].filter((part) => part !== undefined).join(" ");
  return [
    String(sequence),
    `${time.slice(0, 19).replace("T", " ")}Z`,
    what,
    outcome ?? kind,
    durationMs === undefined ? "" : `${(durationMs / 1000).toFixed(1)} s`,
    by.kind === "ci" ? by.name : `${by.name}@${by.machine}`,
    commit === undefined ? "" : commit.replace(/^([0-9a-f]{8})[0-9a-f]*/, "$1"),
  ];
}

import type { AuditRecord } from "../../audit/record.ts";

const COLUMNS = [
  "sequence",
  "time",
  "environment",
  "flow",
  "step",
  "kind",
  "outcome",
  "roles",
  "by",
  "machine",
  "commit",
  "run",
  "durationMs",
  "details",
] as const;

/** Records as RFC 4180 CSV with a head line; every line ends with CRLF. Pure. */
export function toCsv(records: readonly AuditRecord[]): string {
  return [COLUMNS.join(","), ...records.map(csvLine)].map((line) => `${line}\r\n`).join("");
}

/** Records as they are chained, one JSON object a line, without hashes. Pure. */
export function toNdjson(records: readonly AuditRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

function csvLine(record: AuditRecord): string {
  const { roles, by, details, ...rest } = record;
  const flat: Readonly<Record<string, string | number | object | undefined>> = {
    ...rest,
    roles: roles?.join(" "),
    by: by.name,
    machine: by.machine,
    details,
  };
  return COLUMNS.map((column) => csvField(flat[column])).join(",");
}

/** A sheet would take a text that begins with one of these for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

function csvField(value: string | number | object | undefined): string {
  if (value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const safe = typeof value === "string" && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

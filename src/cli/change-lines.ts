import type { EngineReport, ResourceChange } from "../engine/engine-report.ts";
import { RESOURCE_TYPES } from "../policy/model.ts";
import type { Output } from "./output.ts";

const SIGNS: Readonly<Record<string, string>> = {
  create: "+",
  "create-replacement": "+",
  update: "~",
  replace: "±",
  delete: "-",
  "delete-replaced": "-",
  refresh: "↻",
  import: "=",
  "import-replacement": "=",
};

const TYPE_NAMES: Readonly<Record<string, string>> = {
  [RESOURCE_TYPES.namespace]: "KV namespace",
  [RESOURCE_TYPES.accountToken]: "account token",
  [RESOURCE_TYPES.randomPassword]: "gateway credential",
  [RESOURCE_TYPES.worker]: "Worker",
  [RESOURCE_TYPES.workerVersion]: "Worker version",
  [RESOURCE_TYPES.customDomain]: "host name",
  [RESOURCE_TYPES.group]: "environment group",
  [RESOURCE_TYPES.groupLink]: "environment group link",
};

/** Components and providers exist only in state. */
const ONLY_IN_STATE = /^(kvshift:index:|pulumi:providers:)/;

/** One line for a change of a resource; none for what exists only in state. */
export function changeLine(change: ResourceChange, output: Output): string | undefined {
  if (ONLY_IN_STATE.test(change.type)) return undefined;
  const sign = SIGNS[change.operation] ?? "·";
  const colour = sign === "-" ? "red" : sign === "+" ? "green" : "yellow";
  const what = `${TYPE_NAMES[change.type] ?? change.type} ${change.name}`;
  const which = change.properties.length > 0 ? ` (${change.properties.join(", ")})` : "";
  return `  ${output.paint(colour, sign)} ${what}${which}`;
}

/** How many resources each operation touched, in one sentence. */
export function countsLine({ counts }: Pick<EngineReport, "counts">): string {
  const parts = Object.entries(counts).map(([operation, count]) => `${String(count)} ${operation}`);
  return parts.length > 0 ? parts.join(", ") : "nothing";
}

/** Whether the engine would change or did change anything. */
export function hasChanges({ counts }: Pick<EngineReport, "counts">): boolean {
  return Object.entries(counts).some(([operation, count]) => operation !== "same" && count > 0);
}

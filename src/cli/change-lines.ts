import type { ResourceChange } from "../core/events.ts";
import { kindName } from "../stack/types.ts";

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

/** Components and providers exist only in state. */
const ONLY_IN_STATE = /^(kvshift:index:|pulumi:providers:)/;

export type Paint = (style: Style, text: string) => string;
export type Style = "green" | "red" | "yellow" | "cyan" | "dim" | "bold";

/** One line for a change of a resource; none for what exists only in state. */
export function changeLine(change: ResourceChange, paint: Paint): string | undefined {
  if (ONLY_IN_STATE.test(change.type)) return undefined;
  const sign = SIGNS[change.operation] ?? "·";
  const colour = sign === "-" ? "red" : sign === "+" ? "green" : "yellow";
  const what = `${kindName(change.type)} ${change.name}`;
  const which = change.properties.length > 0 ? ` (${change.properties.join(", ")})` : "";
  return `  ${paint(colour, sign)} ${what}${which}`;
}

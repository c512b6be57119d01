import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { policyDocument } from "../../src/policy/document.ts";
import { ALL_RULES, type ListedRule } from "../../src/policy/rules.ts";

const RULE: ListedRule = {
  name: "a-rule",
  description: "It holds.",
  reason: "It must.",
  fix: "Mend it.",
  checked: "plan",
  level: "mandatory",
  afterCreation: false,
};

function rowsUnder(document: string, heading: string): readonly string[] {
  const section = document.split("\n## ").find((text) => text.startsWith(heading)) ?? "";
  return section.split("\n").filter((line) => line.startsWith("| `"));
}

describe("policyDocument", () => {
  it("has one row for each rule, with its level, what must hold, why and the fix", () => {
    const rows = policyDocument(ALL_RULES)
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    expect(rows.map((row) => row.split("`")[1])).toEqual(ALL_RULES.map(({ name }) => name));
    expect(rowsUnder(policyDocument([RULE]), "Checked by kvshift in the plan")).toEqual([
      "| `a-rule` | mandatory | It holds. | It must. | Mend it. |",
    ]);
  });

  it("puts a rule under the heading of where it is checked", () => {
    const document = policyDocument([{ ...RULE, checked: "state" }]);
    expect(rowsUnder(document, "Checked by kvshift in the recorded state")).toHaveLength(1);
    expect(rowsUnder(document, "Checked by kvshift in the plan")).toEqual([]);
  });

  it("says of an advisory rule, and of one that may wait, that it is", () => {
    const document = policyDocument([
      { ...RULE, level: "advisory" },
      { ...RULE, afterCreation: true },
    ]);
    expect(rowsUnder(document, "Checked by kvshift in the plan").map((row) => row.split(" | ")[1])).toEqual([
      "advisory",
      "mandatory, after creation",
    ]);
  });
});

describe("docs/policy.md", () => {
  it("is what the rules generate", () => {
    const script = fileURLToPath(new URL("../../scripts/generate-policy-docs.ts", import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { policyDocument } from "../../src/policy/document.ts";
import { RULES } from "../../src/policy/rules.ts";

describe("policyDocument", () => {
  it("has one row for each rule, with what must hold, why and the fix", () => {
    const rows = policyDocument(RULES)
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    expect(rows).toEqual(
      RULES.map(({ name, description, reason, fix }) => `| \`${name}\` | ${description} | ${reason} | ${fix} |`),
    );
  });

  it("follows the rules that it is given", () => {
    const [first] = RULES;
    if (!first) throw new Error("there are no rules");
    expect(policyDocument([{ ...first, fix: "Mend it." }])).toContain("| Mend it. |\n");
  });
});

describe("docs/policy.md", () => {
  it("is what the rules generate", () => {
    const script = fileURLToPath(new URL("../../scripts/generate-policy-docs.ts", import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

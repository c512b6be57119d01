import { globSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { ALL_RULES, PLAN_RULES, RULES, STATE_RULES } from "../../src/policy/rules.ts";

const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url));

function namesIn(pattern: string, ending: string): readonly string[] {
  return globSync(pattern, { cwd: CHECKOUT })
    .map((file) => basename(file, ending))
    .toSorted();
}

describe.each([
  ["RULES", RULES, "rules"],
  ["PLAN_RULES", PLAN_RULES, "plan-rules"],
  ["STATE_RULES", STATE_RULES, "state-rules"],
] as const)("%s", (_, rules, folder) => {
  const names = rules.map(({ name }) => name).toSorted();

  it("holds every rule of its folder, each in a file of its name", () => {
    expect(namesIn(`src/policy/${folder}/*.ts`, ".ts")).toEqual(names);
  });

  it("has a test for each rule as a function", () => {
    expect(namesIn(`tests/policy/${folder}/*.test.ts`, ".test.ts")).toEqual(names);
  });
});

describe("ALL_RULES", () => {
  it("lists every rule of the three tables", () => {
    const tables = [...RULES, ...PLAN_RULES, ...STATE_RULES].map(({ name }) => name);
    expect(ALL_RULES.map(({ name }) => name)).toEqual(tables);
  });

  it("says where each rule is checked", () => {
    const places = Object.groupBy(ALL_RULES, ({ checked }) => checked);
    const counts = Object.entries(places).map(([place, rules]) => [place, rules?.length]);
    expect(counts).toEqual([
      ["preview and update", RULES.length],
      ["plan", PLAN_RULES.length],
      ["state", STATE_RULES.length],
    ]);
  });

  it("has kebab-case names, each once", () => {
    const names = ALL_RULES.map(({ name }) => name);
    expect(names.filter((name) => !/^[a-z]+(?:-[a-z]+)+$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it("says in a sentence of each rule what must hold, why, and how to mend it", () => {
    const sentences = ALL_RULES.flatMap(({ description, reason, fix }) => [description, reason, fix]);
    expect(sentences.filter((text) => !/^\S.*\.$/.test(text) || text.includes("\n"))).toEqual([]);
  });
});

import { readFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { CHECKS } from "../../../src/config/checks.ts";
import { configurationDocument } from "../../../src/config/documentation.ts";
import { keyNotes } from "../../../src/config/key-notes.ts";
import { environmentSchema } from "../../../src/config/schema.ts";
import { children, required } from "../../../src/config/schema-nodes.ts";

type Leaf = readonly [key: string, schema: z.core.$ZodType];

function leaves(parent: z.core.$ZodType, prefix = ""): Leaf[] {
  return children(parent).flatMap(([name, schema]): Leaf[] => {
    const inner = leaves(required(schema), `${prefix}${name}.`);
    return inner.length > 0 ? inner : [[`${prefix}${name}`, required(schema)]];
  });
}

describe("docs/configuration.md", () => {
  it("is what the schema and the checks say", async () => {
    const committed = await readFile(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
    expect(committed).toBe(configurationDocument());
  });

  it("has a line for each rule, and no rule twice", () => {
    const rules = CHECKS.map(({ rule }) => rule);
    expect(new Set(rules).size).toBe(rules.length);
    for (const rule of rules) expect(configurationDocument()).toContain(`\n- ${rule}\n`);
  });
});

describe("the notes of keys", () => {
  const all = leaves(environmentSchema);

  it("exist for every key that holds a value", () => {
    expect(all.length).toBeGreaterThan(30);
    expect(all.filter(([, schema]) => !keyNotes.has(schema)).map(([key]) => key)).toEqual([]);
  });

  it.each(all)("give a valid example of %s", (_key, schema) => {
    expect(z.safeParse(schema, parse(keyNotes.get(schema)?.example ?? ""))).toMatchObject({ success: true });
  });
});

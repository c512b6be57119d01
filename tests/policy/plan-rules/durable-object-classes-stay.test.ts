import { describe, expect, it } from "vitest";

import { rule } from "../../../src/policy/plan-rules/durable-object-classes-stay.ts";
import type { PropertyMap, PropertyValue } from "../../../src/state/properties.ts";
import { check, step, urnOf } from "../planned.ts";

const CLASS = { type: "durable-object", storage: "sqlite" };

function exporting(exports: PropertyValue, more: PropertyMap = {}): PropertyMap {
  return { exports, ...more };
}

/** A new version of the same resource, as the engine tells it. */
function replaced(before: PropertyMap, after: PropertyMap) {
  return [
    step("create-replacement", "workerVersion", "gateway", before, after),
    step("replace", "workerVersion", "gateway", before, after),
    step("delete-replaced", "workerVersion", "gateway", before, undefined),
  ];
}

function broken(className: string, name = "gateway") {
  const message = `Worker version ${name} ends the Durable Object class ${className}.`;
  return { message, urn: urnOf("workerVersion", name) };
}

describe("durable-object-classes-stay", () => {
  it("holds where classes stay and others come", () => {
    const steps = replaced(exporting({ Keys: CLASS }), exporting({ Keys: CLASS, Shards: CLASS }));
    expect(check(rule, "production", ...steps)).toEqual([]);
    const same = step("same", "workerVersion", "gateway", exporting({ Keys: CLASS }), exporting({ Keys: CLASS }));
    expect(check(rule, "production", same)).toEqual([]);
  });

  it.each([
    ["are gone", {}],
    ["are no map", null],
    ["are secret", "[secret]"],
    ["hold a Worker of that name", { Keys: { type: "worker" } }],
  ] as const)("reports a class once where the exports of the new version %s", (_, exports) => {
    const steps = replaced(exporting({ Keys: CLASS }), exporting(exports));
    expect(check(rule, "production", ...steps)).toEqual([broken("Keys")]);
  });

  it.each(["development", "preview", "production"])("reports it in %s", (kind) => {
    expect(check(rule, kind, ...replaced(exporting({ Keys: CLASS }), exporting({})))).toEqual([broken("Keys")]);
  });

  it("lets a class be renamed or handed to another Worker with its objects", () => {
    const before = exporting({ Keys: CLASS, Shards: CLASS });
    const after = exporting({
      Keys: { type: "durable-object", state: "renamed", renamedTo: "Cells" },
      Cells: CLASS,
      Shards: { type: "durable-object", state: "transferred", transferredTo: "other" },
    });
    expect(check(rule, "production", ...replaced(before, after))).toEqual([]);
    // The next version need not name what is gone by then.
    expect(check(rule, "production", ...replaced(after, exporting({ Cells: CLASS })))).toEqual([]);
  });

  it("reports a class that is declared deleted, known or not", () => {
    const tombstone = { type: "durable-object", state: "deleted" };
    const steps = replaced(exporting({ Keys: CLASS }), exporting({ Keys: tombstone, Other: tombstone }));
    expect(check(rule, "production", ...steps)).toEqual([broken("Keys"), broken("Other")]);
  });

  it("reports classes that a migration deletes, at once or in a step", () => {
    const migrations = { newTag: "v2", deletedClasses: ["Keys"], steps: [{ deletedClasses: ["Shards"] }, {}] };
    const steps = replaced({}, exporting({}, { migrations }));
    expect(check(rule, "development", ...steps)).toEqual([broken("Keys"), broken("Shards")]);
  });

  it("lets a migration create and rename classes", () => {
    const migrations = { newTag: "v1", newSqliteClasses: ["Keys"], renamedClasses: [{ from: "A", to: "B" }] };
    const created = step("create", "workerVersion", "gateway", undefined, exporting({}, { migrations }));
    expect(check(rule, "production", created)).toEqual([]);
  });

  it("compares a version with the one that takes its place under another name", () => {
    const gone = step("delete", "workerVersion", "old", exporting({ Keys: CLASS, Shards: CLASS }), undefined);
    const next = step("create", "workerVersion", "new", undefined, exporting({ Keys: CLASS }));
    expect(check(rule, "production", gone, next)).toEqual([broken("Shards", "old")]);
  });

  it("says nothing of a version that goes without another: what is deployed stays", () => {
    const gone = step("delete", "workerVersion", "gateway", exporting({ Keys: CLASS }), undefined);
    expect(check(rule, "production", gone)).toEqual([]);
  });

  it("keeps the versions of two Workers apart", () => {
    const other = step("same", "workerVersion", "other", exporting({ Keys: CLASS }), exporting({ Keys: CLASS }));
    const steps = replaced(exporting({ Keys: CLASS }), exporting({}));
    expect(check(rule, "production", other, ...steps)).toEqual([broken("Keys")]);
  });
});

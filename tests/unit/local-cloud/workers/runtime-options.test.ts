import { describe, expect, test } from "vitest";

import { sqliteClassesOf, versionSchema } from "../../../../local-cloud/cloudflare/worker-schemas.ts";
import { runtimeOptions } from "../../../../local-cloud/workers/runtime-options.ts";

const MODULE = { name: "main.js", content_type: "application/javascript+module", content_base64: "" };

function optionsOf(fields: object, sqliteClasses: readonly string[] = []) {
  const input = versionSchema.parse({ main_module: "main.js", modules: [MODULE], ...fields });
  const version = { workerId: "w", input, sqliteClasses: new Set(sqliteClasses), keysOf: () => undefined };
  return runtimeOptions(version, "2026-07-30");
}

describe("what a version needs of the runtime", () => {
  test("is its date, as far as the local runtime knows it, and its flags", () => {
    expect(optionsOf({ compatibility_date: "2026-07-01", compatibility_flags: ["nodejs_compat"] })).toMatchObject({
      compatibilityDate: "2026-07-01",
      compatibilityFlags: ["nodejs_compat"],
    });
    expect(optionsOf({ compatibility_date: "2026-08-01" })).toMatchObject({ compatibilityDate: "2026-07-30" });
  });

  test("is its modules by their types, the main one first", () => {
    const modules = [
      { name: "data.bin", content_type: "application/octet-stream", content_base64: "AP8=" },
      { name: "note.txt", content_type: "text/plain", content_base64: Buffer.from("é").toString("base64") },
      MODULE,
    ];
    expect(optionsOf({ modules }).modules).toEqual([
      { type: "ESModule", path: "main.js", contents: "" },
      { type: "Data", path: "data.bin", contents: new Uint8Array([0, 255]) },
      { type: "Text", path: "note.txt", contents: "é" },
    ]);
  });

  test.each([
    [
      "a module of no known type",
      { modules: [MODULE, { ...MODULE, name: "x.py", content_type: "text/x-python" }] },
      /x\.py/,
    ],
    ["no main module", { main_module: undefined }, /no main module/],
    ["a binding of another type", { bindings: [{ name: "B", type: "r2_bucket" }] }, /B: .* r2_bucket/],
    ["a text that is missing", { bindings: [{ name: "B", type: "plain_text" }] }, /B: text is missing/],
    [
      "a Durable Object of another Worker",
      { bindings: [{ name: "B", type: "durable_object_namespace", class_name: "C", script_name: "other" }] },
      /B: .* another Worker/,
    ],
    [
      "a class that nothing declares",
      { bindings: [{ name: "B", type: "durable_object_namespace", class_name: "C" }] },
      /B: .* class C/,
    ],
  ])("is refused where it has %s", (_, fields, message) => {
    expect(() => optionsOf(fields)).toThrow(message);
  });

  test("has its Durable Objects where an export or a migration declares their class", () => {
    const bindings = [{ name: "B", type: "durable_object_namespace", class_name: "C" }];
    const exports = { C: { type: "durable-object", storage: "sqlite" }, D: { type: "worker" } };
    const declared = [{ exports }, { migrations: { new_tag: "v1", new_sqlite_classes: ["C"] } }];
    for (const fields of declared) {
      const classes = sqliteClassesOf(versionSchema.parse(fields));
      expect(classes).toEqual(["C"]);
      expect(optionsOf({ bindings }, classes).durableObjects).toEqual({ B: { className: "C", useSQLite: true } });
    }
  });
});

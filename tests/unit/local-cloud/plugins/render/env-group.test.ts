import { describe, expect, it } from "vitest";

import type { Properties } from "../../../../../local-cloud/plugins/plain.ts";
import { envGroupType } from "../../../../../local-cloud/plugins/render/env-group.ts";
import { type ScriptedAnswer, scriptedVendor, UNKNOWN } from "../scripted-vendor.ts";

interface GroupParts {
  readonly name?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

function group({ name = "group", variables = { A: "1" }, files = {} }: GroupParts = {}): Properties {
  return {
    id: "evg-1",
    name,
    envVars: Object.entries(variables).map(([key, value]) => ({ key, value })),
    secretFiles: Object.entries(files).map(([file, content]) => ({ name: file, content })),
    serviceLinks: [],
  };
}

function ok(body: Properties): ScriptedAnswer {
  return { status: 200, body };
}

const gone = { status: 204 };
const inputs = { name: "group", envVars: { A: { value: "1" } } };
const state = { name: "group", envVars: { A: { value: "1", generateValue: false } } };

describe("EnvGroup", () => {
  it("is created in one call, with null for the lists that are empty", async () => {
    const vendor = scriptedVendor({ status: 201, body: group() });
    const type = envGroupType(vendor.render, "tea-1");
    await expect(type.create(inputs)).resolves.toEqual({ id: "evg-1", state });
    expect(vendor.calls).toEqual([
      'POST /env-groups {"envVars":[{"key":"A","value":"1"}],"name":"group","ownerId":"tea-1","secretFiles":null}',
    ]);
    expect(type.secrets).toEqual(["envVars.*.value", "secretFiles.*.content"]);
  });

  it("puts what is new or changed, deletes what is gone, and reads the group at the end", async () => {
    const before = {
      name: "group",
      envVars: { A: { value: "1", generateValue: false }, B: { value: "2", generateValue: false } },
      secretFiles: { "a.txt": { content: "x" }, "b.txt": { content: "y" } },
    };
    const after = {
      name: "group",
      envVars: { A: { value: "9" }, C: { generateValue: true } },
      secretFiles: { "b.txt": { content: "z" } },
    };
    const final = group({ variables: { A: "9", C: "made" }, files: { "b.txt": "z" } });
    const vendor = scriptedVendor(ok(final), ok(final), gone, ok(final), gone, ok(final));
    await expect(envGroupType(vendor.render, "tea-1").update("evg-1", before, after)).resolves.toEqual({
      name: "group",
      envVars: { A: { value: "9", generateValue: false }, C: { value: "made", generateValue: false } },
      secretFiles: { "b.txt": { content: "z" } },
    });
    expect(vendor.calls).toEqual([
      'PUT /env-groups/evg-1/env-vars/A {"value":"9"}',
      'PUT /env-groups/evg-1/env-vars/C {"generateValue":true}',
      "DELETE /env-groups/evg-1/env-vars/B",
      'PUT /env-groups/evg-1/secret-files/b.txt {"content":"z"}',
      "DELETE /env-groups/evg-1/secret-files/a.txt",
      "GET /env-groups/evg-1",
    ]);
  });

  it("is renamed by a PATCH in place of the last read", async () => {
    const vendor = scriptedVendor(ok(group({ name: "other" })));
    await envGroupType(vendor.render, "tea-1").update("evg-1", state, { ...inputs, name: "other" });
    expect(vendor.calls).toEqual(['PATCH /env-groups/evg-1 {"name":"other"}']);
  });

  it.each([
    { from: undefined, to: "evm-a", calls: ['POST /environments/evm-a/resources {"resourceIds":["evg-1"]}'] },
    { from: "evm-a", to: undefined, calls: ["DELETE /environments/evm-a/resources?resourceIds=evg-1"] },
    {
      from: "evm-a",
      to: "evm-b",
      calls: [
        "DELETE /environments/evg-1/resources?resourceIds=evg-1",
        'POST /environments/evm-b/resources {"resourceIds":["evg-1"]}',
      ],
    },
  ])("moves from environment $from to $to as the official provider does", async ({ from, to, calls }) => {
    const vendor = scriptedVendor(...calls.map(() => gone), ok(group()));
    await envGroupType(vendor.render, "tea-1").update(
      "evg-1",
      { ...state, environmentId: from },
      { ...inputs, environmentId: to },
    );
    expect(vendor.calls).toEqual([...calls, "GET /env-groups/evg-1"]);
  });

  it("stops at a status that is not exactly the expected one", async () => {
    const created = scriptedVendor({ status: 201, body: group() });
    const changed = { ...inputs, envVars: { A: { value: "2" } } };
    await expect(envGroupType(created.render, "tea-1").update("evg-1", state, changed)).rejects.toThrow("201");
    const missing = scriptedVendor({ status: 404, body: { message: "not found" } });
    await expect(envGroupType(missing.render, "tea-1").update("evg-1", state, { name: "group" })).rejects.toThrow(
      'DELETE "http://127.0.0.1:9/env-groups/evg-1/env-vars/A": 404: not found',
    );
  });

  it("is updated in place by every change, by what is not known yet too", async () => {
    const type = envGroupType(scriptedVendor().render, "tea-1");
    const none = { changed: [], replaces: [] };
    await expect(type.diff(state, inputs)).resolves.toEqual(none);
    const variables = { changed: ["envVars"], replaces: [] };
    const changes: readonly Properties[] = [
      { A: { value: "2" } },
      { A: { value: UNKNOWN } },
      { A: UNKNOWN },
      { A: { value: "1" }, B: { value: "2" } },
      { B: { value: "1" } },
      { A: { generateValue: true } },
    ];
    for (const envVars of changes) {
      await expect(type.diff(state, { ...inputs, envVars })).resolves.toEqual(variables);
      await expect(type.check({ ...inputs, envVars })).resolves.toEqual([]);
    }
    await expect(type.diff(state, { ...inputs, envVars: UNKNOWN })).resolves.toEqual(variables);
    await expect(type.check({ ...inputs, envVars: UNKNOWN })).resolves.toEqual([]);
    await expect(type.diff(state, { name: "group" })).resolves.toEqual(variables);
    await expect(type.diff(state, { ...inputs, secretFiles: { a: { content: "x" } } })).resolves.toEqual({
      changed: ["secretFiles"],
      replaces: [],
    });
  });

  it("shows drift after a refresh and is dropped when it is gone", async () => {
    const vendor = scriptedVendor(ok(group({ variables: { A: "edited" } })), { status: 404, body: { message: "no" } });
    const type = envGroupType(vendor.render, "tea-1");
    const refreshed = await type.read("evg-1", state);
    expect(refreshed?.state).toEqual({ name: "group", envVars: { A: { value: "edited", generateValue: false } } });
    await expect(type.diff(refreshed?.state ?? {}, inputs)).resolves.toEqual({ changed: ["envVars"], replaces: [] });
    await expect(type.read("evg-1", state)).resolves.toBeUndefined();
  });

  it("remembers in a refresh, and forgets in an update, that Render made a value", async () => {
    const generated = { name: "group", envVars: { A: { value: "made", generateValue: true } } };
    const vendor = scriptedVendor(ok(group({ variables: { A: "made" } })), ok(group({ variables: { A: "made" } })));
    const type = envGroupType(vendor.render, "tea-1");
    const asked = { name: "group", envVars: { A: { generateValue: true } } };
    const refreshed = await type.read("evg-1", generated);
    expect(refreshed?.state).toEqual(generated);
    await expect(type.diff(generated, asked)).resolves.toEqual({ changed: [], replaces: [] });
    const updated = await type.update("evg-1", generated, asked);
    await expect(type.diff(updated, asked)).resolves.toEqual({ changed: ["envVars"], replaces: [] });
  });

  it("is deleted, also when it is gone already, and says why where it is not", async () => {
    const refusal = { status: 409, body: { message: "the group is in use" } };
    const vendor = scriptedVendor(gone, { status: 404, body: { message: "no" } }, refusal);
    const type = envGroupType(vendor.render, "tea-1");
    await type.delete("evg-1", state);
    await type.delete("evg-1", state);
    await expect(type.delete("evg-1", state)).rejects.toThrow("409: the group is in use");
  });

  it("refuses variables that say nothing or too much", async () => {
    const type = envGroupType(scriptedVendor().render, "tea-1");
    await expect(type.check({ envVars: { A: {}, B: { value: "1", generateValue: true } } })).resolves.toEqual([
      { property: "name", reason: "Missing required argument." },
      { property: "envVars.A", reason: "One of value and generateValue must be set." },
      { property: "envVars.B", reason: "value and generateValue cannot be set together." },
    ]);
    await expect(type.check({ name: "group", envVars: {} })).resolves.toEqual([
      { property: "envVars", reason: "The map must have at least one element." },
    ]);
  });
});

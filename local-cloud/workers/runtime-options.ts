import type { Json, WorkerOptions } from "miniflare";
import { z } from "zod";

import { type ServedVersion, ScriptRefused } from "../cloudflare/worker-host.ts";

type Module = Extract<WorkerOptions["modules"], readonly unknown[]>[number];
type Binding = ServedVersion["input"]["bindings"][number];

/** Types of modules by their content type: https://developers.cloudflare.com/workers/configuration/multipart-upload-metadata/ */
const MODULE_TYPES: Readonly<Record<string, Module["type"]>> = {
  "application/javascript+module": "ESModule",
  "text/javascript+module": "ESModule",
  "application/javascript": "CommonJS",
  "text/javascript": "CommonJS",
  "application/wasm": "CompiledWasm",
  "application/octet-stream": "Data",
  "text/plain": "Text",
};

/** The service that answers a Worker's KV bindings, and the worker that is such a binding. */
export const KV_BINDING = "kvshift-kv-binding";

/** What of a version Miniflare needs. Throws `ScriptRefused` for what the local cloud cannot run. */
export function runtimeOptions(version: ServedVersion, supportedDate: string) {
  const { input } = version;
  const names = new Map<string, Binding[]>();
  for (const binding of input.bindings) names.set(binding.type, [...(names.get(binding.type) ?? []), binding]);
  const unknown = input.bindings.find(({ type }) => !BINDING_TYPES.has(type));
  if (unknown !== undefined) {
    throw new ScriptRefused(`Binding ${unknown.name}: the local cloud has no bindings of type ${unknown.type}.`);
  }
  const date = input.compatibility_date ?? supportedDate;
  return {
    modules: modulesOf(input),
    // The local runtime is as old as its package: a newer date runs with what it knows.
    compatibilityDate: date > supportedDate ? supportedDate : date,
    compatibilityFlags: [...input.compatibility_flags],
    bindings: variablesOf(input.bindings),
    durableObjects: Object.fromEntries(
      (names.get("durable_object_namespace") ?? []).map((one) => [one.name, durableObject(one, version.sqliteClasses)]),
    ),
    wrappedBindings: Object.fromEntries(
      (names.get("kv_namespace") ?? []).map((one) => [
        one.name,
        { scriptName: KV_BINDING, bindings: { namespaceId: field(one, "namespace_id") } },
      ]),
    ),
  };
}

const BINDING_TYPES = new Set(["plain_text", "secret_text", "json", "durable_object_namespace", "kv_namespace"]);

function modulesOf({ main_module: main, modules }: ServedVersion["input"]): Module[] {
  const [first, ...others] = modules.toSorted((a, b) => Number(b.name === main) - Number(a.name === main));
  if (first === undefined || main === undefined) throw new ScriptRefused("The version has no main module.");
  return [first, ...others].map(({ name, content_type: contentType, content_base64: content }) => {
    const type = MODULE_TYPES[contentType];
    if (type === undefined) throw new ScriptRefused(`Module ${name}: no module has the content type ${contentType}.`);
    const bytes = Buffer.from(content, "base64");
    const isBinary = type === "CompiledWasm" || type === "Data";
    return { type, path: name, contents: isBinary ? new Uint8Array(bytes) : bytes.toString() };
  });
}

function variablesOf(bindings: readonly Binding[]): Record<string, Json> {
  const variables: Record<string, Json> = {};
  for (const binding of bindings) {
    if (binding.type === "json") variables[binding.name] = z.json().parse(binding["json"]);
    if (binding.type === "plain_text" || binding.type === "secret_text")
      variables[binding.name] = field(binding, "text");
  }
  return variables;
}

function durableObject(binding: Binding, sqliteClasses: ReadonlySet<string>) {
  const className = field(binding, "class_name");
  if (binding["script_name"] !== undefined) {
    throw new ScriptRefused(`Binding ${binding.name}: the local cloud has no Durable Objects of another Worker.`);
  }
  if (sqliteClasses.has(className)) return { className, useSQLite: true };
  throw new ScriptRefused(
    `Binding ${binding.name}: no export or migration of the Worker declares the class ${className} with SQLite storage.`,
  );
}

function field(binding: Binding, name: string): string {
  const value = binding[name];
  if (typeof value === "string") return value;
  throw new ScriptRefused(`Binding ${binding.name}: ${name} is missing.`);
}

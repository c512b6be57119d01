// Writes the part of a vendor's OpenAPI document that its emulator serves, without prose, to
// tests/fixtures/<vendor>-openapi.json. Usage: node scripts/reduce-openapi.ts <vendor> <path of the full document>
// The documents: https://api-docs.render.com/openapi/render-public-api-1.json, and api.github.com.json of
// https://github.com/github/rest-api-description
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [name: string]: Json;
}

const METHODS = ["get", "post", "put", "patch", "delete"];

const RENDER: Readonly<Record<string, readonly string[]>> = {
  "/owners": ["get"],
  "/owners/{ownerId}": ["get"],
  "/services": ["get"],
  "/services/{serviceId}": ["get"],
  "/services/{serviceId}/env-vars": METHODS,
  "/services/{serviceId}/env-vars/{envVarKey}": METHODS,
  "/services/{serviceId}/deploys": METHODS,
  "/services/{serviceId}/deploys/{deployId}": METHODS,
  "/services/{serviceId}/deploys/{deployId}/cancel": METHODS,
  "/services/{serviceId}/restart": METHODS,
  "/services/{serviceId}/rollback": METHODS,
  "/env-groups": METHODS,
  "/env-groups/{envGroupId}": METHODS,
  "/env-groups/{envGroupId}/env-vars/{envVarKey}": METHODS,
  "/env-groups/{envGroupId}/secret-files/{secretFileName}": METHODS,
  "/env-groups/{envGroupId}/services/{serviceId}": METHODS,
  "/environments": ["get"],
  "/environments/{environmentId}": ["get"],
  "/environments/{environmentId}/resources": METHODS,
  "/projects": ["get"],
  "/projects/{projectId}": ["get"],
  "/blueprints": ["get"],
  "/blueprints/{blueprintId}": ["get"],
};

const GITHUB: Readonly<Record<string, readonly string[]>> = {
  "/repos/{owner}/{repo}/pulls": ["get"],
  "/repos/{owner}/{repo}/pulls/{pull_number}": ["get"],
  "/user": ["get"],
  "/repos/{owner}/{repo}/issues/{issue_number}/comments": ["get", "post"],
  "/repos/{owner}/{repo}/issues/comments/{comment_id}": ["patch"],
};

const SERVED = new Map([
  ["render", RENDER],
  ["github", GITHUB],
]);

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** What a JSON pointer such as `#/paths/~1disks/get` points to. */
function resolvePointer(document: JsonObject, pointer: string): JsonObject {
  let current: Json | undefined = document;
  for (const part of pointer.slice("#/".length).split("/")) {
    const name = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (isList(current)) current = current[Number(name)];
    else current = isObject(current) ? current[name] : undefined;
  }
  if (!isObject(current)) throw new Error(`The document has nothing at ${pointer}.`);
  return current;
}

/** One object type in place of an intersection of object types. */
function mergeAll(parts: readonly JsonObject[]): JsonObject {
  const required = parts.flatMap((part) => (isList(part["required"]) ? part["required"] : []));
  const properties = parts.map((part) => (isObject(part["properties"]) ? part["properties"] : {}));
  return {
    type: "object",
    required,
    properties: Object.fromEntries(properties.flatMap((part) => Object.entries(part))),
    additionalProperties: false,
  };
}

const NAMED_SCHEMA = /^#\/components\/schemas\/([^/]+)$/;

/** Reduces schemas and responses of one document; named schemas are reduced once and referred to. */
class Reduction {
  readonly #document: JsonObject;
  readonly schemas: Record<string, Json> = {};

  constructor(document: JsonObject) {
    this.#document = document;
  }

  /** A schema without words: types, names, requirements. */
  schema(schema: JsonObject): JsonObject {
    const pointer = schema["$ref"];
    if (typeof pointer === "string") return this.#reference(pointer);
    if (isList(schema["allOf"])) return mergeAll(schema["allOf"].map((part) => this.#inline(part)));
    const { type, format, nullable, required, properties, items, oneOf } = schema;
    const values = schema["enum"];
    return {
      ...(type === undefined ? {} : { type }),
      ...(format === undefined ? {} : { format }),
      ...(nullable === undefined ? {} : { nullable }),
      ...(values === undefined ? {} : { enum: values }),
      ...(required === undefined ? {} : { required }),
      ...(isObject(properties) ? { properties: this.#properties(properties), additionalProperties: false } : {}),
      ...(isObject(items) ? { items: this.schema(items) } : {}),
      ...(isList(oneOf) ? { oneOf: oneOf.map((part) => this.schema(isObject(part) ? part : {})) } : {}),
    };
  }

  /** The schema of a JSON answer, `null` where the answer has no body. */
  response(response: JsonObject): Json {
    const pointer = response["$ref"];
    const resolved = typeof pointer === "string" ? resolvePointer(this.#document, pointer) : response;
    const content = isObject(resolved["content"]) ? resolved["content"]["application/json"] : undefined;
    return isObject(content) && isObject(content["schema"]) ? this.schema(content["schema"]) : null;
  }

  #reference(pointer: string): JsonObject {
    const name = NAMED_SCHEMA.exec(pointer)?.[1];
    if (name === undefined) return this.schema(resolvePointer(this.#document, pointer));
    if (!(name in this.schemas)) {
      this.schemas[name] = {}; // A schema may contain itself.
      this.schemas[name] = this.schema(resolvePointer(this.#document, pointer));
    }
    return { $ref: `#/schemas/${name}` };
  }

  #inline(part: Json): JsonObject {
    if (!isObject(part)) return {};
    const pointer = part["$ref"];
    return this.schema(typeof pointer === "string" ? resolvePointer(this.#document, pointer) : part);
  }

  #properties(properties: JsonObject): JsonObject {
    const reduced = Object.entries(properties).map(([name, value]) => [
      name,
      this.schema(isObject(value) ? value : {}),
    ]);
    return Object.fromEntries(reduced);
  }
}

/** `{ paths: { path: { METHOD: { status: schema } } }, schemas }` of the operations `served`. */
export function reduceDocument(document: JsonObject, served: Readonly<Record<string, readonly string[]>>): JsonObject {
  const reduction = new Reduction(document);
  const paths: Record<string, Json> = {};
  for (const [path, methods] of Object.entries(served)) {
    const item = resolvePointer(document, `#/paths/${path.replaceAll("~", "~0").replaceAll("/", "~1")}`);
    const operations: Record<string, Json> = {};
    for (const method of methods) {
      const responses = isObject(item[method]) ? item[method]["responses"] : undefined;
      if (!isObject(responses)) continue;
      const reduced = Object.entries(responses).map(([status, response]) => {
        return [status, reduction.response(isObject(response) ? response : {})] as const;
      });
      operations[method.toUpperCase()] = Object.fromEntries(reduced);
    }
    paths[path] = operations;
  }
  return { paths, schemas: reduction.schemas };
}

if (import.meta.main) {
  const [vendor = "", source = ""] = process.argv.slice(2);
  const served = SERVED.get(vendor);
  if (served === undefined || source === "") throw new Error("Usage: node scripts/reduce-openapi.ts <vendor> <path>");
  const document: JsonObject = JSON.parse(await readFile(source, "utf8"));
  const target = fileURLToPath(new URL(`../tests/fixtures/${vendor}-openapi.json`, import.meta.url));
  await writeFile(target, `${JSON.stringify(reduceDocument(document, served), null, 1)}\n`);
}

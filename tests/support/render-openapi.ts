// Holds answers of the Render emulator against Render's OpenAPI document, reduced by scripts/reduce-openapi.ts.
// No difference between the document and Render's recorded answers is known for what the emulator serves, so there is
// no list of exceptions: the recordings themselves are checked with the same functions.
import { readFileSync } from "node:fs";

import { Ajv, type AnySchemaObject, type ValidateFunction } from "ajv";
import formats from "ajv-formats";

const DOCUMENT_URL = new URL("../fixtures/render-openapi.json", import.meta.url);
const BASE_PATH = "/v1";

interface ReducedDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, AnySchemaObject | null>>>>>>;
  readonly schemas: Readonly<Record<string, AnySchemaObject>>;
}

const document: ReducedDocument = JSON.parse(readFileSync(DOCUMENT_URL, "utf8"));
const ajv = new Ajv({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema({ ...document, $id: "render" });
const compiled = new Map<string, ValidateFunction>();

function pointerPart(name: string): string {
  return encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));
}

function validator(path: string, method: string, status: string): ValidateFunction {
  const pointer = `render#/paths/${[path, method, status].map(pointerPart).join("/")}`;
  const known = compiled.get(pointer) ?? ajv.compile({ $ref: pointer });
  compiled.set(pointer, known);
  return known;
}

function templateOf(pathname: string): string | undefined {
  const parts = pathname.slice(BASE_PATH.length).split("/");
  return Object.keys(document.paths).find((template) => {
    const wanted = template.split("/");
    return (
      wanted.length === parts.length && wanted.every((part, index) => part.startsWith("{") || part === parts[index])
    );
  });
}

export interface RenderAnswer {
  readonly method: string;
  /** With base path, with or without query. */
  readonly path: string;
  readonly status: number;
  /** Parsed JSON, `null` where there is no body. */
  readonly body: unknown;
}

/** What of an answer Render's document does not know; empty where it conforms. Objects may hold listed properties only. */
export function undocumentedParts({ method, path, status, body }: RenderAnswer): readonly string[] {
  const pathname = path.split("?")[0] ?? path;
  const template = templateOf(pathname);
  if (template === undefined) return [`${pathname}: path is not documented`];
  const responses = document.paths[template]?.[method];
  if (responses === undefined) return [`${method} ${template}: method is not documented`];
  const schema = responses[String(status)];
  const place = `${method} ${template} ${String(status)}`;
  if (schema === undefined) return [`${place}: status is not documented`];
  if (schema === null) return body === null ? [] : [`${place}: has a body, documented is none`];
  const validate = validator(template, method, String(status));
  if (validate(body)) return [];
  return (validate.errors ?? []).map((error) => {
    return `${place} ${error.instancePath}: ${error.message ?? ""} ${JSON.stringify(error.params)}`;
  });
}

/** Passes requests on, and rejects where the answer is not in Render's document. */
export function documentedFetch(
  answer: (request: Request) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const response = await answer(request);
    const text = await response.clone().text();
    const body: unknown = text === "" ? null : JSON.parse(text);
    const parts = undocumentedParts({
      method: request.method,
      path: new URL(request.url).pathname,
      status: response.status,
      body,
    });
    if (parts.length > 0) throw new Error(`Not in Render's document:\n${parts.join("\n")}`);
    return response;
  };
}

/** Every operation of the reduced document, as `GET /env-groups`. */
export function documentedOperations(): readonly string[] {
  return Object.entries(document.paths).flatMap(([path, methods]) => {
    return Object.keys(methods).map((method) => `${method} ${path}`);
  });
}

/** The operation of a request, in the same form. */
export function operationOf(method: string, path: string): string {
  return `${method} ${templateOf(path.split("?")[0] ?? path) ?? "(not documented)"}`;
}

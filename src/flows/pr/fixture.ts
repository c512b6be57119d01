import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";

import { z } from "zod";

import type { EnvironmentConfig } from "../../config/schema.ts";
import { AppError } from "../../core/app-error.ts";
import { KV_LIMITS } from "../../core/limits.ts";
import type { Project } from "../../engine/project.ts";
import { readEnvironmentFiles } from "../../policy/neighbours.ts";
import type { KvPair } from "../../vendors/kv-access.ts";

/** What the namespaces of a preview are filled from. */
export interface Fixture {
  readonly name: string;
  readonly sha256: string;
  /** By the name of the namespace. */
  readonly pairs: ReadonlyMap<string, readonly KvPair[]>;
}

const MAX_BYTES = 16 * 1024 * 1024;
const SHOWN_PROBLEMS = 20;

const line = z
  .strictObject({
    namespace: z.string(),
    key: z
      .string()
      .min(1)
      .refine((key) => Buffer.byteLength(key) <= KV_LIMITS.MAX_KEY_BYTES, "is longer than 512 bytes"),
    value: z.string().optional(),
    base64: z.base64().optional(),
    metadata: z
      .unknown()
      .refine((metadata) => sizeOf(metadata) <= KV_LIMITS.MAX_METADATA_BYTES, "takes more than 1,024 bytes")
      .optional(),
    ttl: z.int().min(KV_LIMITS.MIN_EXPIRATION_TTL_SECONDS).optional(),
  })
  .refine(({ value, base64 }) => (value === undefined) !== (base64 === undefined), "needs either value or base64");

/**
 * Reads a fixture, whole and checked, before anything is made: one JSON object a line with `namespace`, `key`, `value`
 * (text) or `base64`, `metadata` and `ttl` (seconds). At most 16 MiB and 10,000 lines.
 *
 * @throws AppError PREVIEW_REFUSED where it is the name of an environment of production
 * @throws AppError USAGE with every line that is not as it should be
 */
export async function readFixture(
  path: string,
  project: Project,
  { namespaces }: Pick<EnvironmentConfig, "namespaces">,
): Promise<Fixture> {
  const name = basename(path);
  const text = await textOf(path, name, project);
  const lines = text.split("\n").map((written, index) => ({ written: written.trim(), number: index + 1 }));
  const read = lines.filter(({ written }) => written !== "").map((one) => readLine(one, Object.keys(namespaces)));
  const problems = read.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) throw unusable(name, problems);
  const found = read.flatMap(({ pair }) => pair ?? []);
  if (found.length > KV_LIMITS.MAX_BULK_WRITE_PAIRS) {
    throw unusable(name, [
      `it has ${String(found.length)} lines; at most ${String(KV_LIMITS.MAX_BULK_WRITE_PAIRS)} are taken`,
    ]);
  }
  const pairs = Map.groupBy(found, ({ namespace }) => namespace);
  return {
    name,
    sha256: createHash("sha256").update(text).digest("hex"),
    pairs: new Map([...pairs].map(([namespace, list]) => [namespace, list.map(({ pair }) => pair)])),
  };
}

/** Never more than it may have: a file may grow while it is read. */
async function textOf(path: string, name: string, project: Project): Promise<string> {
  // A pipe that nobody writes into would be opened for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (file === undefined) throw noFile(name, project);
  try {
    if (!(await file.stat()).isFile()) throw unusable(name, ["it is no file"]);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
    if (bytesRead > MAX_BYTES) throw unusable(name, [`it has more than ${String(MAX_BYTES)} bytes`]);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Of a value of JSON, in bytes; without end where it is nested deeper than can be written. */
function sizeOf(json: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(json));
  } catch {
    return Infinity;
  }
}

interface ReadLine {
  readonly pair?: { readonly namespace: string; readonly pair: KvPair };
  readonly problem?: string;
}

function readLine(
  { written, number }: { readonly written: string; readonly number: number },
  known: readonly string[],
): ReadLine {
  const problem = (what: string): ReadLine => ({ problem: `line ${String(number)}: ${what}` });
  let json: unknown;
  try {
    json = JSON.parse(written);
  } catch {
    return problem("it is not JSON");
  }
  const { data, error } = line.safeParse(json);
  if (data === undefined) {
    // Never the value: a fixture may hold what its author did not mean to show.
    return problem(
      [...new Set(error.issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`))].join("; "),
    );
  }
  const { namespace, key, value, base64, metadata, ttl } = data;
  if (!known.includes(namespace)) return problem(`there is no namespace ${namespace}; there are ${known.join(", ")}`);
  const pair = {
    key,
    value: value ?? base64 ?? "",
    base64: base64 !== undefined,
    ...(metadata === undefined ? {} : { metadata }),
    ...(ttl === undefined ? {} : { expiration_ttl: ttl }),
  };
  return { pair: { namespace, pair } };
}

function noFile(name: string, project: Project): AppError {
  const environment = readEnvironmentFiles(project.folder).get(name);
  if (environment === undefined || "problem" in environment || environment.kind !== "production") {
    return unusable(name, ["there is no such file"]);
  }
  return new AppError("PREVIEW_REFUSED", {
    problem: `${name} is production: a preview never gets its data.`,
    fix: "Write a fixture with made-up data.",
  });
}

function unusable(name: string, problems: readonly string[]): AppError {
  const more = problems.length - SHOWN_PROBLEMS;
  return new AppError("USAGE", {
    problem: `The fixture ${name} cannot be used. Nothing was changed.`,
    details: [...problems.slice(0, SHOWN_PROBLEMS), ...(more > 0 ? [`and ${String(more)} more`] : [])],
    fix: 'One object a line: {"namespace":"cache","key":"greeting","value":"hello","ttl":3600}',
  });
}

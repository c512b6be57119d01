import { z } from "zod";

import type { Path } from "../../config/path.ts";
import { noteAt, schemaAt } from "../../config/schema-nodes.ts";
import { environmentSchema } from "../../config/schema.ts";

/** One value of the configuration, checked by its schema alone. */
export interface Field {
  /** What it must be: ends the sentence "expected …". */
  readonly expected: string;
  /** What is wrong with a text; `undefined` where nothing is. */
  readonly problemOf: (text: string) => string | undefined;
}

function field(...path: Path): Field {
  const schema = schemaAt(environmentSchema, path);
  // Quotes are for the file, not for an answer.
  const expected = noteAt(environmentSchema, path)?.expected.replace(/, in quotes$/, "") ?? "another value";
  return {
    expected,
    problemOf: (text) => (schema && z.safeParse(schema, text).success ? undefined : `expected ${expected}`),
  };
}

/** What a person may write, by key of the configuration. */
export const FIELDS = {
  app: field("app"),
  accountId: field("cloudflare", "accountId"),
  workersSubdomain: field("cloudflare", "workersSubdomain"),
  hostname: field("cloudflare", "hostname"),
  zoneId: field("cloudflare", "zoneId"),
  ownerId: field("render", "ownerId"),
  service: field("render", "services", 0),
  environmentId: field("render", "environmentId"),
  restUrl: field("upstash", "restUrl"),
  network: field("credentials", "application", "allowedIps", 0),
} as const;

import { z } from "zod";

import type { EnvironmentConfig } from "../../config/schema.ts";
import { AppError } from "../../core/app-error.ts";
import type { EnvironmentFile } from "../environment/environment-file.ts";

const list = z.string().transform((text) => text.split(",").filter((item) => item !== ""));
const time = z.string().refine((text) => !Number.isNaN(Date.parse(text)));

/**
 * What the stack of a preview says of it, as tags: set before anything is made at a vendor, and enough to remove it
 * again with the branch, the template and every file gone. No secrets: tags are never encrypted.
 */
const factsSchema = z.object({
  pr: z.coerce.number().int().positive(),
  sha: z.string(),
  branch: z.string(),
  created: time,
  expires: time,
  by: z.string(),
  app: z.string(),
  accountId: z.string(),
  access: z.enum(["rest", "gateway"]),
  ownerId: z.string(),
  secretsProvider: z.string(),
  namespaces: list,
  services: list,
  /** SHA-256 of the fixture that its namespaces were filled from; empty: none. */
  seed: z.string(),
});
export type PreviewFacts = z.infer<typeof factsSchema>;

const PREFIX = "kvshift:preview.";
/** What Pulumi takes as the value of a tag, in bytes: pkg/util/validation/stack.go. */
const LONGEST_VALUE = 256;

/**
 * The facts as tags of the stack, which has the tags `existing`. What is longer than a tag goes on in `<name>.2`,
 * `<name>.3`, …
 */
export function tagsOf(facts: PreviewFacts, existing: Readonly<Record<string, string>> = {}): Record<string, string> {
  const tags = Object.entries(facts).flatMap(([key, value]) => {
    const parts = partsOf(Array.isArray(value) ? value.join(",") : String(value));
    const end = nameOf(key, parts.length);
    return [
      ...parts.map((part, index) => [nameOf(key, index), part] as const),
      // It was longer before: the rest of that is not read again.
      ...(existing[end] ? [[end, ""] as const] : []),
    ];
  });
  return Object.fromEntries(tags);
}

function partsOf(text: string): string[] {
  const parts = [""];
  for (const character of text) {
    const longer = `${parts.at(-1) ?? ""}${character}`;
    if (Buffer.byteLength(longer) <= LONGEST_VALUE) parts[parts.length - 1] = longer;
    else parts.push(character);
  }
  return parts;
}

function nameOf(key: string, index: number): string {
  return `${PREFIX}${key}${index === 0 ? "" : `.${String(index + 1)}`}`;
}

/** The facts that a stack says of itself; `undefined` where it does not say all of them. */
export function factsIn(tags: Readonly<Record<string, string>>): PreviewFacts | undefined {
  const valueOf = (key: string, index = 0): string | undefined => {
    const part = tags[nameOf(key, index)];
    if (part === undefined || part === "") return index === 0 ? part : "";
    return `${part}${valueOf(key, index + 1) ?? ""}`;
  };
  const own = Object.keys(factsSchema.shape).map((key) => [key, valueOf(key)] as const);
  return factsSchema.safeParse(Object.fromEntries(own)).data;
}

/** The facts of a stack that has to have them. @throws AppError SWEEP_REFUSED */
export function requireFacts(stack: string, tags: Readonly<Record<string, string>>): PreviewFacts {
  const facts = factsIn(tags);
  if (facts !== undefined) return facts;
  throw new AppError("SWEEP_REFUSED", {
    problem: `The stack ${stack} does not say of itself what it is the preview of.`,
    fix: `Where \`pulumi stack --stack ${stack}\` shows no resources: \`pulumi stack rm ${stack}\`. Otherwise bring the preview up again with \`kvshift pr up\`, then take it down.`,
  });
}

/** What describes a preview well enough to look at it and to remove it, never to create anything. */
export function fileOf(facts: PreviewFacts): EnvironmentFile {
  const namespace = { consistency: "eventual", defaultTtlSeconds: 60 } as const;
  const role = {
    active: "a",
    slots: { a: { epoch: 0, state: "empty" }, b: { epoch: 0, state: "empty" } },
  } satisfies EnvironmentConfig["credentials"]["application"];
  const { app, access, accountId, ownerId, services, namespaces, secretsProvider } = facts;
  return {
    path: "",
    text: "",
    encryptionSalt: undefined,
    secretsProvider: secretsProvider === "" ? undefined : secretsProvider,
    isOwn: false,
    config: {
      kind: "preview",
      app,
      access,
      phase: "kv",
      cloudflare: { accountId },
      namespaces: Object.fromEntries(namespaces.map((name) => [name, namespace])),
      render: { ownerId, services },
      credentials: { application: role, operator: role },
    },
  };
}

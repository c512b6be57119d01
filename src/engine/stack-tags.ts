import { readFile } from "node:fs/promises";
import { join } from "node:path";

import writeFileAtomic from "write-file-atomic";
import { z } from "zod";

import { parsedJsonObject } from "../core/json-object.ts";
import { backendFolder } from "./backend.ts";
import type { LockedStack } from "./holds.ts";

type Cli = (args: readonly string[]) => Promise<string>;

const tagsSchema = z.record(z.string(), z.string());
/** As a `file://` backend writes them: pkg/backend/diy/stack_tags.go of the CLI. */
const fileSchema = z.strictObject({ version: z.literal(1), tags: tagsSchema });

/**
 * The tags of a stack. A `file://` backend is read directly, which saves the start of a process in every run; any other
 * one, and a file of another form, is asked through the CLI.
 * https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_tag/
 */
export async function readTags(stack: LockedStack, cli: Cli): Promise<Readonly<Record<string, string>>> {
  const found = await readTagFile(stack);
  if (found === "absent") return {};
  if (found !== undefined) return found.tags;
  return tagsSchema.parse(JSON.parse(await cli(["stack", "tag", "ls", "--json"])));
}

/**
 * Sets a tag of a stack that this run holds. The CLI makes the file of a `file://` backend and says so what its form is;
 * from then on it is written directly: a start of the CLI takes a fifth of a second, and a log has two records a run.
 */
export async function writeTag(stack: LockedStack, name: string, value: string, cli: Cli): Promise<void> {
  const found = await readTagFile(stack);
  if (found === undefined || found === "absent") {
    await cli(["stack", "tag", "set", name, value]);
    return;
  }
  const { path, tags } = found;
  await writeFileAtomic(path, JSON.stringify({ version: 1, tags: { ...tags, [name]: value } }));
}

interface TagFile {
  readonly path: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** `absent`: no tag was ever set. `undefined`: only the CLI can tell. */
async function readTagFile({ backendUrl, project, stack }: LockedStack): Promise<TagFile | "absent" | undefined> {
  const root = backendFolder(backendUrl);
  if (root === undefined) return undefined;
  const path = join(root, ".pulumi", "stacks", project, `${stack}.pulumi-tags`);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return "absent";
  const tags = fileSchema.safeParse(parsedJsonObject(text)).data?.tags;
  return tags === undefined ? undefined : { path, tags };
}

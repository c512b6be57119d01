import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { parsedJsonObject } from "../core/json-object.ts";
import { backendFolder } from "./backend.ts";
import type { LockedStack } from "./holds.ts";

const tagsSchema = z.record(z.string(), z.string());
/** As a `file://` backend writes them: pkg/backend/diy/stack_tags.go of the CLI. */
const fileSchema = z.object({ tags: tagsSchema });

/**
 * The tags of a stack. A `file://` backend is read directly, which saves the start of a process in every run; any other
 * one is asked through the CLI. https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_tag/
 */
export async function readTags(
  { backendUrl, project, stack }: LockedStack,
  cli: (args: readonly string[]) => Promise<string>,
): Promise<Readonly<Record<string, string>>> {
  const root = backendFolder(backendUrl);
  if (root !== undefined) {
    const path = join(root, ".pulumi", "stacks", project, `${stack}.pulumi-tags`);
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text === undefined) return {};
    const tags = fileSchema.safeParse(parsedJsonObject(text)).data?.tags;
    if (tags !== undefined) return tags;
  }
  return tagsSchema.parse(JSON.parse(await cli(["stack", "tag", "ls", "--json"])));
}

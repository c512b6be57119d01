import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import pMap from "p-map";
import { z } from "zod";

import type { Project } from "./project.ts";
import { runCli } from "./pulumi-cli/run-cli.ts";
import { readTags } from "./stack-tags.ts";

export interface ListedStack {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Removes a stack that has no resources; Pulumi itself refuses one that has. For a run that holds the stack.
 * https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_rm/
 */
export async function removeEmptyStack({ project, backendUrl, command }: StackListing, name: string): Promise<void> {
  const env = { PULUMI_BACKEND_URL: backendUrl, PULUMI_SKIP_UPDATE_CHECK: "true" };
  await runCli(command.command, ["stack", "rm", "--yes", "--stack", name], { cwd: project.folder, env });
}

/** Where stacks are listed. */
export interface StackListing {
  readonly project: Project;
  readonly backendUrl: string;
  readonly command: PulumiCommand;
}

const listSchema = z.array(z.object({ name: z.string() }));
const AT_ONCE = { concurrency: 4 };

/**
 * The stacks of a project in its backend, with their tags, in order of their names. Changes nothing.
 * https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_ls/
 */
export async function listStacks(
  { project, backendUrl, command }: StackListing,
  isWanted: (name: string) => boolean,
): Promise<{ readonly all: readonly string[]; readonly wanted: readonly ListedStack[] }> {
  const env = { PULUMI_BACKEND_URL: backendUrl, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const cli = (args: readonly string[]) => runCli(command.command, args, { cwd: project.folder, env });
  const listed = listSchema.parse(JSON.parse(await cli(["stack", "ls", "--json", "--project", project.name])));
  // Backends with organizations write `organization/project/stack`.
  const all = listed.map(({ name }) => name.split("/").at(-1) ?? name).toSorted();
  const wanted = await pMap(
    all.filter(isWanted),
    async (name) => ({
      name,
      tags: await readTags({ backendUrl, project: project.name, stack: name }, (args) =>
        cli([...args, "--stack", name]),
      ),
    }),
    AT_ONCE,
  );
  return { all, wanted };
}

import { join } from "node:path";

import { ENVIRONMENT_NAME } from "../../config/formats.ts";
import { quote } from "../../config/path.ts";
import { AppError } from "../../core/app-error.ts";
import type { RunContext } from "../../core/run-context.ts";
import { findProject, pathExists } from "../../engine/project.ts";
import { requireVendorEnvironment } from "../../engine/vendor-environment.ts";
import type { Neighbour, UnreadableNeighbour } from "../../policy/model.ts";
import { readEnvironmentFiles } from "../../policy/neighbours.ts";
import { requireWorkspace } from "../../stack/workspace.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { Answers, Names } from "./answers.ts";
import { candidatesOf } from "./candidates.ts";
import { formProblems, needsToken } from "./configuration.ts";
import { environmentFileText, setTokenCommand } from "./file-text.ts";
import { gather } from "./gather.ts";
import { Interview } from "./interview.ts";
import { isolationWarnings } from "./isolation.ts";
import type { InitOptions } from "./options.ts";
import { settleAnsweredServices } from "./served-services.ts";
import { verify } from "./verify.ts";
import { fileExists } from "./write-new-file.ts";

export interface NewFile {
  readonly path: string;
  readonly text: string;
}

export interface EnvironmentPlan {
  readonly file: NewFile;
  /** Where the folder is in no project. */
  readonly projectFile: NewFile | undefined;
  /** What was taken because the vendors have nothing else, one line each. */
  readonly taken: readonly string[];
  readonly warnings: readonly string[];
  /** Whether Upstash's token is still to be put into the file. */
  readonly awaitsToken: boolean;
  /** What to run next, in order. */
  readonly next: readonly string[];
}

/**
 * The files of a new environment, from flags, vendors and a person's answers. Writes nothing.
 *
 * @throws AppError USAGE with everything that is missing, wrong or not as the vendors have it
 * @throws AppError ENVIRONMENT_EXISTS before anything is asked
 * @throws AppError SERVED_ELSEWHERE where a service belongs to another environment, and one of the two is production
 */
export async function planEnvironment(
  options: InitOptions,
  { cwd, env, clock, prompts }: Pick<RunContext, "cwd" | "env" | "clock" | "prompts">,
  vendors: Vendors,
): Promise<EnvironmentPlan> {
  const { stack: environment } = options;
  requireName(environment);
  const { folder, isNew } = await projectOf(cwd);
  const path = join(folder, `Pulumi.${environment}.yaml`);
  if (await pathExists(path)) throw fileExists(path);
  requireVendorEnvironment(env);
  const { known, unreadable } = otherEnvironments(folder);
  const names: Names = new Map();
  const interview = new Interview(prompts);
  const answers = await gather({
    options,
    interview,
    candidates: candidatesOf(vendors, names),
    suggestedApp: known[0]?.app,
    workspaceOfProvider: env["RENDER_OWNER_ID"],
  });
  const now = clock.now();
  refuse(formProblems(answers, now), "The answers make no valid environment.");
  requireWorkspace(env, { render: { ...answers, services: [...answers.services] } });
  refuse(await verify(answers, vendors, names), "The vendors do not have what the answers say.");
  const served = await settleAnsweredServices(answers, vendors, { known, unreadable }, { prompts });
  return {
    file: { path, text: environmentFileText(answers, names, now) },
    projectFile: isNew ? { path: join(folder, "Pulumi.yaml"), text: PROJECT_FILE_TEXT } : undefined,
    taken: interview.taken,
    awaitsToken: needsToken(answers.phase),
    warnings: [
      ...isolationWarnings(answers, known),
      ...served,
      ...unreadable.map(({ file, problem }) => `Whether ${file} shares the account is not known: ${problem}.`),
    ],
    next: nextCommands(answers),
  };
}

function requireName(environment: string): void {
  if (ENVIRONMENT_NAME.test(environment)) return;
  throw new AppError("USAGE", {
    problem: `${quote(environment)} cannot be the name of an environment.`,
    fix: "Use 1 to 32 lower-case letters, digits and dashes, no dash at either end.",
  });
}

/** A folder in no project becomes one: a project file is all that kvshift needs of it. */
async function projectOf(cwd: string): Promise<{ readonly folder: string; readonly isNew: boolean }> {
  try {
    return { folder: (await findProject(cwd)).folder, isNew: false };
  } catch (error) {
    const isFolder = await pathExists(cwd);
    if (isFolder && error instanceof AppError && error.code === "PROJECT_NOT_FOUND") {
      return { folder: cwd, isNew: true };
    }
    throw error;
  }
}

function otherEnvironments(folder: string): { known: Neighbour[]; unreadable: UnreadableNeighbour[] } {
  const files = [...readEnvironmentFiles(folder).values()];
  return {
    known: files.flatMap((file) => ("problem" in file ? [] : file)),
    unreadable: files.flatMap((file) => ("problem" in file ? file : [])),
  };
}

function refuse(problems: readonly string[], problem: string): void {
  if (problems.length === 0) return;
  throw new AppError("USAGE", {
    problem: `${problem} Nothing was written.`,
    details: problems,
    fix: "Correct the flags that are named above.",
  });
}

function nextCommands({ environment, phase }: Answers): string[] {
  return [
    ...(needsToken(phase) ? [setTokenCommand(environment)] : []),
    `npx kvshift doctor --stack ${environment}`,
    `npx kvshift preview --stack ${environment}`,
  ];
}

/** The project file of a folder that has none: kvshift brings the program along, and finds its state through it. */
export const PROJECT_FILE_TEXT = `name: kvshift
description: Cloudflare KV for an application on Render, one stack an environment
# kvshift runs the program that it brings along; plain \`pulumi up\` needs a checkout of kvshift.
runtime: nodejs
# State on this machine: keep the folder out of git. A team sets a shared backend here or in PULUMI_BACKEND_URL.
backend:
  url: file://./state
`;

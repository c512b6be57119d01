import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { parseEnvironmentFile } from "../../config/file.ts";
import { PREVIEW_TEMPLATE } from "../../config/formats.ts";
import { parseYaml } from "../../config/yaml-syntax.ts";
import { AppError } from "../../core/app-error.ts";
import type { Clock } from "../../core/clock.ts";
import type { Project } from "../../engine/project.ts";
import type { EnvironmentFile } from "../environment/environment-file.ts";

/**
 * The template of previews, checked as the file of `environment`. It has the schema of every environment; the services
 * that it names are those whose previews get the variables.
 *
 * @throws AppError CONFIG_NOT_FOUND, CONFIG_NOT_YAML, CONFIG_INVALID with every problem at once
 */
export async function readTemplate(project: Project, environment: string, clock: Clock): Promise<EnvironmentFile> {
  const path = join(project.folder, PREVIEW_TEMPLATE);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new AppError("CONFIG_NOT_FOUND", {
      problem: `There is no ${PREVIEW_TEMPLATE} in ${project.folder}.`,
      fix: "Write the template of previews: docs/runbooks/previews.md has one to begin with.",
      cause,
    });
  });
  return read(path, text, environment, clock);
}

/** The template with the services that one preview really has. What it says is for one run and written nowhere. */
export function withServices(
  template: EnvironmentFile,
  environment: string,
  services: readonly string[],
  clock: Clock,
): EnvironmentFile {
  const { document } = parseYaml(template.text, PREVIEW_TEMPLATE);
  document.setIn(["config", "kvshift:render", "services"], document.createNode(services));
  return read(template.path, document.toString(), environment, clock);
}

function read(path: string, text: string, environment: string, clock: Clock): EnvironmentFile {
  const context = { environment, now: clock.now(), file: PREVIEW_TEMPLATE };
  const { config, encryptionSalt, secretsProvider } = parseEnvironmentFile(text, context);
  return { path, text, config, encryptionSalt, secretsProvider, isOwn: false };
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { type CredentialsEdit, editCredentials } from "../../config/edit-credentials.ts";
import { parseEnvironmentFile } from "../../config/file.ts";
import { PREVIEW_TEMPLATE } from "../../config/formats.ts";
import type { EnvironmentConfig } from "../../config/schema.ts";
import { parseYaml } from "../../config/yaml-syntax.ts";
import { AppError } from "../../core/app-error.ts";
import type { Clock } from "../../core/clock.ts";
import { ROLES, SLOTS } from "../../core/names.ts";
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

/** What one preview has, where the template speaks of all. */
export interface OfOne {
  readonly services: readonly string[];
  /** When the preview ends, RFC 3339. */
  readonly expires: string;
}

/** The template as one preview is. What it says is for one run and written nowhere. */
export function asPreview(
  template: EnvironmentFile,
  environment: string,
  { services, expires }: OfOne,
  clock: Clock,
): EnvironmentFile {
  const { document } = parseYaml(template.text, PREVIEW_TEMPLATE);
  document.setIn(["config", "kvshift:render", "services"], document.createNode(services));
  const context = { environment, now: clock.now(), file: PREVIEW_TEMPLATE };
  const edit = endingAt(template.config, credentialsEnd(expires));
  return read(template.path, editCredentials(document.toString(), edit, context), environment, clock);
}

const WEEK_MS = 7 * 24 * 3_600_000;

/**
 * When the credentials of a preview end by themselves, should nobody ever take it down: within a week after the preview
 * itself. On a grid of weeks, so that not every push makes a new version of the gateway.
 */
export function credentialsEnd(expires: string): string {
  const end = Math.ceil((Date.parse(expires) + 1) / WEEK_MS) * WEEK_MS;
  return new Date(end).toISOString().replace(".000Z", "Z");
}

/** A date that the template itself names stays. */
function endingAt({ credentials }: EnvironmentConfig, end: string): CredentialsEdit {
  return Object.fromEntries(
    ROLES.map((role) => {
      const endless = SLOTS.filter((slot) => credentials[role].slots[slot].expiresAt === "never");
      return [role, { slots: Object.fromEntries(endless.map((slot) => [slot, { expiresAt: end }])) }];
    }),
  );
}

function read(path: string, text: string, environment: string, clock: Clock): EnvironmentFile {
  const context = { environment, now: clock.now(), file: PREVIEW_TEMPLATE };
  const { config, encryptionSalt, secretsProvider } = parseEnvironmentFile(text, context);
  return { path, text, config, encryptionSalt, secretsProvider, isOwn: false };
}

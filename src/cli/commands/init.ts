import { basename, dirname } from "node:path";

import { resolveBackend } from "../../engine/backend.ts";
import { findProject } from "../../engine/project.ts";
import { vendorsOf } from "../../flows/environment/connect-vendors.ts";
import type { InitOptions } from "../../flows/init/options.ts";
import { planEnvironment } from "../../flows/init/plan-environment.ts";
import { writeNewFile } from "../../flows/init/write-new-file.ts";
import { defineCommand } from "../define-command.ts";
import { INIT_OPTIONS } from "./init-options.ts";

export const init = defineCommand<InitOptions>({
  name: "init",
  summary: "write the file of a new environment; asks on a terminal for what no flag says",
  options: INIT_OPTIONS,
  examples: [
    "kvshift init --stack staging",
    "kvshift init --stack staging --kind development --app brainbot --access gateway --service srv-d0000000000000000001 --namespace sessions:strong:86400 --dry-run",
  ],
  run: async (options, context) => {
    const { output, env } = context;
    const plan = await planEnvironment(options, context, vendorsOf(context));
    const { file, projectFile, taken, warnings, next } = plan;
    const files = projectFile === undefined ? [file] : [projectFile, file];
    const result = { stack: options.stack, files, taken, warnings, next };
    for (const line of taken) output.note(line);
    for (const text of warnings) output.emit({ type: "warning", text });
    if (options.dryRun === true) {
      output.text(file.text.trimEnd());
      output.note(`Nothing was written. Without --dry-run: ${files.map(({ path }) => path).join(", ")}`);
      return { ...result, written: false };
    }
    for (const { path, text } of files) await writeNewFile(path, text);
    if (projectFile !== undefined) output.note(`The folder is a project now: ${projectFile.path}`);
    // Pulumi's own commands, which put the token into the file, do not make the folder of the state.
    if (plan.awaitsToken) await resolveBackend(await findProject(dirname(file.path)), env);
    output.text(`${basename(file.path)} is written${plan.awaitsToken ? ", but for Upstash's token" : ""}. Next:`);
    for (const command of next) output.text(`  ${command}`);
    return { ...result, written: true };
  },
});

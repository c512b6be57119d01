import { guardTransition } from "../../engine/guards.ts";
import { readRecorded } from "../../engine/recorded.ts";
import { changeLine, countsLine, hasChanges } from "../change-lines.ts";
import { requireConfirmation } from "../confirm.ts";
import { vendorsOf } from "../connect-vendors.ts";
import {
  defineCommand,
  ADOPT_OPTION,
  REMOVE_USED_OPTION,
  STACK_OPTION,
  WAIT_OPTION,
  YES_OPTION,
} from "../define-command.ts";
import { keepEncryptionSalt } from "../environment-file.ts";
import { maskedOutputs } from "../masked-outputs.ts";
import { openEnvironment } from "../open-environment.ts";
import { reconcile } from "../reconcile.ts";

interface UpOptions {
  readonly stack: string;
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly adopt?: boolean;
  readonly removeUsed?: boolean;
}

export const up = defineCommand<UpOptions>({
  name: "up",
  summary: "create or update an environment: namespaces, credentials, environment group, links",
  options: [STACK_OPTION, YES_OPTION, WAIT_OPTION, ADOPT_OPTION, REMOVE_USED_OPTION],
  examples: ["kvshift up --stack dev", "kvshift up --stack prod --yes --json"],
  run: async ({ stack, yes, wait, adopt = false, removeUsed = false }, context) => {
    const { output } = context;
    await using environment = await openEnvironment(stack, context, {
      create: true,
      needsVendors: true,
      lock: wait === true ? "wait" : "refuse",
    });
    const { session, config } = environment;
    const vendors = vendorsOf(context);
    const exported = await session.exportState();
    const reconciled = await reconcile(environment, exported, vendors, { adopt, removeUsed, yes }, context);
    const isStale = reconciled.dropped.length > 0;
    guardTransition(readRecorded(isStale ? await session.exportState() : exported), config);
    output.emit({ type: "step-started", step: "Preview" });
    const plan = await session.preview({
      adopt: reconciled.adopted,
      onChange: (change) => {
        const line = changeLine(change, output);
        if (line !== undefined) output.note(line);
      },
    });
    output.emit({ type: "step-finished", step: "Preview", note: countsLine(plan) });
    if (hasChanges(plan)) await requireConfirmation(`Change the environment ${stack}?`, "change", yes, context);
    output.emit({ type: "step-started", step: "Update" });
    const report = await session.up({
      adopt: reconciled.adopted,
      onChange: (change) => {
        const line = changeLine(change, output);
        if (line !== undefined) output.note(`${line} done`);
      },
    });
    output.emit({ type: "step-finished", step: "Update", note: countsLine(report) });
    // The local cloud is thrown away: its salt would only change a file in git.
    if (!environment.isLocal && (await keepEncryptionSalt(environment.file, await session.encryptionSalt()))) {
      output.note(`  encryptionsalt written to Pulumi.${stack}.yaml: commit it`);
    }
    const outputs = maskedOutputs(report.outputs);
    output.text(hasChanges(report) ? `${stack} is up to date: ${countsLine(report)}` : `${stack}: nothing to change`);
    return { stack, changed: hasChanges(report), changes: report.counts, reconciled, outputs };
  },
});

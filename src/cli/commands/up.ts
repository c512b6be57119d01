import { countsLine, hasChanges } from "../../engine/engine-report.ts";
import { stepLine } from "../../flows/environment/slot-steps.ts";
import { up as bringUp } from "../../flows/environment/up.ts";
import { maskedOutputs } from "../../state/outputs.ts";
import {
  ADOPT_OPTION,
  defineCommand,
  FORCE_OPTION,
  REMOVE_USED_OPTION,
  STACK_OPTION,
  WAIT_OPTION,
  YES_OPTION,
} from "../define-command.ts";

interface UpFlags {
  readonly stack: string;
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly adopt?: boolean;
  readonly removeUsed?: boolean;
  readonly deploy?: boolean;
  readonly force?: boolean;
}

export const up = defineCommand<UpFlags>({
  name: "up",
  summary: "create or update an environment: namespaces, credentials, gateway, environment group, links",
  options: [
    STACK_OPTION,
    YES_OPTION,
    WAIT_OPTION,
    ADOPT_OPTION,
    REMOVE_USED_OPTION,
    FORCE_OPTION,
    { flags: "--deploy", description: "deploy each service that runs with older variables, and wait until it is live" },
  ],
  examples: ["kvshift up --stack dev", "kvshift up --stack dev --deploy", "kvshift up --stack prod --yes --json"],
  run: async (flags, context) => {
    const { stack, yes, wait = false, adopt = false, removeUsed = false, deploy = false, force = false } = flags;
    const options = { yes, wait, adopt, removeUsed, deploy, force };
    const { report, reconciled, refusedSecrets, slots, outputs, deploys } = await bringUp(stack, options, context);
    const changed = hasChanges(report) || slots.length > 0;
    const parts = [...(hasChanges(report) ? [countsLine(report)] : []), ...slots.map(stepLine)];
    context.output.text(changed ? `${stack} is up to date: ${parts.join("; ")}` : `${stack}: nothing to change`);
    const result = {
      stack,
      changed,
      changes: report.counts,
      reconciled,
      refusedSecrets,
      slots,
      outputs: maskedOutputs(outputs),
    };
    return deploys === undefined ? result : { ...result, deploys };
  },
});

import { countsLine, hasChanges } from "../../engine/engine-report.ts";
import { up as bringUp } from "../../flows/environment/up.ts";
import { maskedOutputs } from "../../state/outputs.ts";
import {
  ADOPT_OPTION,
  defineCommand,
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
    { flags: "--deploy", description: "deploy each service that runs with older variables, and wait until it is live" },
  ],
  examples: ["kvshift up --stack dev", "kvshift up --stack dev --deploy", "kvshift up --stack prod --yes --json"],
  run: async ({ stack, yes, wait = false, adopt = false, removeUsed = false, deploy = false }, context) => {
    const options = { yes, wait, adopt, removeUsed, deploy };
    const { report, reconciled, refusedSecrets, outputs, deploys } = await bringUp(stack, options, context);
    const changed = hasChanges(report);
    context.output.text(changed ? `${stack} is up to date: ${countsLine(report)}` : `${stack}: nothing to change`);
    const result = {
      stack,
      changed,
      changes: report.counts,
      reconciled,
      refusedSecrets,
      outputs: maskedOutputs(outputs),
    };
    return deploys === undefined ? result : { ...result, deploys };
  },
});

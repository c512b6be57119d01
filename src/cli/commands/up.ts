import { guardTransition } from "../../flows/environment/guards.ts";
import { readRecorded } from "../../state/recorded.ts";
import { applyChanges } from "../../flows/environment/apply-changes.ts";
import { countsLine, hasChanges } from "../change-lines.ts";
import { vendorsOf } from "../../flows/environment/connect-vendors.ts";
import {
  ADOPT_OPTION,
  defineCommand,
  REMOVE_USED_OPTION,
  STACK_OPTION,
  WAIT_OPTION,
  YES_OPTION,
} from "../define-command.ts";
import { deployEnvironment } from "../../flows/deploy/deploy-environment.ts";
import { maskedOutputs } from "../masked-outputs.ts";
import { openEnvironment } from "../../flows/environment/open-environment.ts";
import { adoptionOf, reconcile } from "../../flows/reconcile/reconcile.ts";

interface UpOptions {
  readonly stack: string;
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly adopt?: boolean;
  readonly removeUsed?: boolean;
  readonly deploy?: boolean;
}

export const up = defineCommand<UpOptions>({
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
  run: async ({ stack, yes, wait, adopt = false, removeUsed = false, deploy = false }, context) => {
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
    guardTransition(readRecorded(await session.exportState()), config);
    const report = await applyChanges(environment, { adopt: adoptionOf(reconciled), yes }, context);
    const changed = hasChanges(report);
    output.text(changed ? `${stack} is up to date: ${countsLine(report)}` : `${stack}: nothing to change`);
    const result = { stack, changed, changes: report.counts, reconciled, outputs: maskedOutputs(report.outputs) };
    return deploy ? { ...result, deploys: await deployEnvironment(environment, vendors, context) } : result;
  },
});

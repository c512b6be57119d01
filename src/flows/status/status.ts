import { BEFORE_ANY_EXPIRY } from "../../core/clock.ts";
import type { RunContext } from "../../core/run-context.ts";
import { vendorsOf } from "../environment/connect-vendors.ts";
import type { EnvironmentFile } from "../environment/environment-file.ts";
import { openEnvironment } from "../environment/open-environment.ts";
import { judge, type StatusReport } from "./judge.ts";
import { observe } from "./observe.ts";

const STEP = "Look at the state and both vendors";

/**
 * How an environment is: look at the state and both vendors, then judge. Changes nothing and takes no lock. `file`: what
 * describes it, where that is not a file of its own.
 *
 * @throws AppError STACK_NOT_FOUND, and with the code of what failed (docs/errors.md)
 */
export async function status(stack: string, run: RunContext, file?: EnvironmentFile): Promise<StatusReport> {
  const { emit, clock } = run;
  // A credential that has expired is what people look for here: it must not be refused as a configuration.
  const lenient = { ...run, clock: BEFORE_ANY_EXPIRY };
  await using environment = await openEnvironment(stack, lenient, {
    create: false,
    needsVendors: true,
    lock: "none",
    identity: "any",
    ...(file === undefined ? {} : { file }),
  });
  emit({ type: "step-started", step: STEP });
  const observation = await observe(environment, vendorsOf(run), run);
  emit({ type: "step-finished", step: STEP });
  return judge(observation, clock.now());
}

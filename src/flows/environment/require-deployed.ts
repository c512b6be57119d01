import { AppError } from "../../core/app-error.ts";
import type { SlotState } from "../../core/names.ts";
import type { Deployment } from "../../state/deployment.ts";
import { readRecordedObjects } from "../../state/objects.ts";
import { readProvisioned } from "../../state/provisioned.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { ServiceStatus } from "../status/judge-service.ts";
import { judgedServices } from "../deploy/deploy-environment.ts";
import type { OpenEnvironment } from "./open-environment.ts";
import type { SlotStep } from "./slot-steps.ts";

/** What a credential is accepted in, or was a step ago. */
const IN_USE: ReadonlySet<SlotState> = new Set(["live", "draining"]);

/**
 * Whether a step takes from services what they may run with. One that drains in the very run that hands out the other
 * slot takes nothing: it is accepted, and protected by the next step of its own.
 */
function endsUse({ role, slot, from, to }: SlotStep, wasActive: string | undefined): boolean {
  if (role !== "application" || !IN_USE.has(from) || to === "live") return false;
  return to !== "draining" || wasActive !== slot;
}

/**
 * Refuses to take a credential out of use while a service still runs with it: one that was not deployed since the other
 * slot was handed out. Returns the names of such services where a person says that they may fail.
 *
 * @throws AppError ROTATION_BLOCKED with the services, and their deploy as the fix
 */
export async function requireDeployed(
  { name, config, session }: OpenEnvironment,
  state: Deployment,
  steps: readonly SlotStep[],
  { render }: Pick<Vendors, "render">,
  force: boolean,
): Promise<readonly string[]> {
  const wasActive = readProvisioned(state, []).outputs?.credentials.application.active;
  const ending = steps.filter((step) => endsUse(step, wasActive));
  if (ending.length === 0) return [];
  const linked = readRecordedObjects(state).links.flatMap(({ services }) => services);
  const ids = [...new Set([...config.render.services, ...linked])];
  const holders = (await judgedServices({ session, config }, { render }, ids)).filter(mayHoldOld);
  const names = holders.map((service) => service.name ?? service.id);
  if (holders.length === 0 || force) return names;
  throw new AppError("ROTATION_BLOCKED", {
    problem: `A service may still run with the credential that this step takes out of use: ${names.join(", ")}.`,
    details: [
      ...ending.map(({ role, slot, from, to }) => `${role} slot ${slot} would go from ${from} to ${to}`),
      ...holders.map(({ name: service, id, state: how, deployedAt = "never" }) => {
        return `${service ?? id}: ${how}; what runs was deployed ${deployedAt}, before the variables changed`;
      }),
    ],
    fix: `Put the slot back in Pulumi.${name}.yaml, deploy with kvshift up --stack ${name} --deploy, then take the step again. Or let kvshift rotate apply --stack ${name} do all of it. With --force it is taken as it is, and those services fail until they are deployed.`,
  });
}

/** One that never ran holds nothing, and one that is suspended gets the current variables when it is resumed. */
function mayHoldOld({ state, deployedAt }: ServiceStatus): boolean {
  return deployedAt !== undefined && (state === "stale" || state === "failed" || state === "deploying");
}

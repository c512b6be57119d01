import { BEFORE_ANY_EXPIRY } from "../../core/clock.ts";
import { credentialId, type Role } from "../../core/names.ts";
import { pause, type RunContext } from "../../core/run-context.ts";
import { variablesOf } from "../../state/outputs.ts";
import { connectKv, type Usage } from "../../vendors/kv-access.ts";
import { openEnvironment, type OpenEnvironment } from "../environment/open-environment.ts";
import { type Due, dueOf } from "./due.ts";
import { planRotation, type PlannedStep, type PlanOptions } from "./plan.ts";
import { type RoleStage, stageOf } from "./stages.ts";

export interface RotationStatus {
  readonly stages: readonly RoleStage[];
  readonly due: readonly Due[];
  /** Who used or was refused with which credential; absent under `rest`, or where the ledger could not be read. */
  readonly usage: Usage | undefined;
}

/** Where the rotations of roles stand, what is due, and who uses what. Changes nothing and takes no lock. */
export async function rotationStatus(stack: string, roles: readonly Role[], run: RunContext): Promise<RotationStatus> {
  await using environment = await openToLook(stack, run);
  const { name, config } = environment;
  const stages = roles.map((role) => stageOf(name, config.credentials, role));
  const due = roles.map((role) => dueOf(name, config, role, run.clock.now()));
  return { stages, due, usage: await readUsage(environment, run) };
}

/** What `apply` would do. Changes nothing and takes no lock. */
export async function rotationPlan(
  stack: string,
  roles: readonly Role[],
  options: Omit<PlanOptions, "services" | "access">,
  run: RunContext,
): Promise<{ readonly stages: readonly RoleStage[]; readonly steps: readonly PlannedStep[] }> {
  await using environment = await openToLook(stack, run);
  const { name, config } = environment;
  const stages = roles.map((role) => stageOf(name, config.credentials, role));
  const { access, render } = config;
  return { stages, steps: planRotation(stages, { ...options, access, services: render.services }) };
}

function openToLook(stack: string, run: RunContext): Promise<OpenEnvironment> {
  // What has expired is what people look for here.
  const lenient = { ...run, clock: BEFORE_ANY_EXPIRY };
  return openEnvironment(stack, lenient, { create: false, needsVendors: false, lock: "none" });
}

async function readUsage({ name, config, session }: OpenEnvironment, run: RunContext): Promise<Usage | undefined> {
  if (config.access !== "gateway") return undefined;
  const outputs = await session.outputs();
  if (Object.keys(outputs).length === 0) return undefined;
  const { active, slots } = config.credentials.operator;
  const secret = (await session.credentialSecrets()).get(credentialId(name, "operator", active, slots[active].epoch));
  const apiUrl = variablesOf(outputs).plain["CLOUDFLARE_KV_API_URL"];
  if (secret === undefined || apiUrl === undefined) return undefined;
  const { accountId } = config.cloudflare;
  const kv = connectKv({ apiUrl, accountId, secret, fetch, sleep: pause, signal: run.signal, repeats: 0 });
  try {
    const usage = await kv.usage();
    return usage === "refused" ? undefined : usage;
  } catch {
    // From another address than the operator's the ledger is closed; the rest of the status is not.
    return undefined;
  }
}

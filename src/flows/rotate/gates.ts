import { AppError } from "../../core/app-error.ts";
import { isJsonObject } from "../../core/json-object.ts";
import { Secret } from "../../core/secret.ts";
import { readRecordedObjects } from "../../state/objects.ts";
import type { Outputs } from "../../state/outputs.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { RenderGroup } from "../../vendors/render.ts";
import type { OpenEnvironment } from "../environment/open-environment.ts";
import { changedVariables } from "../reconcile/variable-changes.ts";
import type { RunContext } from "../../core/run-context.ts";
import type { NamedSecret } from "../../state/group-variables.ts";
import { credentialProblems } from "../status/judge-credentials.ts";
import { judge } from "../status/judge.ts";
import { observe } from "../status/observe.ts";

/**
 * Before anything is minted: state and vendors agree, nothing drifted, every service runs with the current variables,
 * nothing shadows them. What is wrong with a credential itself is what a rotation mends.
 *
 * @throws AppError ROTATION_BLOCKED with every problem and its fix
 */
export async function requireHealthy(
  environment: OpenEnvironment,
  vendors: Vendors,
  run: Pick<RunContext, "clock" | "signal">,
): Promise<void> {
  const report = judge(await observe(environment, vendors, run), run.clock.now());
  const { name, access } = report.environment;
  const own = new Set(credentialProblems(name, report.credentials, access).map(({ what }) => what));
  const deploying = report.services.filter(({ state }) => state === "deploying");
  const details = [
    ...report.problems.filter(({ what }) => !own.has(what)).map(({ what, fix }) => `${what} ${fix}`),
    ...deploying.map((service) => `${service.name ?? service.id} is being deployed. Wait until it is live.`),
    ...(report.drift.looked ? [] : [`The vendors could not be compared with the state: ${report.drift.why}`]),
  ];
  if (details.length === 0) return;
  throw new AppError("ROTATION_BLOCKED", {
    problem: `${name} is not as it should be: a rotation begins only where everything is.`,
    details,
    fix: "Mend what the lines name, then run it again. Nothing was changed.",
  });
}

/** A service that gets the environment's variables: it is linked to its group. */
export interface LinkedService {
  readonly id: string;
  readonly name: string;
}

/**
 * In the middle of a rotation: the group at Render holds what the last run gave it, and the gateway serves the version
 * of the last run. Otherwise what services hold is not what this rotation is about. Returns the services that are
 * linked to the group, previews too.
 *
 * @throws AppError ROTATION_BLOCKED
 */
export async function requireIntact(
  { name, config, session }: OpenEnvironment,
  { render, cloudflare }: Vendors,
): Promise<readonly LinkedService[]> {
  const [state, outputs] = await Promise.all([session.exportState(), session.outputs()]);
  const { groups, workers, workerVersions } = readRecordedObjects(state);
  const { accountId } = config.cloudflare;
  const workerId = workers[0]?.id;
  const [group, worker] = await Promise.all([
    groups[0] === undefined ? undefined : render.group(groups[0].id),
    workerId === undefined ? undefined : cloudflare.worker(accountId, workerId),
  ]);
  const served = worker === undefined ? [] : await cloudflare.deployedVersions(accountId, worker.name);
  const versionId = workerVersions[0]?.id;
  const isOwnVersion = served.length === 1 && served[0]?.id === versionId;
  const details = [
    ...groupLines(group, outputs),
    ...(config.access === "gateway" && !isOwnVersion
      ? [`The gateway serves another version than the last run deployed (${versionId ?? "none"}): somebody changed it.`]
      : []),
  ];
  if (details.length === 0) return group?.serviceLinks ?? [];
  throw new AppError("ROTATION_BLOCKED", {
    problem: `Somebody changed ${name} in the middle of its rotation: the old credential was left as it is.`,
    details,
    fix: `See \`kvshift status --stack ${name}\`; \`kvshift up --stack ${name}\` makes it what the file says. Then run \`kvshift rotate apply\` again.`,
    retryable: true,
  });
}

function groupLines(group: RenderGroup | undefined, outputs: Outputs): string[] {
  if (group === undefined) return ["The environment group is gone."];
  return changedVariables(given(outputs), group.envVars).map(
    ({ key, change }) => `${key} of the group ${group.name}: ${change}`,
  );
}

function given(outputs: Outputs): NamedSecret[] {
  return ["variables", "secretVariables"].flatMap((output) => {
    const part = outputs[output]?.value;
    if (!isJsonObject(part)) return [];
    return Object.entries(part).map(([key, value]) => ({ key, value: new Secret(String(value)) }));
  });
}

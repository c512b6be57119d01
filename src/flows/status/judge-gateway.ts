import { gatewayWorkerName } from "../../core/names.ts";
import type { DeployedVersion } from "../../vendors/cloudflare.ts";
import type { Observation } from "./observe.ts";
import type { Problem } from "./problem.ts";

export interface GatewayStatus {
  readonly workerName: string;
  readonly workerId?: string;
  readonly exists: boolean;
  /** Where services reach it, as the last run that ended well said. */
  readonly url?: string;
  /** The version that the last run deployed. */
  readonly versionId?: string;
  /** What Cloudflare serves now. */
  readonly deployed: readonly DeployedVersion[];
  /** Whether that is the version of the last run, and nothing else. */
  readonly servesOwnVersion: boolean;
}

type GatewayInput = Pick<Observation, "environment" | "config" | "objects" | "provisioned" | "gateway">;

/** The gateway as the state knows it and as Cloudflare has it; `undefined` where the environment has none. */
export function judgeGateway(input: GatewayInput): GatewayStatus | undefined {
  const { environment, config, objects, provisioned, gateway } = input;
  const workerId = objects.workers[0]?.id;
  if (config.access !== "gateway" && workerId === undefined) return undefined;
  const versionId = objects.workerVersions[0]?.id;
  const url = provisioned.outputs?.gateway?.url;
  const deployed = gateway?.deployed ?? [];
  return {
    workerName: gateway?.name ?? gatewayWorkerName(config.app, environment),
    ...(workerId === undefined ? {} : { workerId }),
    exists: gateway !== undefined,
    ...(url === undefined ? {} : { url }),
    ...(versionId === undefined ? {} : { versionId }),
    deployed,
    servesOwnVersion: versionId !== undefined && deployed.length === 1 && deployed[0]?.id === versionId,
  };
}

/** What of the gateway needs attention. */
export function gatewayProblems(environment: string, gateway: GatewayStatus | undefined): Problem[] {
  if (gateway === undefined) return [];
  const { workerName, workerId, exists, versionId, deployed, servesOwnVersion } = gateway;
  const up = `kvshift up --stack ${environment}`;
  if (workerId === undefined) return [{ what: "The state has no gateway.", fix: `${up} creates it.` }];
  if (!exists) {
    const what = `The gateway's Worker ${workerName} (${workerId}) no longer exists at Cloudflare.`;
    return [{ what, fix: `${up} --deploy creates it again. What its strong namespaces held is lost.` }];
  }
  if (servesOwnVersion) return [];
  if (versionId === undefined) return [{ what: "The state has no version of the gateway.", fix: `${up} deploys one.` }];
  const served = deployed.map(({ id, percentage }) => `${id} (${String(percentage)} %)`).join(", ") || "none";
  return [
    {
      what: `The gateway serves another version than the last run deployed: ${served}, not ${versionId}. Credentials that were revoked since may be valid there.`,
      fix: `npx wrangler versions deploy ${versionId}@100% --name ${workerName}, or deploy that version in the dashboard: Workers & Pages, ${workerName}, Deployments.`,
    },
  ];
}

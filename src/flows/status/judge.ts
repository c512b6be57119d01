import type { Access, EnvironmentKind, Phase, Role, Slot } from "../../core/names.ts";
import type { DriftedResource } from "../../engine/drift.ts";
import type { Run } from "../../state/runs.ts";
import { type CredentialStatus, credentialProblems, judgeCredentials } from "./judge-credentials.ts";
import { driftProblems } from "./judge-drift.ts";
import { gatewayProblems, type GatewayStatus, judgeGateway } from "./judge-gateway.ts";
import {
  type GroupStatus,
  groupProblems,
  judgeGroup,
  judgeLinks,
  judgeNamespaces,
  type LinkStatus,
  namespaceProblems,
  type NamespaceStatus,
} from "./judge-objects.ts";
import { judgeService, serviceProblems, type ServiceStatus } from "./judge-service.ts";
import type { Observation } from "./observe.ts";
import type { Problem } from "./problem.ts";
import { findShadowing, type Shadowing, shadowingProblems } from "./shadowing.ts";
import { differenceProblems, unrecordedProblems } from "./state-problems.ts";

export interface EnvironmentStatus {
  readonly name: string;
  readonly kind: EnvironmentKind;
  readonly app: string;
  readonly access: Access;
  readonly phase: Phase;
  /** Percent of keys that are read from KV; in phase `dual` only. */
  readonly readShare?: number;
  readonly account: {
    readonly id: string;
    /** Other environments of the project in the same account. */
    readonly sharedWith: readonly string[];
    /** Environments of the project whose file cannot be read. */
    readonly unknown: readonly string[];
  };
  readonly lastRun?: Run;
}

/** What `kvshift status --json` prints. Holds names and ids, no value of a variable and no secret. */
export interface StatusReport {
  readonly environment: EnvironmentStatus;
  readonly credentials: readonly CredentialStatus[];
  readonly namespaces: readonly NamespaceStatus[];
  /** Absent under `access: rest`. */
  readonly gateway?: GatewayStatus;
  readonly group: GroupStatus;
  readonly links: readonly LinkStatus[];
  readonly services: readonly ServiceStatus[];
  readonly shadowing: readonly Shadowing[];
  readonly drift:
    | { readonly looked: true; readonly resources: readonly DriftedResource[] }
    | { readonly looked: false; readonly why: string };
  /** What needs attention; empty where everything is as it should be. */
  readonly problems: readonly Problem[];
}

/** Makes of an observation what people and programs read. Pure. `now`: milliseconds since the epoch. */
export function judge(observation: Observation, now: number): StatusReport {
  const { environment: name, recorded, objects, provisioned, tokens, group: observedGroup } = observation;
  const environment = describeEnvironment(observation);
  const credentials = judgeCredentials({
    environment: name,
    slots: recorded.slots,
    active: activeSlots(observation),
    recorded: objects.tokens,
    tokens,
    verdicts: observation.verdicts,
    dates: provisioned.outputs?.credentials,
    config: observation.config,
    now,
  });
  const gateway = judgeGateway(observation);
  const namespaces = judgeNamespaces(observation);
  const group = judgeGroup(observation);
  const links = judgeLinks(observation);
  const services = observation.services.map((service) => judgeService(service, provisioned.variablesChangedAt));
  const isOurs = ownServices(observation);
  const shadowing = findShadowing({
    phase: environment.phase,
    keys: new Set([...observation.givenKeys, ...(observedGroup?.keys ?? [])]),
    createdAt: observedGroup?.createdAt,
    services: observation.serviceVariables.filter(({ name: service }) => isOurs(service)),
    otherGroups: observation.otherGroups,
  });
  const { drift } = observation;
  return {
    environment,
    credentials,
    namespaces,
    ...(gateway === undefined ? {} : { gateway }),
    group,
    links,
    services,
    shadowing,
    drift: drift.looked ? drift : { looked: false, why: [drift.error.problem, ...drift.error.details].join(" ") },
    problems: [
      ...differenceProblems(observation),
      ...accountProblems(environment),
      ...credentialProblems(name, credentials, environment.access),
      ...namespaceProblems(name, namespaces),
      ...gatewayProblems(name, gateway),
      ...groupProblems(
        name,
        group,
        links.filter(({ linked, name: service }) => linked || isOurs(service)),
      ),
      ...serviceProblems(name, services),
      ...shadowingProblems(name, shadowing),
      ...driftProblems(name, drift, { namespaces, group, links }),
      ...unrecordedProblems(name, observation.unrecorded),
    ],
  };
}

/** What was provisioned counts; the file only before the first run that ended well. */
function describeEnvironment({ environment, config, sharing, provisioned, lastRun }: Observation): EnvironmentStatus {
  const { kind, app, access, cloudflare } = config;
  const { phase, readShare = 0 } = provisioned.outputs?.environment ?? config;
  return {
    name: environment,
    kind,
    app,
    access,
    phase,
    ...(phase === "dual" ? { readShare } : {}),
    account: { id: cloudflare.accountId, ...sharing },
    ...(lastRun === undefined ? {} : { lastRun }),
  };
}

/**
 * Whether a service is this environment's to mend: one that a group of another environment serves is neither linked
 * unasked nor freed of its variables.
 */
function ownServices({ otherGroups }: Observation): (name: string | undefined) => boolean {
  const served = new Set(otherGroups.flatMap(({ owner, services }) => (owner === undefined ? [] : services)));
  return (name) => name === undefined || !served.has(name);
}

function activeSlots({ config, provisioned }: Observation): Record<Role, Slot> {
  const { application, operator } = provisioned.outputs?.credentials ?? config.credentials;
  return { application: application.active, operator: operator.active };
}

function accountProblems({ kind, account }: EnvironmentStatus): Problem[] {
  if (kind !== "production" || account.sharedWith.length === 0) return [];
  const what = `Production shares its Cloudflare account with ${account.sharedWith.join(", ")}: a token of either reaches all namespaces of both.`;
  return [{ what, fix: "Give production an account of its own: kvshift:cloudflare.accountId." }];
}

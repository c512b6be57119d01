import type { EnvironmentConfig } from "../../config/schema.ts";
import { environmentGroupName, gatewayWorkerName } from "../../core/names.ts";
import { BINDINGS } from "../../gateway/bindings.ts";
import type { Neighbours } from "../../policy/model.ts";
import type { RecordedObjects } from "../../state/objects.ts";
import type {
  CloudflareHostName,
  CloudflareNamespace,
  CloudflareToken,
  CloudflareWorker,
  DeployedVersion,
} from "../../vendors/cloudflare.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { RenderBlueprint, RenderGroup } from "../../vendors/render.ts";
import { lookAround, selfOf, type Surroundings } from "../ownership/look-around.ts";

/** What the vendors hold that may be of an environment. */
export interface Observed {
  /** All of the account. */
  readonly namespaces: readonly CloudflareNamespace[];
  /** All of the account, expired ones too; none behind the gateway, which has no tokens. */
  readonly tokens: readonly CloudflareToken[];
  /** That of the environment's name, where it is to have one, and those that the state knows. */
  readonly workers: readonly CloudflareWorker[];
  /** Those of the environment's name, and those that the state knows. */
  readonly groups: readonly RenderGroup[];
  /** Asked for only where a group of the environment's name is there that the state does not know. */
  readonly blueprints: readonly RenderBlueprint[];
  /** Other groups of the workspace, and whose they are. */
  readonly around: Surroundings;
  /** Which environment a Worker that the state does not know serves, by its id; absent where it was told none. */
  readonly servedByWorkers: ReadonlyMap<string, string>;
  /** The versions that each Worker of the state serves, by the Worker's id. */
  readonly served: ReadonlyMap<string, readonly DeployedVersion[]>;
  /** Host names of Workers of the account; none where the state knows none. */
  readonly hostNames: readonly CloudflareHostName[];
}

export interface ObserveOptions {
  readonly environment: string;
  readonly config: Pick<EnvironmentConfig, "app" | "access" | "cloudflare" | "render">;
  readonly recorded: RecordedObjects;
  /** The project's other environments. */
  readonly neighbours: Neighbours;
}

/** Asks both vendors, side by side; changes nothing. */
export async function observe(
  { cloudflare, render }: Vendors,
  { environment, config, recorded, neighbours }: ObserveOptions,
): Promise<Observed> {
  const { accountId } = config.cloudflare;
  const isGateway = config.access === "gateway";
  // The key need not be allowed to see what the environment does not have.
  const tokens = async (): Promise<CloudflareToken[]> =>
    isGateway && recorded.tokens.length === 0 ? [] : cloudflare.tokens(accountId);
  const workers = async (): Promise<CloudflareWorker[]> => {
    const known = recorded.workers.map(({ id }) => id);
    const wanted = isGateway ? [gatewayWorkerName(config.app, environment), ...known] : known;
    const found = await Promise.all(wanted.map((idOrName) => cloudflare.worker(accountId, idOrName)));
    return [...new Map(found.flatMap((worker) => (worker ? [[worker.id, worker] as const] : []))).values()];
  };
  const named = async (): Promise<string[]> => {
    const groups = await render.groups(config.render.ownerId, environmentGroupName(config.app, environment));
    return groups.map(({ id }) => id);
  };
  const groups = async (): Promise<Pick<Observed, "groups" | "blueprints">> => {
    const known = new Set(recorded.groups.map(({ id }) => id));
    const ids = new Set([...(await named()), ...known]);
    const found = await Promise.all([...ids].map((id) => render.group(id)));
    const isUnknownThere = [...ids].some((id) => !known.has(id));
    return {
      groups: found.filter((group) => group !== undefined),
      blueprints: isUnknownThere ? await render.blueprints(config.render.ownerId) : [],
    };
  };
  const [namespaces, allTokens, ownWorkers, atRender, around] = await Promise.all([
    cloudflare.namespaces(accountId),
    tokens(),
    workers(),
    groups(),
    lookAround(render, config.render, selfOf(environment, config, recorded, neighbours)),
  ]);
  const isKnown = ({ id }: CloudflareWorker): boolean => recorded.workers.some((known) => known.id === id);
  const unknown = ownWorkers.filter((worker) => !isKnown(worker));
  const [servedByWorkers, served, hostNames] = await Promise.all([
    environmentsOf(cloudflare, accountId, unknown),
    Promise.all(
      ownWorkers
        .filter(isKnown)
        .map(async ({ id, name }) => [id, await cloudflare.deployedVersions(accountId, name)] as const),
    ),
    recorded.customDomains.length === 0 ? [] : cloudflare.hostNames(accountId),
  ]);
  const atCloudflare = { namespaces, tokens: allTokens, workers: ownWorkers, hostNames, servedByWorkers };
  return { ...atCloudflare, ...atRender, around, served: new Map(served) };
}

/** What each Worker's version was told to serve: two environments may give their Workers the same name. */
async function environmentsOf(
  cloudflare: Vendors["cloudflare"],
  accountId: string,
  workers: readonly CloudflareWorker[],
): Promise<ReadonlyMap<string, string>> {
  const told = await Promise.all(
    workers.map(async ({ id, name }) => {
      const [version] = await cloudflare.deployedVersions(accountId, name);
      const texts = version && (await cloudflare.versionTexts(accountId, id, version.id));
      const environment = texts?.get(BINDINGS.ENVIRONMENT);
      return environment === undefined ? [] : [[id, environment] as const];
    }),
  );
  return new Map(told.flat());
}

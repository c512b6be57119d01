import type { EnvironmentConfig } from "../../config/schema.ts";
import { environmentGroupName, gatewayWorkerName } from "../../core/names.ts";
import type { RecordedObjects } from "../../state/objects.ts";
import type { CloudflareNamespace, CloudflareToken, CloudflareWorker } from "../../vendors/cloudflare.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { RenderBlueprint, RenderGroup } from "../../vendors/render.ts";

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
}

export interface ObserveOptions {
  readonly environment: string;
  readonly config: Pick<EnvironmentConfig, "app" | "access" | "cloudflare" | "render">;
  readonly recorded: RecordedObjects;
}

/** Asks both vendors, side by side; changes nothing. */
export async function observe(
  { cloudflare, render }: Vendors,
  { environment, config, recorded }: ObserveOptions,
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
  const [namespaces, allTokens, ownWorkers, atRender] = await Promise.all([
    cloudflare.namespaces(accountId),
    tokens(),
    workers(),
    groups(),
  ]);
  return { namespaces, tokens: allTokens, workers: ownWorkers, ...atRender };
}

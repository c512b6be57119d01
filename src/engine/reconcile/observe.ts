import type { EnvironmentConfig } from "../../config/schema.ts";
import { environmentGroupName } from "../../core/names.ts";
import type { CloudflareNamespace, CloudflareToken } from "../../vendors/cloudflare.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { RenderBlueprint, RenderGroup } from "../../vendors/render.ts";
import type { RecordedObjects } from "./recorded-objects.ts";

/** What the vendors hold that may be of an environment. */
export interface Observed {
  /** All of the account. */
  readonly namespaces: readonly CloudflareNamespace[];
  /** All of the account, expired ones too. */
  readonly tokens: readonly CloudflareToken[];
  /** Those of the environment's name, and those that the state knows. */
  readonly groups: readonly RenderGroup[];
  /** Asked for only where a group of the environment's name is there that the state does not know. */
  readonly blueprints: readonly RenderBlueprint[];
}

export interface ObserveOptions {
  readonly environment: string;
  readonly config: Pick<EnvironmentConfig, "app" | "cloudflare" | "render">;
  readonly recorded: RecordedObjects;
}

/** Asks both vendors, side by side; changes nothing. */
export async function observe(
  { cloudflare, render }: Vendors,
  { environment, config, recorded }: ObserveOptions,
): Promise<Observed> {
  const { accountId } = config.cloudflare;
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
  const [namespaces, tokens, atRender] = await Promise.all([
    cloudflare.namespaces(accountId),
    cloudflare.tokens(accountId),
    groups(),
  ]);
  return { namespaces, tokens, ...atRender };
}

import type { EnvironmentConfig } from "../../config/schema.ts";
import { environmentGroupName } from "../../core/names.ts";
import type { CloudflareNamespace, CloudflareToken } from "../../vendors/cloudflare.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { RenderGroup } from "../../vendors/render.ts";
import type { RecordedObjects } from "./recorded-objects.ts";

/** What the vendors hold that may be of an environment. */
export interface Observed {
  /** All of the account. */
  readonly namespaces: readonly CloudflareNamespace[];
  /** All of the account, expired ones too. */
  readonly tokens: readonly CloudflareToken[];
  /** Those of the environment's name, and those that the state knows. */
  readonly groups: readonly RenderGroup[];
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
  const groups = async (): Promise<RenderGroup[]> => {
    const ids = new Set([...(await named()), ...recorded.groups.map(({ id }) => id)]);
    const found = await Promise.all([...ids].map((id) => render.group(id)));
    return found.filter((group) => group !== undefined);
  };
  const [namespaces, tokens, existing] = await Promise.all([
    cloudflare.namespaces(accountId),
    cloudflare.tokens(accountId),
    groups(),
  ]);
  return { namespaces, tokens, groups: existing };
}

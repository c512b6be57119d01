import type { EnvironmentConfig } from "../src/config/schema.ts";
import { ROLES } from "../src/core/names.ts";

/** What the local vendors hold before anybody calls them. */
export interface Seeds {
  readonly accounts: readonly {
    readonly id: string;
    readonly name: string;
    readonly workersSubdomain?: string | undefined;
  }[];
  readonly owners: readonly { readonly id: string; readonly name: string }[];
  readonly services: readonly {
    readonly id: string;
    readonly name: string;
    readonly ownerId: string;
    readonly environmentId?: string;
    readonly type?: "cron_job";
  }[];
  readonly projects: readonly { readonly id: string; readonly name: string; readonly ownerId: string }[];
  /** Environments of Render's projects. */
  readonly environments: readonly { readonly id: string; readonly name: string; readonly projectId: string }[];
  /** The address that requests seem to come from: one that the IP conditions admit, where there are any. */
  readonly sourceAddress: string;
}

/**
 * Accounts, workspaces and services from the ids of the project's environments, so that each runs unchanged. `template`:
 * that of previews, which has an account; its services are those of an environment.
 */
export function seedsOf(
  environments: Readonly<Record<string, EnvironmentConfig>>,
  template?: EnvironmentConfig,
): Seeds {
  const entries = Object.entries(environments);
  const previews = template === undefined ? [] : [["preview", template] as const];
  const accounts = [...entries, ...previews].map(([name, { cloudflare }]) => ({
    id: cloudflare.accountId,
    name: `${name} account`,
    workersSubdomain: cloudflare.workersSubdomain,
  }));
  const owners = entries.map(([, { render, app }]) => ({ id: render.ownerId, name: app }));
  const services = entries.flatMap(([name, { app, render }]) =>
    render.services.map((id, index) => ({
      id,
      name: `${app}-${name}${index === 0 ? "" : `-${String(index + 1)}`}`,
      ownerId: render.ownerId,
      ...(render.environmentId === undefined ? {} : { environmentId: render.environmentId }),
      ...(id.startsWith("crn-") ? { type: "cron_job" as const } : {}),
    })),
  );
  const scoped = entries.flatMap(([name, { app, render }]) =>
    render.environmentId === undefined
      ? []
      : [{ id: render.environmentId, name, app, ownerId: render.ownerId, projectId: projectIdOf(render.ownerId) }],
  );
  const allowed = entries.flatMap(([, { credentials }]) => ROLES.flatMap((role) => credentials[role].allowedIps ?? []));
  return {
    accounts: distinctById(accounts),
    owners: distinctById(owners),
    services: distinctById(services),
    projects: distinctById(scoped.map(({ projectId, app, ownerId }) => ({ id: projectId, name: app, ownerId }))),
    environments: distinctById(scoped.map(({ id, name, projectId }) => ({ id, name, projectId }))),
    sourceAddress: allowed[0]?.split("/")[0] ?? "127.0.0.1",
  };
}

/** One project for each workspace that the files name an environment of. */
function projectIdOf(ownerId: string): string {
  return ownerId.replace(/^[a-z]+-/, "prj-");
}

function distinctById<T extends { readonly id: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.id, item])).values()];
}

import {
  CLOUDFLARE_ID,
  DNS_LABEL,
  RENDER_ENVIRONMENT_ID,
  RENDER_SERVICE_ID,
  RENDER_WORKSPACE_ID,
} from "../../config/formats.ts";
import { AppError } from "../../core/app-error.ts";
import type { Choice } from "../../core/ask.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import { type Names, readable } from "./answers.ts";

export interface ServiceChoice extends Choice {
  /** The environment of a project that it is in. */
  readonly environmentId: string | undefined;
}

/** What the vendors offer for an answer. Each list also learns the names of what it holds. */
export interface Candidates {
  /** `refusal`: why there are none, where Cloudflare says so; it lists accounts to tokens of users only. */
  accounts(): Promise<{ readonly choices: readonly Choice[]; readonly refusal?: string }>;
  /** What the account is called under workers.dev; `undefined` where it has no name there, or it cannot be seen. */
  workersSubdomain(accountId: string): Promise<string | undefined>;
  workspaces(): Promise<Choice[]>;
  services(ownerId: string): Promise<ServiceChoice[]>;
  environments(ownerId: string): Promise<Choice[]>;
}

/** What has no id of the usual form, such as a workspace of an old kind, cannot stand in a file and is left out. */
export function candidatesOf({ cloudflare, render }: Vendors, names: Names): Candidates {
  const choices = <Item extends { readonly id: string; readonly name: string }>(items: readonly Item[], id: RegExp) =>
    items
      .filter((item) => id.test(item.id))
      .map((item) => {
        const name = readable(item.name);
        names.set(item.id, name);
        return { ...item, value: item.id, label: name === "" ? item.id : name };
      });
  return {
    accounts: async () => {
      try {
        return { choices: choices(await cloudflare.accounts(), CLOUDFLARE_ID).map(withIdAsHint) };
      } catch (error) {
        return { choices: [], refusal: refusalOf(error) };
      }
    },
    workersSubdomain: async (accountId) => {
      const name = await cloudflare.workersSubdomain(accountId).catch((error: unknown) => {
        // A token that may not see it is no failure.
        refusalOf(error);
        return undefined;
      });
      return name !== undefined && DNS_LABEL.test(name) ? name : undefined;
    },
    workspaces: async () => choices(await render.owners(), RENDER_WORKSPACE_ID).map(withIdAsHint),
    services: async (ownerId) =>
      choices(await render.services(ownerId), RENDER_SERVICE_ID).map((service) => ({
        value: service.value,
        label: service.label,
        hint: service.suspended === "suspended" ? `${service.type}, suspended` : service.type,
        environmentId: service.environmentId,
      })),
    environments: async (ownerId) =>
      choices(await render.environments(ownerId), RENDER_ENVIRONMENT_ID).map(withIdAsHint),
  };
}

function withIdAsHint({ value, label }: Choice): Choice {
  return { value, label, hint: value };
}

/** A refusal is no failure here; a vendor that cannot be reached is one. */
function refusalOf(error: unknown): string {
  if (error instanceof AppError && error.code === "VENDOR_FAILED" && !error.retryable) return error.details.join("; ");
  throw error;
}

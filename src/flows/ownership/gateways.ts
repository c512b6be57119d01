import pMap from "p-map";
import { z } from "zod";

import { AppError } from "../../core/app-error.ts";
import { gatewayWorkerName, stemOfGateway } from "../../core/names.ts";
import { BINDINGS, namespaceBinding } from "../../gateway/bindings.ts";
import type { Cloudflare } from "../../vendors/cloudflare.ts";
import { READS_AT_ONCE } from "../../vendors/endpoints.ts";
import { identify, type Owner, type Self } from "./owners.ts";

type GatewayReads = Pick<Cloudflare, "workers" | "deployedVersions" | "versionTexts">;

const NAMESPACE_BINDING = namespaceBinding("");
const namespaceSchema = z.looseObject({ id: z.string() });

/**
 * Namespaces that the gateways of other environments serve in an account, by id; changes nothing. `undefined` where the
 * key may not look at Workers: an environment without a gateway needs none.
 *
 * @throws AppError VENDOR_FAILED where Cloudflare fails otherwise than by refusing
 */
export async function namespacesOfGateways(
  cloudflare: GatewayReads,
  accountId: string,
  self: Self,
): Promise<ReadonlyMap<string, Owner> | undefined> {
  try {
    const own = gatewayWorkerName(self.app, self.environment);
    const gateways = await servingGateways(cloudflare, accountId, (name) => name !== own);
    const held = gateways.flatMap(({ name, environment, namespaces }) => {
      const owner = identify(stemOfGateway(name), environment, self, `the Worker ${name} serves it`);
      return namespaces.map((id) => [id, owner] as const);
    });
    return new Map(held);
  } catch (error) {
    if (error instanceof AppError && error.code === "VENDOR_FAILED" && !error.retryable) return undefined;
    throw error;
  }
}

/** A Worker that is named like a gateway of kvshift, and whose deployed version says which environment it serves. */
export interface ServingGateway {
  readonly name: string;
  readonly environment: string;
  /** Ids of the namespaces that it serves. */
  readonly namespaces: readonly string[];
}

/** The gateways of an account whose names are `isWanted`; changes nothing. @throws AppError VENDOR_FAILED */
export async function servingGateways(
  cloudflare: GatewayReads,
  accountId: string,
  isWanted: (name: string) => boolean,
): Promise<ServingGateway[]> {
  const workers = await cloudflare.workers(accountId);
  const wanted = workers.filter(({ name }) => stemOfGateway(name) !== undefined && isWanted(name));
  const found = await pMap(
    wanted,
    async ({ id, name }) => {
      const [version] = await cloudflare.deployedVersions(accountId, name);
      const texts = version && (await cloudflare.versionTexts(accountId, id, version.id));
      const environment = texts?.get(BINDINGS.ENVIRONMENT);
      if (texts === undefined || environment === undefined) return [];
      const namespaces = [...texts].flatMap(([binding, text]) => {
        const namespace = binding.startsWith(NAMESPACE_BINDING) ? idOf(text) : undefined;
        return namespace === undefined ? [] : [namespace];
      });
      return [{ name, environment, namespaces }];
    },
    READS_AT_ONCE,
  );
  return found.flat();
}

/** Other Workers may have a variable of that name too. */
function idOf(text: string): string | undefined {
  try {
    return namespaceSchema.parse(JSON.parse(text)).id;
  } catch {
    return undefined;
  }
}

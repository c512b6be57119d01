import { Secret } from "../../../../src/core/secret.ts";
import type { Findings } from "../../../../src/flows/reconcile/findings.ts";
import type { Observed } from "../../../../src/flows/reconcile/observe.ts";
import type { RenderGroup } from "../../../../src/vendors/render.ts";

export const NO_FINDINGS: Findings = {
  gone: [],
  namespaces: [],
  workers: [],
  tokens: [],
  groups: [],
  edited: [],
  rolledBack: [],
  pendingCreates: [],
};

export const NOTHING_OBSERVED: Observed = {
  namespaces: [],
  tokens: [],
  workers: [],
  groups: [],
  blueprints: [],
  around: { linked: [], others: [] },
  servedByWorkers: new Map(),
  served: new Map(),
  hostNames: [],
};

/** A group as Render answers it, with variables of these names. */
export function group(
  id: string,
  name: string,
  keys: readonly string[],
  services: readonly string[] = [],
): RenderGroup {
  return {
    id,
    name,
    ownerId: "tea-d0000000000000000001",
    createdAt: "2026-11-23T00:00:00Z",
    serviceLinks: services.map((service) => ({ id: `srv-${service}`, name: service })),
    envVars: keys.map((key) => ({ key, value: new Secret("not looked at") })),
    secretFiles: [],
  };
}

import { parseEnvironmentFile } from "../../../../src/config/file.ts";
import type { Observation } from "../../../../src/flows/status/observe.ts";
import type { RenderDeploy } from "../../../../src/vendors/render.ts";

export const NOW = Date.parse("2026-12-01T12:00:00Z");
/** When the variables of the environment below changed. */
export const CHANGED = "2026-12-01T09:00:00.000Z";
export const BEFORE = "2026-12-01T08:00:00Z";
export const AFTER = "2026-12-01T10:00:00Z";

const FILE = `config:
  kvshift:kind: development
  kvshift:app: brainbot
  kvshift:access: rest
  kvshift:phase: kv
  kvshift:cloudflare: { accountId: "0d3ad0c0ffee4b1da0d3ad0c0ffee4b1" }
  kvshift:namespaces: { cache: { consistency: eventual, defaultTtlSeconds: 3600 } }
  kvshift:render: { ownerId: tea-d0000000000000000001, services: [srv-d0000000000000000001] }
  kvshift:credentials:
    application:
      active: a
      slots:
        a: { epoch: 1, state: live, mintedAt: "2026-11-23T00:00:00Z", expiresAt: never }
        b: { epoch: 0, state: empty }
    operator:
      active: a
      slots:
        a: { epoch: 1, state: live, mintedAt: "2026-11-23T00:00:00Z", expiresAt: never }
        b: { epoch: 0, state: empty }
`;

export const SERVICE = "srv-d0000000000000000001";
export const GROUP = "evg-d0000000000000000001";

export function configOf(...replacements: readonly (readonly [string, string])[]): Observation["config"] {
  const text = replacements.reduce((file, [from, to]) => file.replace(from, to), FILE);
  return parseEnvironmentFile(text, { environment: "dev", now: NOW, file: "Pulumi.dev.yaml" }).config;
}

export function deploy(status: string, createdAt: string, more: Partial<RenderDeploy> = {}): RenderDeploy {
  return { id: `dep-${status}`, status, createdAt, trigger: "api", ...more };
}

function object(kind: string, name: string, id: string) {
  return { urn: `urn:pulumi:dev::kvshift::${kind}::${name}`, name, id };
}

const slots = { a: { epoch: 1, state: "live" }, b: { epoch: 0, state: "empty" } } as const;

/** An environment in which everything is as it should be, with changes. */
export function observation(changes: Partial<Observation> = {}): Observation {
  return {
    environment: "dev",
    config: configOf(),
    sharing: { sharedWith: [], unknown: [] },
    lastRun: { kind: "update", result: "succeeded", startedAt: "2026-12-01T08:59:50Z", changed: true },
    identity: undefined,
    recorded: {
      phase: "kv",
      access: ["rest"],
      namespaces: {},
      slots: { application: slots, operator: slots },
      unreadable: [],
    },
    objects: {
      namespaces: [object("namespace", "cache", "ns-cache")],
      tokens: [object("token", "application-a1", "token-1"), object("token", "operator-a1", "token-2")],
      groups: [{ ...object("group", "cloudflare-kv", GROUP), variables: ["CLOUDFLARE_KV_PHASE"] }],
      workers: [],
      workerVersions: [],
      customDomains: [],
      links: [{ ...object("link", "cloudflare-kv", GROUP), services: [SERVICE] }],
      pendingCreates: [],
    },
    provisioned: {
      outputs: {
        environment: { phase: "kv", readShare: 100 },
        credentials: { application: { active: "a", slots: {} }, operator: { active: "a", slots: {} } },
      },
      variablesChangedAt: Date.parse(CHANGED),
    },
    namespaces: [{ id: "ns-cache", title: "brainbot-dev-cache" }],
    tokens: [
      { id: "token-1", name: "brainbot-dev-application-a1", status: "active", issued_on: "2026-11-23T00:00:00Z" },
      { id: "token-2", name: "brainbot-dev-operator-a1", status: "active", issued_on: "2026-11-23T00:00:00Z" },
    ],
    verdicts: new Map(),
    gateway: undefined,
    group: {
      id: GROUP,
      name: "brainbot-dev-cloudflare-kv",
      createdAt: "2026-11-23T00:00:00Z",
      keys: ["CLOUDFLARE_KV_PHASE", "CLOUDFLARE_KV_API_TOKEN"],
      changes: [],
      links: [{ id: SERVICE, name: "web" }],
    },
    givenKeys: ["CLOUDFLARE_KV_PHASE", "CLOUDFLARE_KV_API_TOKEN"],
    services: [{ id: SERVICE, name: "web", suspended: false, deploys: [deploy("live", AFTER)] }],
    serviceVariables: [{ id: SERVICE, name: "web", keys: ["NODE_ENV"] }],
    previews: new Map(),
    otherGroups: [],
    unrecorded: {
      operation: "up",
      drop: [],
      reread: [],
      adopt: { namespaces: {} },
      remove: [],
      keep: [],
      refuse: [],
      clearPendingCreates: false,
    },
    drift: { looked: true, resources: [] },
    ...changes,
  };
}

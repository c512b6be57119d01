import type { Usage } from "../../vendors/kv-access.ts";

/** A client that holds a credential, as the ledger names it. */
export interface Holder {
  /** What the client says of itself, `unattributed`, or `forgotten`. */
  readonly client: string;
  /** Milliseconds since it was last seen, by the gateway's clock. */
  readonly agoMs: number;
}

export interface QuietQuestion {
  readonly usage: Usage;
  readonly oldId: string;
  readonly nextId: string;
  /** Services that hold the credential; none of a role that no service holds. */
  readonly services: readonly { readonly id: string; readonly name: string }[];
  /** Ids of services that never call KV, by an operator's word. */
  readonly idle: readonly string[];
  /** How long the old credential has to be quiet. */
  readonly quietMs: number;
  /** How far the ledger may be behind. */
  readonly gapMs: number;
}

export interface QuietAnswer {
  /** Whether nobody holds the old credential any more, as far as can be seen. */
  readonly met: boolean;
  /** Who used the old credential within the window. */
  readonly holders: readonly Holder[];
  /** Names of services of which nobody has used the next credential. */
  readonly silent: readonly string[];
  /** Milliseconds until the window has passed, if nobody uses the old credential again. */
  readonly waitMs: number;
  /** When the old credential was last used, at the latest, by the gateway's clock; absent: never, as far as is known. */
  readonly lastUsedAt?: number;
}

/**
 * Whether the old credential may be suspended: it was quiet for the whole window, whoever used it, and each service has
 * been seen with the next one. The ledger may be behind by its gap, so that much more has to be quiet. Pure.
 */
export function judgeQuiet({ usage, oldId, nextId, services, idle, quietMs, gapMs }: QuietQuestion): QuietAnswer {
  const { now, uses } = usage;
  const ofOld = uses.filter(({ credential }) => credential === oldId);
  const needed = quietMs + gapMs;
  const holders = ofOld
    .map(({ client, lastAt }) => ({ client, agoMs: Math.max(0, now - lastAt) }))
    .filter(({ agoMs }) => agoMs < needed)
    .toSorted((one, other) => one.agoMs - other.agoMs);
  const ofNext = uses.filter(({ credential }) => credential === nextId).map(({ client }) => client);
  const silent = services
    .filter(({ id }) => !idle.includes(id) && !ofNext.some((client) => client.startsWith(`${id}/`)))
    .map(({ name }) => name);
  const lastUsedAt = ofOld.length === 0 ? undefined : Math.max(...ofOld.map(({ lastAt }) => lastAt));
  return {
    met: holders.length === 0 && silent.length === 0,
    holders,
    silent,
    waitMs: Math.max(0, ...holders.map(({ agoMs }) => needed - agoMs)),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
  };
}

/** Who was refused with a suspended credential since `since`, by the gateway's clock. Pure. */
export function refusedSince({ refusals }: Usage, credential: string, since: number): readonly Holder[] {
  return refusals
    .filter((one) => one.credential === credential && one.lastAt >= since)
    .map(({ client, lastAt }) => ({ client, agoMs: Math.max(0, lastAt - since) }));
}

import { hexOf, sha256 } from "./digest.ts";
import { RESERVED } from "./key.ts";
import { KvError } from "./kv-error.ts";
import { begun, type Call, type CallOptions, PLAIN_CALL } from "./transport.ts";
import { waitingFor } from "./waiting.ts";
import type { Entry, ValueStore, WriteFields } from "./value-store.ts";

export interface WrapOptions extends CallOptions {
  /** How long the value is as good as new. Default: the namespace's default. */
  readonly ttlSeconds?: number;
  /** How much longer it may be handed out while a new one is made. Default 0. */
  readonly staleSeconds?: number;
  /** What to do where `load` fails and there is an old value: `throw` (default), or give the old one. */
  readonly onError?: "throw" | "stale";
  /** On a strong namespace: let one process at a time make it. The others wait for so many seconds at most. */
  readonly lease?: { readonly seconds: number };
  /** Make it anew, whatever is there. */
  readonly refresh?: boolean;
  /** In a Worker: keeps it alive while a new value is made behind an old one. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
  /** The application's own metadata of the pair. */
  readonly metadata?: unknown;
}

/** A value that is being made in this process. */
export interface Making<Value> {
  readonly value: Promise<Value>;
  /** This process has written or deleted the key meanwhile: what is made is for who waits for it, and is not kept. */
  isOvertaken: boolean;
  /** By `World.elapsed`. */
  readonly began: number;
}

interface Wrapping<Value> {
  readonly store: ValueStore<Value>;
  /** By key. */
  readonly loads: Map<string, Making<Value>>;
  readonly read: (call: Call) => Promise<Entry<Value> | undefined>;
  readonly write: (value: Value, fields: WriteFields, making: Making<Value>) => Promise<void>;
}

const LEASE_POLL_MS = 50;

/** The value of a key, or what `load` makes. */
export async function wrapped<Value>(
  key: string,
  load: (key: string) => Promise<Value> | Value,
  options: WrapOptions,
  wrapping: Wrapping<Value>,
): Promise<Value> {
  const { store, loads, read } = wrapping;
  if (options.lease !== undefined && store.settings.consistency !== "strong") {
    throw new KvError(
      "NOT_STRONG",
      "A lease needs a strong namespace: on an eventual one two processes could hold it.",
    );
  }
  const call = begun(options, store.world);
  const { ttlSeconds = store.settings.defaultTtlSeconds, staleSeconds = 0 } = options;
  // What could not be kept is not made either.
  const ttl = { ttlSeconds: ttlSeconds + staleSeconds };
  store.expiryOf(ttl);
  const found = await read(call).catch((error: unknown) => {
    // What cannot be read is made anew.
    const isDamaged = error instanceof KvError && (error.code === "VALUE_INVALID" || error.code === "PART_MISSING");
    if (isDamaged || options.refresh === true) return undefined;
    throw error;
  });
  const isFresh = found !== undefined && (found.freshUntil ?? Infinity) > store.world.now();
  if (isFresh && options.refresh !== true) return found.value;
  const joined = options.refresh === true ? undefined : joinable(loads.get(key), store.world.elapsed());
  const making = joined ?? make(key, load, options, wrapping);
  // Old, but still good to be handed out while the new one is made behind it.
  if (found !== undefined && !isFresh && options.refresh !== true) {
    const behind = making.value.catch(() => undefined);
    options.waitUntil?.(behind);
    return found.value;
  }
  try {
    const value = await waitingFor(making.value, call, store.world);
    // Everybody gets an object of their own.
    return joined === undefined ? value : await store.copyOf(value);
  } catch (error) {
    if (found !== undefined && options.onError === "stale") return found.value;
    throw error;
  }
}

/** What takes longer may never end: its waiters have their own deadlines, and whoever comes makes it anew. */
const LONGEST_MAKING_MS = 60_000;

function joinable<Value>(making: Making<Value> | undefined, now: number): Making<Value> | undefined {
  return making !== undefined && now - making.began < LONGEST_MAKING_MS ? making : undefined;
}

function make<Value>(
  key: string,
  load: (key: string) => Promise<Value> | Value,
  options: WrapOptions,
  wrapping: Wrapping<Value>,
): Making<Value> {
  const { store, loads, write } = wrapping;
  const made = async (): Promise<Value> => {
    const { lease, refresh = false } = options;
    const release = lease === undefined ? undefined : await leaseOrValue(key, lease.seconds, refresh, wrapping);
    if (release !== undefined && "value" in release) return release.value;
    try {
      const value = await load(key);
      if (making.isOvertaken) return value;
      const { ttlSeconds = store.settings.defaultTtlSeconds, staleSeconds = 0 } = options;
      const freshUntil = staleSeconds === 0 ? undefined : store.world.now() + ttlSeconds * 1000;
      const fields = { ttlSeconds: ttlSeconds + staleSeconds, metadata: options.metadata, freshUntil };
      await write(value, fields, making).catch((error: unknown) => {
        // It was made, and is good for who asked; the next one makes it again.
        if (!(error instanceof KvError) || !error.retryable) throw error;
      });
      return value;
    } finally {
      await release?.end();
    }
  };
  // Not in this tick: `made` looks at what it is the value of.
  const began = store.world.elapsed();
  const making: Making<Value> = { value: Promise.resolve().then(made), began, isOvertaken: false };
  // Whatever it replaces, because it took too long or is too old to be waited for, must not come after it.
  const replaced = loads.get(key);
  if (replaced !== undefined) replaced.isOvertaken = true;
  loads.set(key, making);
  const forget = (): void => {
    if (loads.get(key) === making) loads.delete(key);
  };
  making.value.then(forget, forget);
  return making;
}

/** Either this process may make the value now, or another one has made it meanwhile. */
async function leaseOrValue<Value>(
  key: string,
  seconds: number,
  isRefresh: boolean,
  { store }: Wrapping<Value>,
): Promise<{ readonly end: () => Promise<void> } | { readonly value: Value }> {
  const { transport, world } = store;
  // A hash: the key of the lease must not become too long.
  const lease = `${RESERVED}lease:${hexOf(await sha256(key))}`;
  const until = world.elapsed() + seconds * 1000;
  // What is there already is no answer where a new one is asked for.
  const before = isRefresh ? (await store.read(key, PLAIN_CALL).catch(() => undefined))?.version : undefined;
  const bytes = new TextEncoder().encode(world.uniqueId());
  while (world.elapsed() < until) {
    const pair = { key: lease, bytes, metadata: undefined, expiry: { ttlSeconds: seconds } };
    const { applied, version } = await transport.atomic({ operation: "put-if-absent", ...pair }, PLAIN_CALL);
    // It ends by itself where this process dies; one that outlived it must not end that of the next holder.
    const end = async (): Promise<void> => {
      const last = { ...pair, expiry: { ttlSeconds: 1 } };
      if (version === undefined) return;
      await transport.atomic({ operation: "put-if-unchanged", ...last, version }, PLAIN_CALL).catch(() => undefined);
    };
    if (!applied) await world.sleep(LEASE_POLL_MS * (1 + world.random()));
    // Past the near cache, also as the holder: another one may have made it since this process looked.
    const entry = await store.read(key, PLAIN_CALL).catch(() => undefined);
    const isFresh = entry !== undefined && (entry.freshUntil ?? Infinity) > world.now();
    if (isFresh && (before === undefined || entry.version !== before)) {
      if (applied) await end();
      return { value: entry.value };
    }
    if (applied) return { end };
  }
  // Whoever has it takes too long: better twice than never.
  return { end: () => Promise.resolve() };
}

import type { KvBinding } from "../core/kv-binding.ts";
import { BindingTransport } from "./binding-transport.ts";
import { type Codec, json } from "./codec.ts";
import { type NamespaceSettings, type Settings, settingsFrom } from "./environment.ts";
import { HttpEndpoint } from "./http-endpoint.ts";
import { HttpTransport } from "./http-transport.ts";
import { KvError } from "./kv-error.ts";
import { KvNamespace } from "./namespace.ts";
import { NearCache, type NearCacheOptions } from "./near-cache.ts";
import { StrongKvNamespace } from "./strong-namespace.ts";
import type { Transport } from "./transport.ts";
import { ValueStore, type ValueOptions } from "./value-store.ts";
import type { Tracer } from "./tracing.ts";
import { type World, worldWith } from "./world.ts";

export interface KvOptions {
  /** For each request with its repeats, in milliseconds, where the call itself has no deadline. Default 10,000. */
  readonly deadlineMs?: number;
  /** How often a call is repeated that failed and may be repeated. Default 3. */
  readonly repeats?: number;
  /** Of OpenTelemetry: a span for each call, without keys. Default: none. */
  readonly tracer?: Tracer;
  /** Clock, network, randomness. */
  readonly world?: Partial<World>;
}

export interface NamespaceOptions<Value> extends Omit<ValueOptions<Value>, "codec"> {
  /** Default: `json()`. */
  readonly codec?: Codec<Value>;
  /** Default: none. On a strong namespace a kept answer is as old as its `ttlSeconds` at most, counted from its read. */
  readonly nearCache?: NearCacheOptions;
}

const DEFAULT_DEADLINE_MS = 10_000;
const DEFAULT_REPEATS = 3;
/** Cloudflare's own cache of a location, where the configuration says nothing. */
const DEFAULT_STALENESS_SECONDS = 60;

/** The namespaces of an environment. */
export class Kv {
  readonly #namespaces: ReadonlyMap<string, NamespaceSettings>;
  readonly #connect: (settings: NamespaceSettings) => Transport;
  readonly #world: World;

  constructor(
    namespaces: readonly NamespaceSettings[],
    connect: (settings: NamespaceSettings) => Transport,
    world: World,
  ) {
    this.#namespaces = new Map(namespaces.map((settings) => [settings.name, settings]));
    this.#connect = connect;
    this.#world = world;
  }

  /** Names of the namespaces, in the order of the configuration. */
  get names(): readonly string[] {
    return [...this.#namespaces.keys()];
  }

  /** A namespace of either class, with what both can do. @throws KvError UNKNOWN_NAMESPACE */
  namespace<Value = unknown>(name: string, options: NamespaceOptions<Value> = {}): KvNamespace<Value> {
    const settings = this.#settings(name);
    return settings.consistency === "strong"
      ? new StrongKvNamespace(...this.#parts(settings, options))
      : new KvNamespace(...this.#parts(settings, options));
  }

  /** A strong namespace. @throws KvError UNKNOWN_NAMESPACE, NOT_STRONG */
  strong<Value = unknown>(name: string, options: NamespaceOptions<Value> = {}): StrongKvNamespace<Value> {
    const settings = this.#settings(name);
    if (settings.consistency === "strong") return new StrongKvNamespace(...this.#parts(settings, options));
    throw new KvError(
      "NOT_STRONG",
      `The namespace ${name} is eventual: it has no atomic operations, and reads may be old.`,
    );
  }

  #parts<Value>(
    settings: NamespaceSettings,
    { codec = json<Value>(), nearCache, ...options }: NamespaceOptions<Value>,
  ): [ValueStore<Value>, NearCache<Value> | undefined] {
    const world = this.#world;
    const { jitter = 0 } = options;
    if (!(jitter >= 0 && jitter <= 1)) throw new KvError("NOT_CONFIGURED", "jitter is a share from 0 to 1.");
    const store = new ValueStore<Value>(settings, this.#connect(settings), world, { ...options, codec });
    if (nearCache === undefined) return [store, undefined];
    const { consistency, stalenessBudgetSeconds, cacheTtlSeconds } = settings;
    const staleness = stalenessBudgetSeconds ?? cacheTtlSeconds ?? DEFAULT_STALENESS_SECONDS;
    return [store, new NearCache<Value>(nearCache, consistency === "strong" ? 0 : staleness, world)];
  }

  #settings(name: string): NamespaceSettings {
    const found = this.#namespaces.get(name);
    if (found !== undefined) return found;
    throw new KvError("UNKNOWN_NAMESPACE", `There is no namespace ${name}; there are ${this.names.join(", ")}.`);
  }
}

/** From the variables that kvshift gives a service. @throws KvError NOT_CONFIGURED */
export function kvFromEnv(
  env: Readonly<Record<string, string | undefined>> = processEnvironment(),
  options: KvOptions = {},
): Kv {
  return kvFromSettings(settingsFrom(env), options);
}

export function kvFromSettings(
  { apiUrl, accountId, apiToken, client, namespaces }: Settings,
  { deadlineMs = DEFAULT_DEADLINE_MS, repeats = DEFAULT_REPEATS, tracer, world: given = {} }: KvOptions = {},
): Kv {
  const world = worldWith(given);
  const endpoint = new HttpEndpoint({ apiUrl, apiToken, accountId, client, world, deadlineMs, repeats, tracer });
  const connect = ({ id: namespaceId }: NamespaceSettings) =>
    new HttpTransport({ endpoint, accountId, namespaceId, world });
  return new Kv(namespaces, connect, world);
}

/** Inside a Worker: each namespace by its binding. They are eventual; strong ones are reached through the gateway. */
export function kvFromBindings(
  bindings: Readonly<
    Record<string, { readonly binding: KvBinding } & Omit<NamespaceSettings, "name" | "id" | "consistency">>
  >,
  { world: given = {} }: Pick<KvOptions, "world"> = {},
): Kv {
  const namespaces = Object.entries(bindings).map(
    ([name, { binding: _binding, ...settings }]) => ({ ...settings, name, id: name, consistency: "eventual" }) as const,
  );
  const world = worldWith(given);
  const connect = ({ name, cacheTtlSeconds }: NamespaceSettings): Transport => {
    const bound = bindings[name];
    if (bound === undefined) throw new KvError("UNKNOWN_NAMESPACE", `There is no binding for ${name}.`);
    return new BindingTransport(bound.binding, cacheTtlSeconds, world);
  };
  return new Kv(namespaces, connect, world);
}

function processEnvironment(): Readonly<Record<string, string | undefined>> {
  // Workers have no process unless they ask for it.
  return (globalThis as { readonly process?: { readonly env: Record<string, string | undefined> } }).process?.env ?? {};
}

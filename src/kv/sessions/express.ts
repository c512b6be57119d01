import { type SessionData as ExpressData, Store } from "express-session";

import type { KvNamespace } from "../namespace.ts";
import { ttlOf } from "./cookie-session.ts";
import { OrderedSaves } from "./ordered-saves.ts";
import type { LoadedSession, Sessions } from "./session-data.ts";
import { settle } from "./settle.ts";
import { sessionsIn, type SessionsOptions } from "./sessions.ts";

export interface KvStoreOptions extends SessionsOptions {
  readonly namespace: KvNamespace;
  /** Of sessions whose cookie has no end. Default: the namespace's own lifetime. */
  readonly ttlSeconds?: number | ((session: ExpressData) => number);
}

type Done<Result> = (error?: unknown, result?: Result) => void;

/**
 * Sessions of https://www.npmjs.com/package/express-session in a namespace: the whole contract of a store. Two requests at
 * once lose no field of each other, and a request that ends after its session was destroyed does not bring it back.
 */
export class KvStore extends Store {
  readonly #namespace: KvNamespace;
  readonly #sessions: Sessions;
  readonly #ttlSeconds: number | ((session: ExpressData) => number);
  /** What a session was when its request loaded it. */
  readonly #bases = new WeakMap<object, LoadedSession>();
  readonly #saves = new OrderedSaves({
    of: (session) => this.#bases.get(session),
    set: (session, base) => this.#bases.set(session, base),
  });

  /** @throws KvError NOT_STRONG where the namespace is eventual and `acceptStaleLogout` is not said */
  constructor({ namespace, ttlSeconds = namespace.settings.defaultTtlSeconds, ...options }: KvStoreOptions) {
    super();
    this.#namespace = namespace;
    this.#sessions = sessionsIn(namespace, options);
    this.#ttlSeconds = ttlSeconds;
  }

  override get(id: string, done: (error: unknown, session?: ExpressData | null) => void): void {
    settle(done, async () => {
      const loaded = await this.#sessions.load(id);
      if (loaded === undefined) return null;
      const session = asExpress(structuredClone(loaded.data));
      this.#bases.set(session, loaded);
      return session;
    });
  }

  override set(id: string, session: ExpressData, done?: Done<void>): void {
    settle(done, async () => {
      const ttlSeconds = this.#lifetimeOf(session);
      if (ttlSeconds <= 0) return this.#sessions.destroy(id);
      return this.#saves.save(session, (data, base) => this.#sessions.save(id, data, ttlSeconds, base));
    });
  }

  override touch(id: string, session: ExpressData, done?: Done<void>): void {
    settle(done, async () => {
      const ttlSeconds = this.#lifetimeOf(session);
      if (ttlSeconds > 0) await this.#sessions.touch(id, ttlSeconds);
      else await this.#sessions.destroy(id);
    });
  }

  override destroy(id: string, done?: Done<void>): void {
    settle(done, () => this.#sessions.destroy(id));
  }

  override all(done: (error: unknown, sessions?: ExpressData[] | null) => void): void {
    settle(done, async () => {
      const found: ExpressData[] = [];
      for await (const data of this.#sessions.all()) found.push(asExpress({ ...data }));
      return found;
    });
  }

  override length(done: (error: unknown, length?: number) => void): void {
    settle(done, () => this.#sessions.count());
  }

  override clear(done?: Done<void>): void {
    settle(done, () => this.#sessions.clear());
  }

  /** express-session makes the session of a request of what `get` gave: it is still the same one. */
  override createSession(...[request, data]: Parameters<Store["createSession"]>): ReturnType<Store["createSession"]> {
    const base = this.#bases.get(data);
    const session = super.createSession(request, data);
    if (base !== undefined) this.#bases.set(session, base);
    return session;
  }

  #lifetimeOf(session: ExpressData): number {
    const ttl = this.#ttlSeconds;
    if (typeof ttl === "function") return Math.ceil(ttl(session));
    return ttlOf(session, ttl, this.#namespace.now());
  }
}

function asExpress(data: object): ExpressData {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was one when it was stored
  return data as ExpressData;
}

import type { KvNamespace } from "../namespace.ts";
import { ttlOf } from "./cookie-session.ts";
import { OrderedSaves } from "./ordered-saves.ts";
import type { LoadedSession, Sessions } from "./session-data.ts";
import { sessionsIn, type SessionsOptions } from "./sessions.ts";
import { settle } from "./settle.ts";

export interface FastifyKvStoreOptions extends SessionsOptions {
  readonly namespace: KvNamespace;
  /** Of sessions whose cookie has no end. Default: the namespace's own lifetime. */
  readonly ttlSeconds?: number;
}

/** @fastify/session copies every property of what `get` gave; a function is in no JSON. */
const BASE = "kvshiftBase";

/**
 * Sessions of https://www.npmjs.com/package/@fastify/session in a namespace. As with Express, two requests at once lose no
 * field of each other, and a request that ends after its session was destroyed does not bring it back.
 */
export class FastifyKvStore {
  readonly #namespace: KvNamespace;
  readonly #sessions: Sessions;
  readonly #ttlSeconds: number;
  readonly #saves = new OrderedSaves({
    of: baseOf,
    set: (session, base) => Object.assign(session, { [BASE]: () => base }),
  });

  /** @throws KvError NOT_STRONG where the namespace is eventual and `acceptStaleLogout` is not said */
  constructor({ namespace, ttlSeconds = namespace.settings.defaultTtlSeconds, ...options }: FastifyKvStoreOptions) {
    this.#namespace = namespace;
    this.#sessions = sessionsIn(namespace, options);
    this.#ttlSeconds = ttlSeconds;
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- the type of a session is declared by the application
  get(id: string, done: (error: any, session?: any) => void): void {
    settle(done, async () => {
      const loaded = await this.#sessions.load(id);
      return loaded === undefined ? null : { ...structuredClone(loaded.data), [BASE]: () => loaded };
    });
  }

  set(id: string, session: object, done: (error?: unknown) => void): void {
    settle(done, async () => {
      const ttlSeconds = ttlOf(session, this.#ttlSeconds, this.#namespace.now());
      if (ttlSeconds <= 0) return this.#sessions.destroy(id);
      return this.#saves.save(session, (data, base) => this.#sessions.save(id, data, ttlSeconds, base));
    });
  }

  destroy(id: string, done: (error?: unknown) => void): void {
    settle(done, () => this.#sessions.destroy(id));
  }
}

function baseOf(session: object): LoadedSession | undefined {
  const base: unknown = BASE in session ? session[BASE] : undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody else puts a function there
  return typeof base === "function" ? (base() as LoadedSession) : undefined;
}

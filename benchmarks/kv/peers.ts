import KeyvCloudflare from "@keyv/cloudflare-kv";
import { Redis } from "@upstash/redis";
import { createClient } from "redis";
import { createStorage } from "unstorage";
import cloudflareKvHttp from "unstorage/drivers/cloudflare-kv-http";

import { kvFromSettings } from "../../src/kv/index.ts";
import { newSessionId, sessionsIn } from "../../src/kv/sessions/index.ts";
import { credentialOf, EVENTUAL, GATEWAY_ACCOUNT, STRONG } from "../../testbed/gateway-fixture.ts";

/** A client of some store, as an application uses it: JSON values under keys. */
export interface Peer extends AsyncDisposable {
  readonly name: string;
  get(key: string): Promise<unknown>;
  put(key: string, value: object): Promise<unknown>;
  /** A new session of an application; absent where the peer has no sessions of its own. */
  readonly saveSession?: (data: Record<string, unknown>) => Promise<unknown>;
}

export interface Places {
  /** `redis://…` */
  readonly redis: string;
  readonly upstash: { readonly url: string; readonly token: string };
  readonly gateway: string;
}

const TTL_SECONDS = 3600;
const NEAR_TTL_SECONDS = 10;

/** All of them, connected through the same network. */
export async function peersAt({ redis, upstash, gateway }: Places): Promise<Peer[]> {
  return [await nodeRedis(redis), upstashRedis(upstash), unstorage(gateway), keyv(gateway), ...ours(gateway)];
}

async function nodeRedis(url: string): Promise<Peer> {
  const client = createClient({ url });
  await client.connect();
  const put = (key: string, value: object) =>
    client.set(key, JSON.stringify(value), { expiration: { type: "EX", value: TTL_SECONDS } });
  return {
    name: "node-redis",
    get: async (key) => JSON.parse((await client.get(key)) ?? "null") as unknown,
    put,
    saveSession: (data) => put(`sess:${newSessionId()}`, data),
    [Symbol.asyncDispose]: async () => {
      await client.close();
    },
  };
}

function upstashRedis({ url, token }: Places["upstash"]): Peer {
  const client = new Redis({ url, token, enableTelemetry: false, enableAutoPipelining: true });
  return {
    name: "@upstash/redis",
    get: (key) => client.get(key),
    put: (key, value) => client.set(key, value, { ex: TTL_SECONDS }),
    saveSession: (data) => client.set(`sess:${newSessionId()}`, data, { ex: TTL_SECONDS }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function unstorage(gateway: string): Peer {
  const storage = createStorage({
    driver: cloudflareKvHttp({
      apiURL: gateway,
      accountId: GATEWAY_ACCOUNT,
      namespaceId: EVENTUAL.id,
      apiToken: credentialOf("dev-application-a1"),
    }),
  });
  return {
    name: "unstorage",
    get: (key) => storage.getItem(key),
    put: (key, value) => storage.setItem(key, value, { ttl: TTL_SECONDS }),
    [Symbol.asyncDispose]: () => storage.dispose(),
  };
}

function keyv(gateway: string): Peer {
  const store = new KeyvCloudflare({
    url: `${gateway}/client/v4`,
    accountId: GATEWAY_ACCOUNT,
    namespaceId: EVENTUAL.id,
    apiToken: credentialOf("dev-application-a1"),
  });
  return {
    name: "keyv",
    get: async (key) => {
      const found: unknown = await store.get(key);
      return typeof found === "string" ? (JSON.parse(found) as unknown) : undefined;
    },
    put: (key, value) => store.set(key, JSON.stringify(value), Date.now() + TTL_SECONDS * 1000),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function ours(gateway: string): Peer[] {
  const settings = {
    apiUrl: `${gateway}/client/v4`,
    accountId: GATEWAY_ACCOUNT,
    apiToken: credentialOf("dev-application-a1"),
    client: "srv-1/one",
    namespaces: [STRONG, EVENTUAL].map((namespace) => ({ ...namespace, defaultTtlSeconds: TTL_SECONDS })),
  };
  return [STRONG, EVENTUAL].flatMap(({ name, consistency }) =>
    [false, true].map((isNear): Peer => {
      const kv = kvFromSettings(settings);
      const namespace = kv.namespace<object>(name, isNear ? { nearCache: { ttlSeconds: NEAR_TTL_SECONDS } } : {});
      const sessions = consistency === "strong" && !isNear ? sessionsIn(kv.strong(name)) : undefined;
      return {
        name: `kvshift-kv ${consistency}${isNear ? ", near cache" : ""}`,
        get: (key) => namespace.get(key),
        put: (key, value) => namespace.put(key, value),
        ...(sessions === undefined
          ? {}
          : { saveSession: (data: Record<string, unknown>) => sessions.save(newSessionId(), data, TTL_SECONDS) }),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    }),
  );
}

import { z } from "zod";

import { SimulatedKv } from "../../local-cloud/kv/simulated-kv.ts";
import { type Kv, kvFromSettings, type World } from "../../src/kv/index.ts";
import {
  credentialOf,
  EVENTUAL,
  GATEWAY_ACCOUNT,
  GATEWAY_CONFIG,
  namespacePath,
  STRONG,
} from "../../testbed/gateway-fixture.ts";
import { seededRandom } from "../unit/local-cloud/kv/simulated-network.ts";
import { createMemoryGateway } from "./gateway-in-memory.ts";

export interface MemoryKv {
  /** The strong namespace `sessions` and the eventual one `cache`. */
  readonly kv: Kv;
  /** What is stored under a key, read by a client that knows nothing of the library; `undefined` where nothing is. */
  readonly raw: (namespace: string, key: string) => Promise<RawPair | undefined>;
  /** Writes as such a client. */
  readonly write: (namespace: string, key: string, bytes: Uint8Array, metadata: unknown) => Promise<void>;
}

export interface RawPair {
  readonly bytes: Uint8Array;
  readonly metadata: unknown;
  /** Seconds since the epoch, as lists tell it. */
  readonly expiration: unknown;
}

export interface MemoryKvOptions {
  readonly defaultTtlSeconds?: number;
  readonly world?: Partial<World>;
  /** What happens to a call between the library and the gateway. */
  readonly around?: (answer: () => Promise<Response>) => Promise<Response>;
}

const answerSchema = z.object({ result: z.unknown() });
const keysSchema = z.array(z.object({ name: z.string(), expiration: z.number().optional() }));
const ORIGIN = "https://gateway.test";

/** The library on the gateway's own code in this process, with the machine's clock, on which pauses are skipped. */
export function memoryKv({
  defaultTtlSeconds = 86_400,
  world = {},
  around = (answer) => answer(),
}: MemoryKvOptions = {}): MemoryKv {
  let waited = 0;
  const clock = { now: world.now ?? (() => Date.now() + waited) };
  const network = new SimulatedKv({
    clock,
    random: seededRandom("memory-kv"),
    locations: ["ams"],
    propagation: { minMs: 0, maxMs: 0 },
  });
  const gateway = createMemoryGateway({ config: GATEWAY_CONFIG, clock, kvOf: () => network.at("ams") });
  const apiToken = credentialOf("dev-application-a1");
  const kv = kvFromSettings(
    {
      apiUrl: `${ORIGIN}/client/v4`,
      accountId: GATEWAY_ACCOUNT,
      apiToken,
      client: "srv-1/one",
      namespaces: [STRONG, EVENTUAL].map((namespace) => ({ ...namespace, defaultTtlSeconds })),
    },
    {
      world: {
        fetch: (url, init) => around(() => gateway.fetch(new Request(url, init))),
        now: clock.now,
        // A pause takes no time but the clock's.
        sleep: (milliseconds) => {
          waited += milliseconds;
          return Promise.resolve();
        },
        ...world,
      },
    },
  );
  const ask = (namespace: string, path: string, init: RequestInit = {}): Promise<Response> => {
    const { id } = namespace === STRONG.name ? STRONG : EVENTUAL;
    const headers = { authorization: `Bearer ${apiToken}` };
    return gateway.fetch(new Request(`${ORIGIN}${namespacePath(id)}/${path}`, { headers, ...init }));
  };
  const resultOf = async (response: Response): Promise<unknown> => {
    const { result } = answerSchema.parse(await response.json());
    return result;
  };
  const raw = async (namespace: string, key: string): Promise<RawPair | undefined> => {
    const name = encodeURIComponent(key);
    const response = await ask(namespace, `values/${name}`);
    if (!response.ok) return undefined;
    const listed = keysSchema.parse(await resultOf(await ask(namespace, `keys?prefix=${name}`)));
    return {
      bytes: new Uint8Array(await response.arrayBuffer()),
      metadata: await resultOf(await ask(namespace, `metadata/${name}`)),
      expiration: listed.find((entry) => entry.name === key)?.expiration,
    };
  };
  const write = async (namespace: string, key: string, bytes: Uint8Array, metadata: unknown): Promise<void> => {
    const body = new FormData();
    body.set("value", new Blob([new Uint8Array(bytes)]));
    if (metadata !== undefined) body.set("metadata", JSON.stringify(metadata));
    await ask(namespace, `values/${encodeURIComponent(key)}`, { method: "PUT", body });
  };
  return { kv, raw, write };
}

/** The same gateway for another process: `fetch` to serve, and the variables of an application that uses it. */
export function memoryGatewayEnv() {
  const clock = { now: () => Date.now() };
  const random = seededRandom("memory-gateway");
  const network = new SimulatedKv({ clock, random, locations: ["ams"], propagation: { minMs: 0, maxMs: 0 } });
  const { fetch } = createMemoryGateway({ config: GATEWAY_CONFIG, clock, kvOf: () => network.at("ams") });
  const namespaces = [STRONG, EVENTUAL].map(({ name, id, consistency }) => [
    name,
    { id, consistency, defaultTtlSeconds: 86_400 },
  ]);
  return {
    fetch,
    envAt: (url: string) => ({
      CLOUDFLARE_KV_API_URL: `${url}/client/v4`,
      CLOUDFLARE_KV_ACCOUNT_ID: GATEWAY_ACCOUNT,
      CLOUDFLARE_KV_API_TOKEN: credentialOf("dev-application-a1"),
      CLOUDFLARE_KV_NAMESPACES: JSON.stringify(Object.fromEntries(namespaces)),
    }),
  };
}

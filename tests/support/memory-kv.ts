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
  readonly bytesOf: (namespace: string, key: string) => Promise<string | undefined>;
  readonly requests: Request[];
}

export interface MemoryKvOptions {
  readonly defaultTtlSeconds?: number;
  readonly world?: Partial<World>;
}

const ORIGIN = "https://gateway.test";

/** The library on the gateway's own code in this process, with the machine's clock, on which pauses are skipped. */
export function memoryKv({ defaultTtlSeconds = 86_400, world = {} }: MemoryKvOptions = {}): MemoryKv {
  let waited = 0;
  const clock = { now: world.now ?? (() => Date.now() + waited) };
  const network = new SimulatedKv({
    clock,
    random: seededRandom("memory-kv"),
    locations: ["ams"],
    propagation: { minMs: 0, maxMs: 0 },
  });
  const gateway = createMemoryGateway({ config: GATEWAY_CONFIG, clock, kvOf: () => network.at("ams") });
  const requests: Request[] = [];
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
        fetch: (url, init) => {
          const request = new Request(url, init);
          requests.push(request.clone());
          return gateway.fetch(request);
        },
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
  const bytesOf = async (namespace: string, key: string): Promise<string | undefined> => {
    const { id } = namespace === STRONG.name ? STRONG : EVENTUAL;
    const url = `${ORIGIN}${namespacePath(id)}/values/${encodeURIComponent(key)}`;
    const response = await gateway.fetch(new Request(url, { headers: { authorization: `Bearer ${apiToken}` } }));
    return response.ok ? response.text() : undefined;
  };
  return { kv, bytesOf, requests };
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

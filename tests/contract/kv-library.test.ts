import { SimulatedKv } from "../../local-cloud/kv/simulated-kv.ts";
import { kvFromBindings, kvFromSettings, type World } from "../../src/kv/index.ts";
import { credentialOf, EVENTUAL, GATEWAY_ACCOUNT, GATEWAY_CONFIG, STRONG } from "../../testbed/gateway-fixture.ts";
import { createMemoryGateway } from "../support/gateway-in-memory.ts";
import { memoryKv } from "../support/memory-kv.ts";
import { seededRandom } from "../unit/local-cloud/kv/simulated-network.ts";
import {
  ACCOUNT,
  BASE_URL,
  emulateCloudflare,
  ManualClock,
  START,
} from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";
import { describeStrongLibrary } from "./kv-library/strong-suite.ts";
import { describeExactEnds, describeKvLibrary } from "./kv-library/suite.ts";

/** Longer than a copy lives, and than a list lags. */
const SETTLE_MS = 121_000;
const DEFAULTS = { defaultTtlSeconds: 3600, maxTtlSeconds: 86_400 };
const SHORT = { defaultTtlSeconds: 600 };

function stageOn(consistency: "eventual" | "strong") {
  const clock = new ManualClock(START);
  const kv = new SimulatedKv({
    clock,
    random: seededRandom("kv-library"),
    locations: ["ams", "sin"],
    propagation: { minMs: 0, maxMs: 60_000 },
  });
  const namespace = consistency === "strong" ? STRONG : EVENTUAL;
  const gateway = createMemoryGateway({ config: GATEWAY_CONFIG, clock, kvOf: () => kv.at("ams") });
  const advance = (milliseconds: number) => {
    clock.advance(milliseconds);
  };
  const settings = {
    apiUrl: BASE_URL,
    accountId: GATEWAY_ACCOUNT,
    apiToken: credentialOf("dev-application-a1"),
    client: "srv-1/one",
    namespaces: [{ ...namespace, ...DEFAULTS }],
  };
  return {
    kv: kvFromSettings(settings, { world: worldOf(clock, gateway.fetch) }),
    binding: kvFromBindings(
      { cache: { binding: kv.at("ams"), ...DEFAULTS } },
      { world: worldOf(clock, gateway.fetch) },
    ),
    namespace: namespace.name,
    now: () => clock.now(),
    advance,
    ...(consistency === "strong"
      ? {}
      : {
          settle: () => {
            advance(SETTLE_MS);
          },
        }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function worldOf(clock: ManualClock, answer: (request: Request) => Promise<Response>): Partial<World> {
  return {
    now: () => clock.now(),
    random: () => 0.5,
    // A pause takes no time but the clock's.
    sleep: (milliseconds) => {
      clock.advance(milliseconds);
      return Promise.resolve();
    },
    fetch: (url, init) => answer(new Request(url, init)),
  };
}

async function stageOnEmulator() {
  const cloud = emulateCloudflare();
  const id = await cloud.createNamespace();
  const settings = {
    apiUrl: BASE_URL,
    accountId: ACCOUNT,
    apiToken: cloud.bootstrap,
    client: undefined,
    namespaces: [{ name: "cache", id, consistency: "eventual" as const, ...SHORT }],
  };
  return {
    kv: kvFromSettings(settings, { world: worldOf(cloud.clock, cloud.emulator.fetch) }),
    namespace: "cache",
    now: () => cloud.clock.now(),
    advance: (milliseconds: number) => {
      cloud.clock.advance(milliseconds);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const binding = () => {
  const stage = stageOn("eventual");
  return Promise.resolve({ ...stage, kv: stage.binding, namespace: "cache" });
};

describeKvLibrary("the gateway in memory, strong", () => Promise.resolve(stageOn("strong")));
describeKvLibrary("the gateway on a simulated network, eventual", () => Promise.resolve(stageOn("eventual")));
describeKvLibrary("the binding of a simulated network", binding);
describeKvLibrary("the emulated REST API", stageOnEmulator);

describeExactEnds("the gateway in memory, strong", () => Promise.resolve(stageOn("strong")));
describeExactEnds("the gateway on a simulated network, eventual", () => Promise.resolve(stageOn("eventual")));
describeExactEnds("the binding of a simulated network", binding);
describeExactEnds("the emulated REST API", stageOnEmulator);

describeStrongLibrary("the gateway in memory", () => {
  let lost = 0;
  const { kv } = memoryKv({
    // Done, and then the connection breaks off.
    around: async (answer) => {
      const response = await answer();
      if (lost === 0) return response;
      lost -= 1;
      throw new TypeError("fetch failed");
    },
  });
  const loseAnswer = () => {
    lost += 1;
  };
  return Promise.resolve({ kv, loseAnswer, [Symbol.asyncDispose]: () => Promise.resolve() });
});

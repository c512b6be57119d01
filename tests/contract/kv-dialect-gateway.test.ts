import { createHash } from "node:crypto";

import { SimulatedKv } from "../../local-cloud/kv/simulated-kv.ts";
import type { RandomBytes } from "../../src/core/random.ts";
import type { NamespaceConfig } from "../../src/gateway/config.ts";
import { credentialOf, EVENTUAL, GATEWAY_ACCOUNT, GATEWAY_CONFIG, STRONG } from "../../testbed/gateway-fixture.ts";
import { createMemoryGateway } from "../support/gateway-in-memory.ts";
import { BASE_URL, ManualClock, START } from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";
import type { KvDialectOnVirtualClock } from "./kv-dialect/dialect.ts";
import { describeKvDialectOnVirtualClock } from "./kv-dialect/suite.ts";

/** Longer than a copy lives, and than a list lags. */
const SETTLE_MS = 121_000;

describeKvDialectOnVirtualClock("the gateway on memory, strong", () => Promise.resolve(dialectOf(STRONG)));
// One write a second for a key, lists that lag, copies that live on, deleted names that pages may end at.
describeKvDialectOnVirtualClock("the gateway on a simulated network, eventual", () =>
  Promise.resolve(dialectOf(EVENTUAL)),
);

function dialectOf(namespace: NamespaceConfig): KvDialectOnVirtualClock {
  const clock = new ManualClock(START);
  const kv = new SimulatedKv({
    clock,
    random: seededRandom("kv-dialect"),
    locations: ["ams", "sin"],
    propagation: { minMs: 0, maxMs: 60_000 },
  });
  const config = { ...GATEWAY_CONFIG, namespaces: [namespace] };
  const isStrong = namespace.consistency === "strong";
  const advance = (milliseconds: number) => {
    clock.advance(milliseconds);
  };
  return {
    fetch: createMemoryGateway({ config, clock, kvOf: () => kv.at("ams") }).fetch,
    baseUrl: BASE_URL,
    token: credentialOf("dev-application-a1"),
    accountId: GATEWAY_ACCOUNT,
    namespace,
    minTtlSeconds: isStrong ? 1 : 60,
    tellsExpiration: isStrong,
    now: () => clock.now(),
    advance,
    ...(isStrong
      ? {}
      : {
          settle: () => {
            advance(SETTLE_MS);
          },
        }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The same bytes in each run. */
function seededRandom(seed: string): RandomBytes {
  let calls = 0;
  return (length) => {
    calls += 1;
    const digest = createHash("sha512").update(`${seed} ${calls}`).digest();
    return Uint8Array.from(digest.subarray(0, length));
  };
}

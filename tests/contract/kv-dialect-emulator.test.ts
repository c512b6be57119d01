import { ACCOUNT, BASE_URL, emulateCloudflare } from "../unit/local-cloud/cloudflare/emulated-cloudflare.ts";
import { describeKvDialectOnVirtualClock } from "./kv-dialect/suite.ts";

describeKvDialectOnVirtualClock("the emulated REST API", async () => {
  const cloud = emulateCloudflare();
  return {
    fetch: cloud.emulator.fetch,
    baseUrl: BASE_URL,
    token: cloud.bootstrap,
    accountId: ACCOUNT,
    namespace: { id: await cloud.createNamespace(), title: "sessions" },
    minTtlSeconds: 60,
    tellsExpiration: true,
    now: () => cloud.clock.now(),
    advance: (milliseconds) => {
      cloud.clock.advance(milliseconds);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
});

import { strict as assert } from "node:assert";

import { credentialOf, EVENTUAL, GATEWAY_ACCOUNT, GATEWAY_CONFIG, STRONG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { describeKvDialect } from "../contract/kv-dialect/suite.ts";
import { sdkFetch } from "../support/sdk-fetch.ts";

for (const namespace of [STRONG, EVENTUAL]) {
  const isStrong = namespace.consistency === "strong";
  describeKvDialect(`the gateway in workerd, ${namespace.consistency}, to Cloudflare's official SDK`, async () => {
    const { url, miniflare } = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
    const baseUrl = `${url}/client/v4`;
    const token = credentialOf("dev-application-a1");
    const sdk = sdkFetch(baseUrl, token);
    return {
      fetch: sdk.fetch,
      baseUrl,
      token,
      accountId: GATEWAY_ACCOUNT,
      namespace,
      minTtlSeconds: isStrong ? 1 : 60,
      tellsExpiration: isStrong,
      now: () => Date.now(),
      [Symbol.asyncDispose]: async () => {
        await miniflare.dispose();
        // Else the suite would be one of raw requests with a detour.
        assert(sdk.counts.byMethod > 5 * sdk.counts.byHand, JSON.stringify(sdk.counts));
      },
    };
  });
}

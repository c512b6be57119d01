import { credentialOf, EVENTUAL, GATEWAY_ACCOUNT, GATEWAY_CONFIG, STRONG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { describeKvDialect } from "../contract/kv-dialect/suite.ts";

for (const namespace of [STRONG, EVENTUAL]) {
  const isStrong = namespace.consistency === "strong";
  describeKvDialect(`the gateway in workerd, ${namespace.consistency}`, async () => {
    const { url, miniflare } = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
    return {
      fetch: (request) => fetch(request),
      baseUrl: `${url}/client/v4`,
      token: credentialOf("dev-application-a1"),
      accountId: GATEWAY_ACCOUNT,
      namespace,
      minTtlSeconds: isStrong ? 1 : 60,
      tellsExpiration: isStrong,
      now: () => Date.now(),
      [Symbol.asyncDispose]: () => miniflare.dispose(),
    };
  });
}

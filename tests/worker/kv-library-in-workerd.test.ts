import { kvFromSettings } from "../../src/kv/index.ts";
import { credentialOf, EVENTUAL, GATEWAY_ACCOUNT, GATEWAY_CONFIG, STRONG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { describeKvLibrary } from "../contract/kv-library/suite.ts";

for (const namespace of [STRONG, EVENTUAL]) {
  describeKvLibrary(`the gateway in workerd, ${namespace.consistency}`, async () => {
    const { url, miniflare } = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
    const settings = {
      apiUrl: `${url}/client/v4`,
      accountId: GATEWAY_ACCOUNT,
      apiToken: credentialOf("dev-application-a1"),
      client: "srv-1/one",
      namespaces: [{ ...namespace, defaultTtlSeconds: 3600 }],
    };
    return {
      kv: kvFromSettings(settings),
      namespace: namespace.name,
      now: () => Date.now(),
      [Symbol.asyncDispose]: () => miniflare.dispose(),
    };
  });
}

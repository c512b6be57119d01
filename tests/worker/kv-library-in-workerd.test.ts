import { kvFromSettings } from "../../src/kv/index.ts";
import { credentialOf, EVENTUAL, GATEWAY_ACCOUNT, GATEWAY_CONFIG, STRONG } from "../../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../../testbed/gateway-in-workerd.ts";
import { describeStrongLibrary } from "../contract/kv-library/strong-suite.ts";
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

describeStrongLibrary("the gateway in workerd", async () => {
  const { url, miniflare } = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
  let lost = 0;
  const settings = {
    apiUrl: `${url}/client/v4`,
    accountId: GATEWAY_ACCOUNT,
    apiToken: credentialOf("dev-application-a1"),
    client: undefined,
    namespaces: [STRONG, EVENTUAL].map((namespace) => ({ ...namespace, defaultTtlSeconds: 3600 })),
  };
  const loseAnswer = () => {
    lost += 1;
  };
  const lossy = async (address: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(address, init);
    if (lost === 0) return response;
    lost -= 1;
    await response.arrayBuffer();
    throw new TypeError("fetch failed");
  };
  const kv = kvFromSettings(settings, { world: { fetch: lossy } });
  return { kv, loseAnswer, [Symbol.asyncDispose]: () => miniflare.dispose() };
});

// What the Python package is tested on: the emulated REST API of Cloudflare, and the gateway in workerd, as a process.
// Prints one line of JSON with the variables of an application for each, and ends when its standard input closes.
import { z } from "zod";

import { createCloudflareEmulator } from "../local-cloud/cloudflare/emulator.ts";
import { listen } from "../local-cloud/http/listen.ts";
import { systemClock } from "../src/core/clock.ts";
import { systemRandom } from "../src/core/random.ts";
import { credentialOf, EVENTUAL, GATEWAY_ACCOUNT, GATEWAY_CONFIG, STRONG } from "../testbed/gateway-fixture.ts";
import { startGatewayInWorkerd } from "../testbed/gateway-in-workerd.ts";

type Variables = Readonly<Record<string, string>>;

const LIFETIMES = { defaultTtlSeconds: 3600, maxTtlSeconds: 2_592_000 };

const variablesOf = (url: string, token: string, namespaces: Readonly<Record<string, object>>): Variables => ({
  CLOUDFLARE_KV_API_URL: `${url}/client/v4`,
  CLOUDFLARE_KV_ACCOUNT_ID: GATEWAY_ACCOUNT,
  CLOUDFLARE_KV_API_TOKEN: token,
  CLOUDFLARE_KV_NAMESPACES: JSON.stringify(namespaces),
});

async function restStage(): Promise<{ readonly variables: Variables; readonly close: () => Promise<void> }> {
  const emulator = createCloudflareEmulator({
    clock: systemClock,
    random: systemRandom,
    accounts: [{ id: GATEWAY_ACCOUNT, name: "brainbot" }],
  });
  const listening = await listen(emulator.fetch);
  const token = emulator.accountTokens[0]?.token.reveal() ?? "";
  const made = await fetch(`${listening.url}/client/v4/accounts/${GATEWAY_ACCOUNT}/storage/kv/namespaces`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ title: EVENTUAL.title }),
  });
  const { result } = z.object({ result: z.object({ id: z.string() }) }).parse(await made.json());
  const namespaces = { cache: { id: result.id, consistency: "eventual", ...LIFETIMES } };
  return { variables: variablesOf(listening.url, token, namespaces), close: () => listening.close() };
}

async function gatewayStage(): Promise<{ readonly variables: Variables; readonly close: () => Promise<void> }> {
  const { url, miniflare } = await startGatewayInWorkerd({ config: GATEWAY_CONFIG });
  const namespaces = [STRONG, EVENTUAL].map(
    ({ name, id, consistency }) => [name, { id, consistency, ...LIFETIMES }] as const,
  );
  const variables = variablesOf(url, credentialOf("dev-application-a1"), Object.fromEntries(namespaces));
  return { variables, close: () => miniflare.dispose() };
}

const [rest, gateway] = await Promise.all([restStage(), gatewayStage()]);
process.stdout.write(`${JSON.stringify({ rest: rest.variables, gateway: gateway.variables })}\n`);
process.stdin.resume();
await new Promise((resolve) => process.stdin.once("close", resolve));
await Promise.all([rest.close(), gateway.close()]);
process.exit();

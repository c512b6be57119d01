import { credentialOf, GATEWAY_ACCOUNT, GATEWAY_CONFIG } from "../gateway-fixture.ts";

const DAY_SECONDS = 86_400;
const STALENESS_BUDGET_SECONDS = 120;

/** What the environment group of `examples/brainbot/after` has, for the gateway of the fixture at `url`. */
export function gatewayVariables(url: string): Readonly<Record<string, string>> {
  const namespaces = GATEWAY_CONFIG.namespaces.map(({ name, id, consistency, cacheTtlSeconds }) => [
    name,
    {
      id,
      consistency,
      defaultTtlSeconds: DAY_SECONDS,
      ...(consistency === "eventual" ? { cacheTtlSeconds, stalenessBudgetSeconds: STALENESS_BUDGET_SECONDS } : {}),
    },
  ]);
  return {
    CLOUDFLARE_KV_API_URL: `${url}/client/v4`,
    CLOUDFLARE_KV_ACCOUNT_ID: GATEWAY_ACCOUNT,
    CLOUDFLARE_KV_API_TOKEN: credentialOf("dev-application-a1"),
    CLOUDFLARE_KV_NAMESPACES: JSON.stringify(Object.fromEntries(namespaces)),
  };
}

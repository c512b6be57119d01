import { areNarrowNetworks } from "../../config/formats.ts";
import { isPropertyMap } from "../../state/properties.ts";
import { type PolicyRule, resourcesOfType, type StackResource } from "../model.ts";

export const rule: PolicyRule = {
  name: "production-tokens-are-bound-to-addresses",
  level: "mandatory",
  description:
    "In production every token of Cloudflare, of either role, names the networks from which it is accepted (`condition.requestIp.ins`), and they hold no more than a 256th of the addresses of either family together.",
  reason: "A stolen token that is accepted from everywhere is enough to read and delete all data of production.",
  fix: "List the outbound addresses that Render shows under Connect as `allowedIps` of the role, and those of the operators for `operator`.",
  check: (stack) => {
    if (stack.environment.kind !== "production") return [];
    return resourcesOfType(stack, "accountToken")
      .filter((token) => !isBound(token))
      .map(({ name, urn }) => ({ message: `Token ${name} is accepted from too many addresses.`, urn }));
  },
};

function isBound({ props }: StackResource): boolean {
  const condition = props["condition"];
  const requestIp = isPropertyMap(condition) ? condition["requestIp"] : undefined;
  const networks = isPropertyMap(requestIp) ? requestIp["ins"] : undefined;
  return areNarrowNetworks(networks);
}

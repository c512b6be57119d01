import { pick, type Properties, propertiesOf, text } from "../plain.ts";
import { fromApi, toApi } from "../property-names.ts";
import { neverUpdated, type ResourceType } from "../resource.ts";
import { differenceBy, missing, type PropertyRules } from "../rules.ts";
import { type CloudflareApi, segment } from "./api.ts";

const RULES = {
  accountId: { required: true, replaces: true },
  hostname: { required: true, replaces: true },
  service: { required: true, replaces: true },
  zoneId: { replaces: true, computed: true },
  zoneName: { replaces: true, computed: true },
} as const satisfies PropertyRules;

/**
 * `cloudflare_workers_custom_domain`: a host name that leads to a Worker. Attaching it twice is no error, so that a
 * lost answer leaves nothing behind: https://developers.cloudflare.com/api/resources/workers/subresources/domains/
 */
export function workersCustomDomainType({ call, find }: CloudflareApi): ResourceType {
  return {
    secrets: [],
    check: async (inputs) => missing(RULES, inputs),
    diff: async (state, inputs) => differenceBy(RULES, state, inputs),
    create: async (inputs) => {
      const accountId = text(inputs, "accountId");
      const body = toApi(pick(inputs, ["hostname", "service", "zoneId", "zoneName"]));
      const result = propertiesOf(await call("PUT", collection(accountId), body));
      return { id: text(result, "id"), state: stateOf(accountId, result) };
    },
    read: async (id, state) => {
      const accountId = text(state, "accountId");
      const result = await find(`${collection(accountId)}/${segment(id)}`);
      return result && { id, state: stateOf(accountId, result) };
    },
    update: neverUpdated,
    delete: async (id, state) => {
      await call("DELETE", `${collection(text(state, "accountId"))}/${segment(id)}`);
    },
  };
}

function collection(accountId: string): string {
  return `/accounts/${segment(accountId)}/workers/domains`;
}

function stateOf(accountId: string, result: Properties): Properties {
  const { id: _id, ...described } = fromApi(result);
  return { accountId, ...described };
}

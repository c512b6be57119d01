import { pick, type Properties, text } from "../plain.ts";
import { fromApi } from "../property-names.ts";
import type { ResourceType } from "../resource.ts";
import { differenceBy, missing, type PropertyRules } from "../rules.ts";
import { type CloudflareApi, locate, segment } from "./api.ts";

const RULES = {
  accountId: { required: true, replaces: true },
  title: { required: true },
  jurisdiction: { replaces: true, computed: true },
} as const satisfies PropertyRules;

/** `cloudflare_workers_kv_namespace`. A delete fails on every error, 404 too. */
export function kvNamespaceType({ call, find }: CloudflareApi): ResourceType {
  return {
    secrets: [],
    check: async (inputs) => missing(RULES, inputs),
    diff: async (state, inputs) => differenceBy(RULES, state, inputs),
    create: async (inputs) => {
      const result = await call("POST", collection(text(inputs, "accountId")), pick(inputs, ["title", "jurisdiction"]));
      return existing(text(inputs, "accountId"), result as Properties);
    },
    read: async (id, state) => {
      const place = locate(id, state);
      const result = await find(`${collection(place.accountId)}/${segment(place.id)}`);
      return result && existing(place.accountId, result);
    },
    update: async (id, state, inputs) => {
      const path = `${collection(text(state, "accountId"))}/${segment(id)}`;
      const result = await call("PUT", path, { title: text(inputs, "title") });
      return existing(text(state, "accountId"), { ...(result as Properties), id }).state;
    },
    delete: async (id, state) => {
      await call("DELETE", `${collection(text(state, "accountId"))}/${segment(id)}`);
    },
    inputsOf: (state) => pick(state, Object.keys(RULES)),
  };
}

function collection(accountId: string): string {
  return `/accounts/${segment(accountId)}/storage/kv/namespaces`;
}

function existing(accountId: string, result: Properties): { id: string; state: Properties } {
  const { id: _id, ...described } = fromApi(result);
  return { id: text(result, "id"), state: { accountId, ...described } };
}

import { pick, type Properties, propertiesOf, text } from "../plain.ts";
import { fromApi } from "../property-names.ts";
import type { ResourceType } from "../resource.ts";
import { differenceBy, missing, type PropertyRules } from "../rules.ts";
import { type CloudflareApi, segment } from "./api.ts";

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
      return existing(text(inputs, "accountId"), propertiesOf(result));
    },
    read: async (id, state) => {
      const accountId = text(state, "accountId");
      const result = await find(`${collection(accountId)}/${segment(id)}`);
      return result && existing(accountId, result);
    },
    import: async (importId) => {
      const [accountId = "", id = ""] = importId.split("/");
      const result = await find(`${collection(accountId)}/${segment(id)}`);
      if (!result) return undefined;
      const found = existing(accountId, result);
      return { ...found, inputs: { accountId, ...pick(found.state, ["title"]) } };
    },
    update: async (id, state, inputs) => {
      const { title } = inputs;
      const result = await call("PUT", `${collection(text(state, "accountId"))}/${segment(id)}`, { title });
      return { ...state, title, ...existing(text(state, "accountId"), { ...propertiesOf(result), id }).state };
    },
    delete: async (id, state) => {
      await call("DELETE", `${collection(text(state, "accountId"))}/${segment(id)}`);
    },
  };
}

function collection(accountId: string): string {
  return `/accounts/${segment(accountId)}/storage/kv/namespaces`;
}

function existing(accountId: string, result: Properties): { id: string; state: Properties } {
  const { id: _id, ...described } = fromApi(result);
  return { id: text(result, "id"), state: { accountId, ...described } };
}

import { pick, type Plain, present, type Properties, propertiesOf, text } from "../plain.ts";
import { fromApi, toApi } from "../property-names.ts";
import type { ResourceType } from "../resource.ts";
import { asSet, covers, differenceBy, missing, type PropertyRules, sameBy } from "../rules.ts";
import { type CloudflareApi, segment } from "./api.ts";

const RULES = {
  accountId: { required: true, replaces: true },
  name: { required: true },
  logpush: { computed: true },
  observability: { computed: true, same: covers },
  subdomain: { computed: true, same: covers },
  tags: { computed: true, same: sameBy(asSet) },
  tailConsumers: { computed: true, same: sameBy(asSet) },
} as const satisfies PropertyRules;

/** What the official provider sends where the program says nothing. */
const DEFAULTS = {
  logpush: false,
  observability: {
    enabled: false,
    headSamplingRate: 1,
    traces: { destinations: [], enabled: false, headSamplingRate: 1, persist: true },
  },
  tags: [],
  tailConsumers: [],
} as const satisfies Properties;

/** `cloudflare_worker`: name and settings of a Worker, without code. */
export function workerType({ call, find }: CloudflareApi): ResourceType {
  return {
    secrets: [],
    check: async (inputs) => missing(RULES, inputs),
    diff: async (state, inputs) => differenceBy(RULES, state, inputs),
    create: async (inputs) => {
      const accountId = text(inputs, "accountId");
      const result = propertiesOf(await call("POST", collection(accountId), bodyOf(inputs, DEFAULTS)));
      return { id: text(result, "id"), state: stateOf(accountId, result) };
    },
    read: async (id, state) => {
      const accountId = text(state, "accountId");
      const result = await find(`${collection(accountId)}/${segment(id)}`);
      return result && { id: text(result, "id"), state: stateOf(accountId, result) };
    },
    import: async (importId) => {
      const [accountId = "", id = ""] = importId.split("/");
      const result = await find(`${collection(accountId)}/${segment(id)}`);
      if (!result) return undefined;
      const state = stateOf(accountId, result);
      return { id: text(result, "id"), state, inputs: pick(state, Object.keys(RULES)) };
    },
    update: async (id, state, inputs) => {
      const accountId = text(state, "accountId");
      const known = { ...DEFAULTS, ...pick(state, Object.keys(RULES)) };
      const result = await call("PUT", `${collection(accountId)}/${segment(id)}`, bodyOf(inputs, known));
      return stateOf(accountId, propertiesOf(result));
    },
    delete: async (id, state) => {
      await call("DELETE", `${collection(text(state, "accountId"))}/${segment(id)}`);
    },
  };
}

function collection(accountId: string): string {
  return `/accounts/${segment(accountId)}/workers/workers`;
}

/** The whole Worker: inputs over what is known. `url` and the like of a subdomain are the vendor's to say. */
function bodyOf(inputs: Properties, known: Properties): Properties {
  const subdomain = pick(overlay(known["subdomain"], inputs["subdomain"]), ["enabled", "previewsEnabled"]);
  return toApi(
    present({
      name: inputs["name"],
      logpush: inputs["logpush"] ?? known["logpush"],
      observability: overlay(known["observability"], inputs["observability"]),
      ...(Object.keys(subdomain).length === 0 ? {} : { subdomain }),
      tags: inputs["tags"] ?? known["tags"],
      tailConsumers: inputs["tailConsumers"] ?? known["tailConsumers"],
    }),
  );
}

function overlay(base: Plain | undefined, over: Plain | undefined): Properties {
  const entries = Object.entries(propertiesOf(over)).map(([key, value]) => {
    const nested = propertiesOf(base)[key];
    const isNested = Object.keys(propertiesOf(value)).length > 0;
    return [key, isNested ? overlay(nested, value) : (value ?? nested)] as const;
  });
  return { ...propertiesOf(base), ...Object.fromEntries(entries) };
}

function stateOf(accountId: string, result: Properties): Properties {
  const { id: _id, ...described } = fromApi(result);
  return { accountId, ...described };
}

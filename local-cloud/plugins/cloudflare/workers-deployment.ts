import { pick, present, type Properties, propertiesOf, text } from "../plain.ts";
import { fromApi, toApi } from "../property-names.ts";
import { neverUpdated, type ResourceType } from "../resource.ts";
import { covers, differenceBy, missing, type PropertyRules } from "../rules.ts";
import { annotationsFromApi, annotationsToApi } from "./annotations.ts";
import { type CloudflareApi, segment } from "./api.ts";

const RULES = {
  accountId: { required: true, replaces: true },
  scriptName: { required: true, replaces: true },
  strategy: { required: true, replaces: true },
  versions: { required: true, replaces: true },
  annotations: { computed: true, replaces: true, same: covers },
} as const satisfies PropertyRules;

/** `cloudflare_workers_deployment`. Every change is a new deployment; a delete makes no call. */
export function workersDeploymentType({ call, find }: CloudflareApi): ResourceType {
  return {
    secrets: [],
    check: async (inputs) => missing(RULES, inputs),
    diff: async (state, inputs) => differenceBy(RULES, state, inputs),
    create: async (inputs) => {
      const annotations = propertiesOf(inputs["annotations"]);
      const body = {
        ...toApi(pick(inputs, ["strategy", "versions"])),
        ...(Object.keys(annotations).length === 0 ? {} : { annotations: annotationsToApi(annotations) }),
      };
      const query = inputs["force"] === true ? "?force=true" : "";
      const result = propertiesOf(await call("POST", `${collection(inputs)}${query}`, body));
      return { id: text(result, "id"), state: stateOf(inputs, result) };
    },
    read: async (id, state) => {
      const result = await find(`${collection(state)}/${segment(id)}`);
      return result && { id, state: stateOf(state, result) };
    },
    update: neverUpdated,
    delete: async () => undefined,
  };
}

function collection(place: Properties): string {
  const account = segment(text(place, "accountId"));
  return `/accounts/${account}/workers/scripts/${segment(text(place, "scriptName"))}/deployments`;
}

function stateOf(place: Properties, { id: _id, annotations, ...described }: Properties): Properties {
  const known = annotationsFromApi(propertiesOf(annotations));
  return present({
    ...pick(place, ["accountId", "scriptName", "force"]),
    ...fromApi(described),
    annotations: Object.keys(known).length === 0 ? null : known,
  });
}

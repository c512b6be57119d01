import { isList, listOf, pick, present, type Properties, propertiesOf, sameValue, text } from "../plain.ts";
import { fromApi, toApi } from "../property-names.ts";
import { neverUpdated, type ResourceType } from "../resource.ts";
import { covers, differenceBy, missing, type PropertyRules, sameBy } from "../rules.ts";
import { isUnknown } from "../unknown.ts";
import { annotationsFromApi, annotationsToApi } from "./annotations.ts";
import { type CloudflareApi, segment } from "./api.ts";
import { bindingsToApi, canonicalBindings, checkBindings } from "./worker-bindings.ts";
import { moduleIdentities, modulesToApi, modulesWithHash, type ReadFile, unreadableModules } from "./worker-modules.ts";

/** Modules are compared apart, by their content. */
const RULES = {
  accountId: { required: true, replaces: true },
  workerId: { required: true, replaces: true },
  mainModule: { replaces: true },
  compatibilityDate: { replaces: true, computed: true },
  compatibilityFlags: { replaces: true, computed: true },
  usageModel: { replaces: true, computed: true },
  bindings: { replaces: true, same: sameBy(canonicalBindings) },
  annotations: { replaces: true, computed: true, same: covers },
  limits: { replaces: true },
  placement: { replaces: true },
  assets: { replaces: true },
  migrations: { replaces: true },
  exports: { replaces: true },
  deploy: { replaces: true, same: (input, state) => sameValue(input ?? false, state ?? false) },
} as const satisfies PropertyRules;

const USAGE_MODEL_DEFAULT = "standard";

/**
 * `cloudflare_worker_version`: code and bindings, immutable. Every change replaces; a delete makes no call.
 * `exports` and `deploy` are what providers newer than 5.22.0 send.
 */
export function workerVersionType({ call, find }: CloudflareApi, readFile: ReadFile): ResourceType {
  return {
    secrets: [],
    check: async (inputs) => [
      ...missing(RULES, inputs),
      ...checkBindings(inputs["bindings"]),
      ...(await unreadableModules(inputs["modules"], readFile)).map((property) => ({
        property,
        reason: "The file cannot be read.",
      })),
    ],
    diff: async (state, inputs) => {
      const { changed } = differenceBy(RULES, state, inputs);
      const modules = isUnknown(inputs["modules"])
        ? undefined
        : moduleIdentities(await modulesWithHash(inputs["modules"], readFile));
      const same = sameValue(modules, moduleIdentities(listOf(state["modules"])));
      const all = same ? changed : [...changed, "modules"];
      return { changed: all, replaces: all };
    },
    create: async (inputs) => {
      const query = inputs["deploy"] === true ? "?deploy=true" : "";
      const body = await bodyOf(inputs, readFile);
      const result = propertiesOf(await call("POST", `${collection(inputs)}${query}`, body));
      return { id: text(result, "id"), state: stateOf(await withHashes(inputs, readFile), result) };
    },
    read: async (id, state) => {
      const result = await find(`${collection(state)}/${segment(id)}?include=modules`);
      // Hashes stay those of what was uploaded: the files may have changed since.
      return result && { id, state: stateOf(state, result) };
    },
    update: neverUpdated,
    delete: async () => undefined,
  };
}

function collection(place: Properties): string {
  const account = segment(text(place, "accountId"));
  return `/accounts/${account}/workers/workers/${segment(text(place, "workerId"))}/versions`;
}

async function bodyOf(inputs: Properties, readFile: ReadFile): Promise<Properties> {
  const { annotations, bindings, exports, modules } = inputs;
  const plainly = [
    "mainModule",
    "compatibilityDate",
    "compatibilityFlags",
    "limits",
    "placement",
    "assets",
    "migrations",
  ];
  return present({
    ...toApi(pick(inputs, plainly)),
    usage_model: inputs["usageModel"] ?? USAGE_MODEL_DEFAULT,
    annotations: annotations === undefined ? null : annotationsToApi(propertiesOf(annotations)),
    bindings: isList(bindings) ? bindingsToApi(bindings) : null,
    exports: exports === undefined ? null : exportsToApi(propertiesOf(exports)),
    modules: isList(modules) ? await modulesToApi(modules, readFile) : null,
  });
}

/** The keys are names of classes, only what lies below them is named by the API. */
function exportsToApi(exports: Properties): Properties {
  return Object.fromEntries(Object.entries(exports).map(([name, value]) => [name, toApi(propertiesOf(value))]));
}

/** What the vendor computed, and the version as the program says it: it never changes. */
function stateOf(known: Properties, result: Properties): Properties {
  const { id: _id, annotations, bindings: _bindings, modules: _modules, exports: _exports, ...rest } = result;
  return present({
    ...fromApi(rest),
    ...pick(known, [...Object.keys(RULES), "modules"]),
    annotations: { ...annotationsFromApi(propertiesOf(annotations)), ...propertiesOf(known["annotations"]) },
  });
}

async function withHashes(properties: Properties, readFile: ReadFile): Promise<Properties> {
  const { modules } = properties;
  return isList(modules) ? { ...properties, modules: await modulesWithHash(modules, readFile) } : properties;
}

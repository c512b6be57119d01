import { isList, listOf, pick, present, type Properties, propertiesOf, sameValue, text } from "../plain.ts";
import { fromApi, toApi } from "../property-names.ts";
import { neverUpdated, type ResourceType } from "../resource.ts";
import { covers, differenceBy, missing, type PropertyRules, sameBy } from "../rules.ts";
import { isUnknown } from "../unknown.ts";
import { annotationsFromApi, annotationsToApi } from "./annotations.ts";
import { type CloudflareApi, segment } from "./api.ts";
import { bindingsFromApi, bindingsToApi, canonicalBindings } from "./worker-bindings.ts";
import {
  moduleIdentities,
  modulesFromApi,
  modulesToApi,
  modulesWithHash,
  type ReadFile,
  unreadableModules,
} from "./worker-modules.ts";

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
      const result = (await call("POST", `${collection(inputs)}${query}`, body)) as Properties;
      return { id: text(result, "id"), state: stateOf(await withHashes(inputs, readFile), result) };
    },
    read: async (id, state) => {
      const isImport = Object.keys(state).length === 0;
      const place = isImport ? importedPlace(id) : { id, ...state };
      const result = await find(`${collection(place)}/${segment(text(place, "id"))}?include=modules`);
      if (!result) return undefined;
      // A refresh keeps the hashes of what was uploaded: the files may have changed since.
      const known = isImport ? await withHashes({ ...place, ...inputsFromApi(result) }, readFile) : state;
      return { id: text(result, "id"), state: stateOf(known, result) };
    },
    update: neverUpdated,
    delete: async () => undefined,
    inputsOf: (state) => pick(state, [...Object.keys(RULES), "modules"]),
  };
}

function collection(place: Properties): string {
  const account = segment(text(place, "accountId"));
  return `/accounts/${account}/workers/workers/${segment(text(place, "workerId"))}/versions`;
}

function importedPlace(id: string): Properties {
  const [accountId, workerId, versionId] = id.split("/");
  if (!accountId || !workerId || !versionId) {
    throw new Error(`expected <account_id>/<worker_id>/<version_id> to import, got "${id}"`);
  }
  return { accountId, workerId, id: versionId };
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

function inputsFromApi(result: Properties): Properties {
  const { bindings, modules, main_module, compatibility_date, compatibility_flags, usage_model } = result;
  return {
    ...fromApi(present({ main_module, compatibility_date, compatibility_flags, usage_model })),
    ...(isList(bindings) ? { bindings: bindingsFromApi(bindings) } : {}),
    ...(isList(modules) ? { modules: modulesFromApi(modules) } : {}),
  };
}

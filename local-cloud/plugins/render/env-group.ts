import { VendorError } from "../http.ts";
import {
  isProperties,
  listOf,
  pick,
  type Plain,
  present,
  type Properties,
  propertiesOf,
  sameValue,
  text,
} from "../plain.ts";
import type { CheckFailure, ResourceType } from "../resource.ts";
import { differenceBy, missing, type PropertyRules } from "../rules.ts";
import { isUnknown } from "../unknown.ts";
import { groupPath, objectOf, type RenderApi } from "./api.ts";
import { moveGroup } from "./environment-move.ts";

const RULES = {
  name: { required: true },
  environmentId: {},
  envVars: { same: (input, state) => sameEntries(input, state, isSameVariable) },
  secretFiles: { same: (input, state) => sameEntries(input, state, isSameFile) },
} as const satisfies PropertyRules;

/**
 * `render_env_group`. An update is many calls, one for each variable: a failure midway leaves what was done, with no
 * change of state, and the next update repeats all of it.
 */
export function envGroupType({ call }: RenderApi, ownerId: string): ResourceType {
  return {
    secrets: ["envVars.*.value", "secretFiles.*.content"],
    check: async (inputs) => [...missing(RULES, inputs), ...checkVariables(inputs["envVars"])],
    diff: async (state, inputs) => differenceBy(RULES, state, inputs),
    create: async (inputs) => {
      const group = objectOf(await call("POST", "/env-groups", "2xx", createBody(inputs, ownerId)));
      return { id: text(group, "id"), state: stateOf(group, inputs["envVars"]) };
    },
    read: async (id, state) => {
      try {
        const group = objectOf(await call("GET", groupPath(id), [200]));
        return { id, state: stateOf(group, state["envVars"]) };
      } catch (error) {
        if (error instanceof VendorError && error.status === 404) return undefined;
        throw error;
      }
    },
    update: async (id, state, inputs) => {
      const path = groupPath(id);
      const variables = changes(state["envVars"], inputs["envVars"], isSameVariable);
      for (const [key, variable] of variables.put) {
        // A variable that Render generated once stays as it is.
        const isGenerated = variable["generateValue"] === true;
        if (isGenerated && propertiesOf(state["envVars"])[key] !== undefined) continue;
        const body = isGenerated ? { generateValue: true } : { value: text(variable, "value") };
        await call("PUT", `${path}/env-vars/${encodeURIComponent(key)}`, [200], body);
      }
      for (const key of variables.removed) {
        await call("DELETE", `${path}/env-vars/${encodeURIComponent(key)}`, [204]);
      }
      const files = changes(state["secretFiles"], inputs["secretFiles"], isSameFile);
      for (const [name, file] of files.put) {
        const body = { content: text(file, "content") };
        await call("PUT", `${path}/secret-files/${encodeURIComponent(name)}`, [200], body);
      }
      for (const name of files.removed) {
        await call("DELETE", `${path}/secret-files/${encodeURIComponent(name)}`, [204]);
      }
      await moveGroup(call, id, state["environmentId"], inputs["environmentId"]);
      const isRenamed = state["name"] !== inputs["name"];
      const answer = isRenamed
        ? await call("PATCH", path, [200], { name: text(inputs, "name") })
        : await call("GET", path, [200]);
      // Without the variables of before: which of them were generated is forgotten, as in the official provider.
      return stateOf(objectOf(answer), undefined);
    },
    delete: async (id) => {
      await call("DELETE", groupPath(id), [204, 404]);
    },
  };
}

/** Empty lists travel as `null`, an absent environment not at all. */
function createBody(inputs: Properties, ownerId: string): Properties {
  const variables = entriesOf(inputs["envVars"]).map(([key, variable]) =>
    variable["generateValue"] === true ? { generateValue: true, key } : { key, value: text(variable, "value") },
  );
  const files = entriesOf(inputs["secretFiles"]).map(([name, file]) => ({ content: text(file, "content"), name }));
  return {
    envVars: variables.length === 0 ? null : variables,
    ...pick(inputs, ["environmentId"]),
    name: text(inputs, "name"),
    ownerId,
    secretFiles: files.length === 0 ? null : files,
  };
}

function stateOf(group: Properties, knownVariables: Plain | undefined): Properties {
  const variables = listOf(group["envVars"])
    .filter(isProperties)
    .map((variable) => {
      const key = text(variable, "key");
      const known = propertiesOf(propertiesOf(knownVariables)[key]);
      return [key, { generateValue: known["generateValue"] === true, value: variable["value"] ?? null }] as const;
    });
  const files = listOf(group["secretFiles"])
    .filter(isProperties)
    .map((file) => [text(file, "name"), { content: file["content"] ?? null }] as const);
  return present({
    ...pick(group, ["name", "environmentId"]),
    envVars: variables.length === 0 ? null : Object.fromEntries(variables),
    secretFiles: files.length === 0 ? null : Object.fromEntries(files),
  });
}

function entriesOf(map: Plain | undefined): readonly (readonly [string, Properties])[] {
  return Object.entries(propertiesOf(map)).map(([key, value]) => [key, propertiesOf(value)]);
}

/** Compared with the state and not with Render: what drifted is repaired only after a refresh. */
function changes(state: Plain | undefined, inputs: Plain | undefined, same: SameEntry) {
  const before = propertiesOf(state);
  const after = propertiesOf(inputs);
  return {
    put: entriesOf(inputs).filter(([key, value]) => !same(value, before[key])),
    removed: Object.keys(before).filter((key) => after[key] === undefined),
  };
}

type SameEntry = (input: Plain | undefined, state: Plain | undefined) => boolean;

function sameEntries(input: Plain | undefined, state: Plain | undefined, same: SameEntry): boolean {
  if (isUnknown(input)) return false;
  const { put, removed } = changes(state, input, same);
  // An entry that is not known yet is no object, and differs.
  const isKnown = Object.values(propertiesOf(input)).every(isProperties);
  return isKnown && put.length === 0 && removed.length === 0;
}

function isSameVariable(input: Plain | undefined, state: Plain | undefined): boolean {
  if (!isProperties(input) || !isProperties(state)) return false;
  const isGenerated = input["generateValue"] === true;
  if (isGenerated !== (state["generateValue"] === true)) return false;
  return isGenerated || sameValue(input["value"], state["value"]);
}

function isSameFile(input: Plain | undefined, state: Plain | undefined): boolean {
  return sameValue(propertiesOf(input)["content"], propertiesOf(state)["content"]) && isProperties(state);
}

function checkVariables(variables: Plain | undefined): readonly CheckFailure[] {
  if (variables === undefined || isUnknown(variables)) return [];
  const entries = Object.entries(propertiesOf(variables));
  if (entries.length === 0) return [{ property: "envVars", reason: "The map must have at least one element." }];
  return entries
    .filter(([, variable]) => isProperties(variable))
    .flatMap(([key, variable]) => {
      const { value, generateValue } = propertiesOf(variable);
      const property = `envVars.${key}`;
      const hasValue = (value ?? null) !== null;
      if (hasValue && generateValue === true) {
        return [{ property, reason: "value and generateValue cannot be set together." }];
      }
      return hasValue || generateValue === true || isUnknown(generateValue)
        ? []
        : [{ property, reason: "One of value and generateValue must be set." }];
    });
}

import {
  canonicalJson,
  isJson,
  isList,
  isProperties,
  listOf,
  parseJson,
  pick,
  type Plain,
  present,
  type Properties,
  propertiesOf,
  text,
} from "../plain.ts";
import { fromApi } from "../property-names.ts";
import type { CheckFailure, ResourceType } from "../resource.ts";
import { asSet, differenceBy, missing, type PropertyRules, sameBy, settle } from "../rules.ts";
import { isUnknown } from "../unknown.ts";
import { type CloudflareApi, segment } from "./api.ts";

const RULES = {
  accountId: { required: true, replaces: true },
  name: { required: true },
  policies: { required: true, same: sameBy(canonicalPolicies) },
  condition: { same: sameBy(canonicalCondition) },
  expiresOn: { same: sameBy(canonicalTime) },
  notBefore: { same: sameBy(canonicalTime) },
  status: { computed: true },
} as const satisfies PropertyRules;

/** Tokens of which the official provider says that they are gone, so that the next update mints new ones. */
const GONE: ReadonlySet<unknown> = new Set(["expired", "revoked (exposed)"]);

/**
 * `cloudflare_account_token`. The secret comes with the create only and stays in state from then on: every change is
 * a PUT that keeps it.
 */
export function accountTokenType({ call, find }: CloudflareApi): ResourceType {
  return {
    secrets: ["value"],
    check: async (inputs) => [...missing(RULES, inputs), ...checkPolicies(inputs["policies"])],
    diff: async (state, inputs) => differenceBy(RULES, state, inputs),
    create: async (inputs) => {
      const result = propertiesOf(await call("POST", collection(text(inputs, "accountId")), bodyOf(inputs)));
      return { id: text(result, "id"), state: settle(RULES, inputs, stateOf(text(inputs, "accountId"), result)) };
    },
    read: async (id, state) => {
      const accountId = text(state, "accountId");
      const result = await find(`${collection(accountId)}/${segment(id)}`);
      if (!result || GONE.has(result["status"])) return undefined;
      const observed = { ...stateOf(accountId, result), ...pick(state, ["value"]) };
      return { id: id, state: settle(RULES, state, observed) };
    },
    update: async (id, state, inputs) => {
      const path = `${collection(text(state, "accountId"))}/${segment(id)}`;
      const result = propertiesOf(await call("PUT", path, bodyOf(inputs)));
      const observed = { ...stateOf(text(state, "accountId"), result), ...pick(state, ["value"]) };
      return settle(RULES, inputs, observed);
    },
    delete: async (id, state) => {
      await call("DELETE", `${collection(text(state, "accountId"))}/${segment(id)}`);
    },
  };
}

function collection(accountId: string): string {
  return `/accounts/${segment(accountId)}/tokens`;
}

function bodyOf(inputs: Properties): Properties {
  return present({
    name: inputs["name"],
    policies: listOf(inputs["policies"]).filter(isProperties).map(policyBody),
    expires_on: inputs["expiresOn"],
    not_before: inputs["notBefore"],
    status: inputs["status"],
    condition: isProperties(inputs["condition"]) ? conditionBody(inputs["condition"]) : null,
  });
}

function policyBody(policy: Properties): Properties {
  return {
    effect: policy["effect"],
    permission_groups: listOf(policy["permissionGroups"]).map((group) => pick(propertiesOf(group), ["id"])),
    // The program says JSON in a string, the API takes the object.
    resources: parseJson(text(policy, "resources")),
  };
}

function conditionBody({ requestIp }: Properties): Properties {
  const { ins, notIns } = propertiesOf(requestIp);
  return isProperties(requestIp) ? { request_ip: present({ in: ins, not_in: notIns }) } : {};
}

function stateOf(accountId: string, result: Properties): Properties {
  const { id: _id, policies, condition, ...rest } = result;
  return present({
    accountId,
    ...fromApi(rest),
    policies: listOf(policies).filter(isProperties).map(policyState),
    condition: isProperties(condition) ? conditionState(condition) : null,
  });
}

function policyState(policy: Properties): Properties {
  return {
    effect: policy["effect"],
    permissionGroups: listOf(policy["permission_groups"]).map((group) => pick(propertiesOf(group), ["id"])),
    resources: JSON.stringify(policy["resources"]),
  };
}

function conditionState(condition: Properties): Properties | null {
  const { in: ins, not_in: notIns } = propertiesOf(condition["request_ip"]);
  const requestIp = present({ ins, notIns });
  return Object.keys(requestIp).length === 0 ? null : { requestIp };
}

/** Policies and groups are sets, and their resources are JSON. */
function canonicalPolicies(policies: Plain | undefined): Plain | undefined {
  if (!isList(policies)) return policies;
  return asSet(
    policies.map((policy) => {
      if (!isProperties(policy)) return policy;
      const { effect, permissionGroups, resources } = policy;
      const groups = isList(permissionGroups)
        ? asSet(permissionGroups.map((group) => (isProperties(group) ? pick(group, ["id"]) : group)))
        : permissionGroups;
      return present({ effect, groups, resources: canonicalResources(resources) });
    }),
  );
}

function canonicalResources(resources: Plain | undefined): Plain | undefined {
  if (typeof resources !== "string" || isUnknown(resources)) return resources;
  return canonicalJson(parseJson(resources));
}

function canonicalCondition(condition: Plain | undefined): Plain | undefined {
  if (!isProperties(condition) || !isProperties(condition["requestIp"])) return condition;
  const { ins, notIns } = condition["requestIp"];
  return present({ ins: emptyIsAbsent(asSet(ins)), notIns: emptyIsAbsent(asSet(notIns)) });
}

function emptyIsAbsent(value: Plain | undefined): Plain | undefined {
  return isList(value) && value.length === 0 ? undefined : value;
}

/** The same moment may be written with other precision. */
function canonicalTime(value: Plain | undefined): Plain | undefined {
  const milliseconds = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(milliseconds) ? value : milliseconds;
}

function checkPolicies(policies: Plain | undefined): readonly CheckFailure[] {
  return listOf(policies).flatMap((policy, index) => {
    const resources = propertiesOf(policy)["resources"];
    if (typeof resources !== "string" || isUnknown(resources) || isJson(resources)) return [];
    return [{ property: `policies[${String(index)}].resources`, reason: "A string with a JSON object is expected." }];
  });
}

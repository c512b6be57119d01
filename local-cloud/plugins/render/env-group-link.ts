import { VendorError } from "../http.ts";
import { isProperties, isList, listOf, type Plain, type Properties, text } from "../plain.ts";
import type { CheckFailure, ResourceType } from "../resource.ts";
import { asSet, differenceBy, missing, type PropertyRules, sameBy, settle } from "../rules.ts";
import { groupPath, objectOf, type RenderApi } from "./api.ts";

const RULES = {
  envGroupId: { required: true },
  serviceIds: { required: true, same: sameBy(asSet) },
} as const satisfies PropertyRules;

/** The resource has no id at Render; Pulumi's bridge gives all of them this one. */
const MISSING_ID = "missing ID";

/** `render_env_group_link`: all services of one group. */
export function envGroupLinkType({ call }: RenderApi): ResourceType {
  return {
    secrets: [],
    check: async (inputs) => [...missing(RULES, inputs), ...checkServices(inputs["serviceIds"])],
    diff: async (state, inputs) => differenceBy(RULES, state, inputs),
    create: async (inputs) => {
      const groupId = text(inputs, "envGroupId");
      const wanted = serviceIdsOf(inputs);
      let group = objectOf(await call("GET", groupPath(groupId), [200]));
      if (linkedServices(group).some((id) => !wanted.includes(id))) {
        throw new VendorError(
          `service link already exists for ${groupId}: import the existing service link before adding a new service`,
        );
      }
      for (const id of wanted) group = objectOf(await call("POST", servicePath(groupId, id), "2xx"));
      return { id: MISSING_ID, state: stateOf(groupId, group, inputs) };
    },
    read: async (_id, state) => {
      const groupId = text(state, "envGroupId");
      // A group that is gone is an error here, not a link that is gone.
      const answer = await call("GET", groupPath(groupId), "2xx").catch((error: unknown) => {
        const status = error instanceof VendorError ? error.status : undefined;
        throw status === undefined ? error : new VendorError(`unexpected status: ${String(status)}`, status);
      });
      return { id: MISSING_ID, state: stateOf(groupId, objectOf(answer), state) };
    },
    update: async (_id, state, inputs) => {
      // All calls go to the planned group: links of another group before stay there.
      const groupId = text(inputs, "envGroupId");
      const before = serviceIdsOf(state);
      const wanted = serviceIdsOf(inputs);
      for (const id of wanted.filter((service) => !before.includes(service))) {
        await call("POST", servicePath(groupId, id), "2xx");
      }
      for (const id of before.filter((service) => !wanted.includes(service))) {
        await call("DELETE", servicePath(groupId, id), [204, 404]);
      }
      return stateOf(groupId, objectOf(await call("GET", groupPath(groupId), [200])), inputs);
    },
    delete: async (_id, state) => {
      for (const id of serviceIdsOf(state)) {
        await call("DELETE", servicePath(text(state, "envGroupId"), id), [204, 404]);
      }
    },
  };
}

function servicePath(groupId: string, serviceId: string): string {
  return `${groupPath(groupId)}/services/${encodeURIComponent(serviceId)}`;
}

function serviceIdsOf({ serviceIds }: Properties): readonly string[] {
  return [...new Set(listOf(serviceIds).map(String))];
}

function linkedServices(group: Properties): readonly string[] {
  return listOf(group["serviceLinks"])
    .filter(isProperties)
    .map((link) => text(link, "id"));
}

function stateOf(envGroupId: string, group: Properties, preferred: Properties): Properties {
  return settle(RULES, preferred, { envGroupId, serviceIds: linkedServices(group) });
}

function checkServices(serviceIds: Plain | undefined): readonly CheckFailure[] {
  if (!isList(serviceIds) || serviceIds.length > 0) return [];
  return [{ property: "serviceIds", reason: "The set must have at least one element." }];
}

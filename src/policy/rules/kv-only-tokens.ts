import { isPropertyList, isPropertyMap, type PropertyValue, UNKNOWN } from "../../state/properties.ts";
import { type PolicyRule, resourcesOfType, type StackResource, type StackView } from "../model.ts";

/** The same ids in every account: https://developers.cloudflare.com/fundamentals/api/reference/permissions/ */
const KV_PERMISSION_GROUPS: ReadonlySet<PropertyValue | undefined> = new Set([
  "8b47d2786a534c08a1f94ee8f9f599ef", // Workers KV Storage Read
  "f7f0eda5697f475c90846e879bab8666", // Workers KV Storage Write
]);

export const rule: PolicyRule = {
  name: "kv-only-tokens",
  level: "mandatory",
  description:
    "A token has one policy, which allows only reading and writing Workers KV in the environment's own account, and in production it expires.",
  reason:
    "The token lies in the memory of every service: whoever takes it gets what it may do, in every account it reaches, for as long as it lasts.",
  fix: "Give the token one `allow` policy with the permission groups Workers KV Storage Read or Write and, as `resources`, compact JSON with the environment's account as its only key; in production set `expiresAt` of its slot.",
  check: (stack) =>
    resourcesOfType(stack, "accountToken").flatMap((token) =>
      findings(token, stack).map((finding) => ({ message: `Token ${token.name}: ${finding}.`, urn: token.urn })),
    ),
};

function findings({ props }: StackResource, { environment }: StackView): readonly string[] {
  const { kind, accountId } = environment;
  const foreign = props["accountId"] === accountId ? [] : ["accountId is not the environment's account"];
  const endless = kind === "production" && !isSet(props["expiresOn"]) ? ["expiresOn is not set in production"] : [];
  return [...foreign, ...policyFindings(props["policies"], accountId), ...endless];
}

function policyFindings(policies: PropertyValue | undefined, accountId: string): readonly string[] {
  if (policies === UNKNOWN) return ["policies are not known before it is created"];
  const [policy, ...others] = isPropertyList(policies) ? policies : [];
  if (others.length > 0) return ["it has more than one policy"];
  if (!isPropertyMap(policy)) return ["it has no policy that can be read"];
  const groups = policy["permissionGroups"];
  return [
    ...(policy["effect"] === "allow" ? [] : ["the effect of its policy is not allow"]),
    ...(isKvOnly(groups) ? [] : ["its permission groups are not only those of Workers KV"]),
    // Text is compared, because the provider compares text: spaces or a second key make a difference for ever.
    ...(policy["resources"] === accountResources(accountId)
      ? []
      : ["its resources are not compact JSON with the environment's account as the only key"]),
  ];
}

function isKvOnly(groups: PropertyValue | undefined): boolean {
  if (!isPropertyList(groups) || groups.length === 0) return false;
  return groups.every((group) => isPropertyMap(group) && KV_PERMISSION_GROUPS.has(group["id"]));
}

function accountResources(accountId: string): string {
  return JSON.stringify({ [`com.cloudflare.api.account.${accountId}`]: "*" });
}

function isSet(value: PropertyValue | undefined): boolean {
  return typeof value === "string" && value !== "";
}

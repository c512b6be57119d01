import { areNarrowNetworks } from "../../config/formats.ts";
import { type CredentialKey, credentialOfName, ROLES, SLOTS } from "../../core/names.ts";
import { credentialBinding } from "../../gateway/bindings.ts";
import { isPropertyList, type PropertyMap, type PropertyValue, UNKNOWN, parsedObject } from "../../state/properties.ts";
import { bindingsOf, nameOf, violationOf } from "../bindings.ts";
import { type PolicyRule, resourcesOfType, type StackResource, type StackView, type Violation } from "../model.ts";

/** What each variable of a credential may describe. */
const CREDENTIALS: ReadonlyMap<PropertyValue | undefined, Pick<CredentialKey, "role" | "slot">> = new Map(
  ROLES.flatMap((role) => SLOTS.map((slot) => [credentialBinding(role, slot), { role, slot }] as const)),
);
const SHA256 = /^[0-9a-f]{64}$/;

export const rule: PolicyRule = {
  name: "gateway-credentials-are-limited",
  level: "mandatory",
  description:
    "The gateway knows every credential by its SHA-256; each has the role, the slot and the environment that its variable stands for, reaches namespaces of this stack only, and in production it expires and names the networks from which it is accepted, which hold no more than a 256th of the addresses of either family together.",
  reason:
    "What the Worker is told can be read by everybody who may read it, and it is the only limit of a credential: behind the gateway Cloudflare checks nothing more.",
  fix: "Let `GatewayCredentials` describe the credential from the environment's file; in production set `expiresAt` of its slot and `allowedIps` of its role.",
  afterCreation: true,
  check: (stack) => resourcesOfType(stack, "workerVersion").flatMap((version) => checkVersion(version, stack)),
};

/** Bindings that are unknown as a whole break another rule. */
function checkVersion(version: StackResource, stack: StackView): readonly Violation[] {
  return (bindingsOf(version) ?? []).flatMap((binding) => {
    const key = CREDENTIALS.get(binding["name"]);
    if (key === undefined) return [];
    return findings(binding, key, stack).map((finding) =>
      violationOf(version, `the credential in ${nameOf(binding)} ${finding}`),
    );
  });
}

function findings(
  { text }: PropertyMap,
  key: Pick<CredentialKey, "role" | "slot">,
  stack: StackView,
): readonly string[] {
  // It holds a hash of what is made when the credential is created.
  if (text === UNKNOWN) return [];
  const credential = parsedObject(text);
  if (!credential) return ["is not a JSON object"];
  const { id, role, access, sha256, namespaces, expiresAt, allowedIps, suspended } = credential;
  const isProduction = stack.environment.kind === "production";
  return [
    ...(role === key.role ? [] : ["has another role than its name says"]),
    ...(isIdOf(id, key, stack) ? [] : ["has the id of another one"]),
    ...(access === "read" || access === "write" ? [] : ["has an access that the gateway does not know"]),
    ...(typeof sha256 === "string" && SHA256.test(sha256) ? [] : ["has no SHA-256"]),
    ...(areOwn(namespaces, stack) ? [] : ["reaches what is no namespace of this stack"]),
    // Whatever is not exactly this would be taken for a credential that is accepted.
    ...(suspended === undefined || suspended === true ? [] : ["says of `suspended` what the gateway does not know"]),
    ...(isProduction && typeof expiresAt !== "string" ? ["never expires"] : []),
    ...(isProduction && !areNarrowNetworks(allowedIps) ? ["is accepted from too many addresses"] : []),
  ];
}

function areOwn(names: PropertyValue | undefined, stack: StackView): boolean {
  const own: ReadonlySet<PropertyValue> = new Set(resourcesOfType(stack, "namespace").map(({ name }) => name));
  return isPropertyList(names) && names.every((name) => own.has(name));
}

function isIdOf(
  id: PropertyValue | undefined,
  { role, slot }: Pick<CredentialKey, "role" | "slot">,
  { environment: { environment } }: StackView,
): boolean {
  const prefix = `${environment}-`;
  if (typeof id !== "string" || !id.startsWith(prefix)) return false;
  const named = credentialOfName(id.slice(prefix.length));
  return named?.role === role && named.slot === slot;
}

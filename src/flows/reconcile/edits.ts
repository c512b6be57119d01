import { credentialOfName } from "../../core/names.ts";
import type { NamedSecret } from "../../state/group-variables.ts";
import type { RecordedObjects, RecordedToken } from "../../state/objects.ts";
import { type CloudflareToken, isDead } from "../../vendors/cloudflare.ts";
import type { Observed } from "./observe.ts";
import { changedVariables } from "./variable-changes.ts";

/** An object that exists and that a person changed. The engine has to read it again before it can put it right. */
export interface EditedObject {
  readonly kind: "namespace" | "token" | "group" | "link";
  readonly urn: string;
  /** The name in the program. */
  readonly name: string;
  /** What differs from what the last run left, without values. */
  readonly what: readonly string[];
  /** A token that has to be accepted again: the program leaves its status to Cloudflare, else. */
  readonly enable?: true;
}

/**
 * What people changed of what is cheap to read: it is in the lists that are asked for anyway. The rest is for the
 * providers (`kvshift status`, `kvshift refresh`). Pure. `given`: what the engine last gave the group.
 */
export function findEdits(
  recorded: RecordedObjects,
  observed: Observed,
  given: readonly NamedSecret[],
): EditedObject[] {
  return [
    ...recorded.groups.flatMap(({ urn, name, id, variables }) => {
      const group = observed.groups.find((one) => one.id === id);
      if (group === undefined) return [];
      const keys = new Set(group.envVars.map(({ key }) => key));
      const missing = variables.filter((key) => !keys.has(key)).map((key) => `${key} (missing)`);
      const changed = changedVariables(given, group.envVars).map(({ key, change }) => `${key} (${change})`);
      return edited("group", { urn, name }, given.length === 0 ? missing : changed);
    }),
    ...recorded.links.flatMap(({ urn, name, id, services }) => {
      const linked = observed.groups.find((one) => one.id === id)?.serviceLinks.map((service) => service.id);
      if (linked === undefined) return [];
      const gone = services.filter((service) => !linked.includes(service));
      return edited(
        "link",
        { urn, name },
        gone.map((service) => `${service} is not linked`),
      );
    }),
    ...recorded.namespaces.flatMap(({ urn, name, id, title }) => {
      const namespace = observed.namespaces.find((one) => one.id === id);
      if (namespace === undefined || title === undefined || namespace.title === title) return [];
      return edited("namespace", { urn, name }, [`renamed to ${namespace.title}`]);
    }),
    ...recorded.tokens.flatMap((token) => {
      const existing = observed.tokens.find((one) => one.id === token.id);
      if (existing === undefined || isDead(existing) || credentialOfName(token.name) === undefined) return [];
      return editedToken(token, existing);
    }),
  ];
}

function editedToken(recorded: RecordedToken, existing: CloudflareToken): EditedObject[] {
  // What was created without a status is active.
  const { status: wanted = "active" } = recorded;
  const { status = "active" } = existing;
  const isOff = status !== wanted;
  const what = [
    ...(isOff ? [`${status}, not ${wanted}`] : []),
    ...(sameTime(recorded.expiresOn, existing.expires_on ?? undefined) ? [] : ["another expiry"]),
  ];
  const enable = isOff && wanted === "active" ? ({ enable: true } as const) : {};
  return edited("token", recorded, what).map((found) => ({ ...found, ...enable }));
}

function sameTime(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Date.parse(one) === Date.parse(other);
}

function edited(
  kind: EditedObject["kind"],
  { urn, name }: Pick<EditedObject, "urn" | "name">,
  what: readonly string[],
): EditedObject[] {
  return what.length === 0 ? [] : [{ kind, urn, name, what }];
}

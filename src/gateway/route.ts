/** What a request asks for, by its path alone. */
export type Route =
  | { readonly kind: "health" | "usage" | "parity" }
  /** The account is in the path of account-owned tokens only. */
  | { readonly kind: "verify"; readonly accountId?: string }
  | { readonly kind: "namespaces"; readonly accountId: string }
  | NamespaceRoute;

/** A path below one namespace. */
export type NamespaceRoute =
  | {
      readonly kind: "namespace" | "keys" | "bulk" | "bulk-delete" | "bulk-get";
      readonly accountId: string;
      readonly namespaceId: string;
    }
  | {
      readonly kind: "value" | "metadata";
      readonly accountId: string;
      readonly namespaceId: string;
      /** As it stands in the path, still encoded. */
      readonly rawKey: string;
    }
  | { readonly kind: "atomic"; readonly namespaceId: string };

const VERIFY = /^\/client\/v4\/(?:user|accounts\/([^/]*))\/tokens\/verify$/;
const NAMESPACES = /^\/client\/v4\/accounts\/([^/]*)\/storage\/kv\/namespaces(?:\/([^/]+)(?:\/(.*))?)?$/s;
const ATOMIC = /^\/kvshift\/v1\/namespaces\/([^/]+)\/atomic$/;
const OWN = new Map<string, Route>([
  ["/kvshift/v1/health", { kind: "health" }],
  ["/kvshift/v1/usage", { kind: "usage" }],
  ["/kvshift/v1/parity", { kind: "parity" }],
]);
const IN_NAMESPACE = new Map<string, "keys" | "bulk" | "bulk-delete" | "bulk-get">([
  ["keys", "keys"],
  ["bulk", "bulk"],
  ["bulk/delete", "bulk-delete"],
  ["bulk/get", "bulk-get"],
]);

/** `path`: as received, not decoded: `a%2Fb` is one key, and a framework would make two segments of it. */
export function routeOf(path: string): Route | undefined {
  const [, accountId, namespaceId, rest] = NAMESPACES.exec(path) ?? [];
  if (accountId !== undefined) {
    if (namespaceId === undefined) return { kind: "namespaces", accountId };
    if (rest === undefined) return { kind: "namespace", accountId, namespaceId };
    const kind = IN_NAMESPACE.get(rest);
    if (kind !== undefined) return { kind, accountId, namespaceId };
    const [, what, rawKey] = /^(values|metadata)\/([^/]*)$/.exec(rest) ?? [];
    if (rawKey === undefined) return undefined;
    return { kind: what === "values" ? "value" : "metadata", accountId, namespaceId, rawKey };
  }
  const verify = VERIFY.exec(path);
  if (verify !== null) return { kind: "verify", ...(verify[1] === undefined ? {} : { accountId: verify[1] }) };
  const atomic = ATOMIC.exec(path)?.[1];
  return atomic === undefined ? OWN.get(path) : { kind: "atomic", namespaceId: atomic };
}

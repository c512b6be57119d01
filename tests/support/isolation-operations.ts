import { createHash } from "node:crypto";

import type { Environment, EnvironmentName } from "./isolation-environments.ts";

/** Kinds of operations: the columns of the table in docs/isolation.md. */
export const COLUMNS = [
  "read",
  "write, delete",
  "atomic",
  "list namespaces",
  "verify",
  "report parity",
  "read evidence",
  "create, rename, delete a namespace",
] as const;
export type Column = (typeof COLUMNS)[number];

/** What a request is about. Everything in it is what a path says, whether it exists or not. */
export interface Target {
  readonly accountId: string;
  readonly namespaceId: string;
  /** Of the environment that the values below belong to. */
  readonly environment: EnvironmentName;
}

export interface Operation {
  readonly column: Column;
  readonly name: string;
  readonly method: string;
  readonly path: (target: Target) => string;
  readonly body?: (target: Target) => string;
  /** Whether the path names a namespace. */
  readonly isInNamespace: boolean;
}

const KEY_MARK = "sent-as-key";
const VALUE_MARK = "sent-as-value";
const HEADER_MARK = "sent-as-header";
const CLIENT = "srv-sentasclient/instance-1";
const KEY = `${KEY_MARK}-0`;
/** Parts and hashes of what requests hold: neither a refusal nor a line of the log may have one of them. */
export const SENT_MARKS: readonly string[] = [
  KEY_MARK,
  VALUE_MARK,
  "sentasclient",
  HEADER_MARK,
  ...[KEY, CLIENT, HEADER_MARK].map((text) => createHash("sha256").update(text).digest("hex")),
];
/** It is there from the beginning, and every write leaves it as it was. */
export const valueOf = ({ environment, namespaceId }: Target): string => `${VALUE_MARK}-${environment}-${namespaceId}`;

const namespaces = ({ accountId }: Target): string => `/client/v4/accounts/${accountId}/storage/kv/namespaces`;
const namespace = (target: Target): string => `${namespaces(target)}/${target.namespaceId}`;

/** One that writes what is there already, or deletes what is not: whoever is let in changes nothing. */
export const OPERATIONS: readonly Operation[] = [
  ...inNamespace("read", [
    ["get a value", "GET", `/values/${KEY}`],
    ["get metadata", "GET", `/metadata/${KEY}`],
    ["list keys", "GET", `/keys?prefix=${KEY_MARK}`],
    ["bulk get", "POST", "/bulk/get", () => JSON.stringify({ keys: [KEY] })],
    ["get the namespace", "GET", ""],
  ]),
  ...inNamespace("write, delete", [
    ["put a value", "PUT", `/values/${KEY}`, valueOf],
    ["delete a value", "DELETE", `/values/${KEY}-gone`],
    ["bulk put", "PUT", "/bulk", (target) => JSON.stringify([{ key: KEY, value: valueOf(target) }])],
    ["bulk delete", "POST", "/bulk/delete", () => JSON.stringify([`${KEY}-gone`])],
    ["bulk delete, deprecated", "DELETE", "/bulk", () => JSON.stringify([`${KEY}-gone`])],
  ]),
  {
    column: "atomic",
    name: "atomic operation",
    method: "POST",
    path: ({ namespaceId }) => `/kvshift/v1/namespaces/${namespaceId}/atomic`,
    body: (target) =>
      JSON.stringify({ operation: "put-if-absent", operation_id: "isolation", key: KEY, value: valueOf(target) }),
    isInNamespace: true,
  },
  alone("list namespaces", "GET", namespaces),
  alone("verify", "GET", () => "/client/v4/user/tokens/verify"),
  alone("verify", "GET", ({ accountId }) => `/client/v4/accounts/${accountId}/tokens/verify`),
  alone(
    "report parity",
    "POST",
    () => "/kvshift/v1/parity",
    () => JSON.stringify({ client: CLIENT, namespace: "sessions", sequence: 1, compared: 1, different: 0, missing: 0 }),
  ),
  alone("read evidence", "GET", () => "/kvshift/v1/usage"),
  alone("read evidence", "GET", () => "/kvshift/v1/parity"),
  alone("create, rename, delete a namespace", "POST", namespaces, () => JSON.stringify({ title: KEY_MARK })),
  ...inNamespace("create, rename, delete a namespace", [
    ["rename the namespace", "PUT", "", () => JSON.stringify({ title: KEY_MARK })],
    ["delete the namespace", "DELETE", ""],
  ]),
];

const SOME_TARGET: Target = { accountId: "account", namespaceId: "namespace", environment: "dev" };
const METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"];

/** Every path of a gateway with every method, whether they go together or not. */
export const ALL_ROUTES: readonly Operation[] = [
  ...new Map(OPERATIONS.map((operation) => [operation.path(SOME_TARGET), operation])).values(),
].flatMap(({ column, name, path, isInNamespace }) =>
  METHODS.map((method) => ({ column, name, path, isInNamespace, method })),
);

export function targetOf({ name, config }: Environment, { id }: { readonly id: string }): Target {
  return { accountId: config.accountId, namespaceId: id, environment: name };
}

/** The request that a caller makes. The host of its URL does not matter. */
export function requestOf(
  { method, path, body }: Operation,
  target: Target,
  presented: Readonly<Record<string, string>>,
  origin = "https://gateway.test",
): Request {
  const headers = { "kvshift-client": CLIENT, "x-anything": HEADER_MARK, ...presented };
  const content = body?.(target);
  return new Request(`${origin}${path(target)}`, {
    method,
    headers,
    ...(content === undefined ? {} : { body: content }),
  });
}

type Row = readonly [name: string, method: string, rest: string, body?: (target: Target) => string];

function inNamespace(column: Column, rows: readonly Row[]): Operation[] {
  return rows.map(([name, method, rest, body]) => ({
    column,
    name,
    method,
    path: (target) => `${namespace(target)}${rest}`,
    ...(body === undefined ? {} : { body }),
    isInNamespace: true,
  }));
}

function alone(column: Column, method: string, path: Operation["path"], body?: Operation["body"]): Operation {
  return { column, name: column, method, path, ...(body === undefined ? {} : { body }), isInNamespace: false };
}

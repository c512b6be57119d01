import { isIPv4, isIPv6 } from "node:net";

import { environmentSchema } from "../../config/schema.ts";
import type { Answers, NamespaceAnswer } from "./answers.ts";
import { needsToken } from "./configuration.ts";
import { type Field, FIELDS } from "./field.ts";
import type { InitOptions } from "./options.ts";

/** What the command line says, in the form of answers; what it leaves open is absent. */
export interface Given {
  readonly namespaces?: readonly NamespaceAnswer[];
  readonly allowedIps?: readonly string[];
  readonly operatorIps?: readonly string[];
  readonly expiresInDays?: Answers["expiresInDays"];
}

const MAX_DAYS = 3650;
const NAMESPACE = /^([^:]+):([^:]+)(?::(\d{1,9}))?$/;
const DEFAULT_TTL_SECONDS = 3600;

const { consistency } = environmentSchema.shape.namespaces.valueType.shape;

/** Reads the flags that have a form of their own, and finds what is wrong with any: one line each, with the flag. */
export function readFlags(options: InitOptions): { readonly given: Given; readonly wrong: readonly string[] } {
  const { namespace, allowedIp, operatorIp, expiresIn, phase = "kv", upstashUrl } = options;
  const namespaces = namespace === undefined ? undefined : readNamespaces(namespace);
  const expiresInDays = expiresIn === undefined ? undefined : readDays(expiresIn);
  const allowedIps = allowedIp?.map(asNetwork);
  const operatorIps = operatorIp?.map(asNetwork);
  const wrong = [
    ...misfits("--app", FIELDS.app, options.app),
    ...misfits("--account", FIELDS.accountId, options.account),
    ...misfits("--workers-subdomain", FIELDS.workersSubdomain, options.workersSubdomain),
    ...misfits("--hostname", FIELDS.hostname, options.hostname),
    ...misfits("--zone", FIELDS.zoneId, options.zone),
    ...misplaced(options),
    ...misfits("--workspace", FIELDS.ownerId, options.workspace),
    ...misfits("--service", FIELDS.service, ...(options.service ?? [])),
    ...misfits("--render-environment", FIELDS.environmentId, options.renderEnvironment),
    ...(typeof namespaces === "string" ? [`--namespace: ${namespaces}`] : []),
    ...misfits("--upstash-url", FIELDS.restUrl, upstashUrl),
    ...(upstashUrl !== undefined && !needsToken(phase)
      ? ["--upstash-url: nothing reads Redis in phase kv; pass --phase redis or --phase dual with it"]
      : []),
    ...misfits("--allowed-ip", FIELDS.network, ...(allowedIps ?? [])),
    ...misfits("--operator-ip", FIELDS.network, ...(operatorIps ?? [])),
    ...(expiresInDays === "wrong"
      ? [`--expires-in: expected a whole number of days, 1 to ${String(MAX_DAYS)}, or never outside production`]
      : []),
  ];
  const given = {
    ...(namespaces === undefined || typeof namespaces === "string" ? {} : { namespaces }),
    ...(allowedIps === undefined ? {} : { allowedIps }),
    ...(operatorIps === undefined ? {} : { operatorIps }),
    ...(expiresInDays === undefined || expiresInDays === "wrong" ? {} : { expiresInDays }),
  };
  return { given, wrong };
}

/** The namespaces of `name:class[:ttl]`, or what is wrong with the first flag that is none. */
export function readNamespaces(flags: readonly string[]): NamespaceAnswer[] | string {
  const namespaces = new Map<string, NamespaceAnswer>();
  for (const flag of flags) {
    const [, name = "", givenClass, ttl] = NAMESPACE.exec(flag) ?? [];
    const { data: known } = consistency.safeParse(givenClass);
    if (known === undefined)
      return `${JSON.stringify(flag)} is not <name>:<class>[:<ttl>], such as sessions:eventual:86400`;
    if (namespaces.has(name)) return `the namespace ${JSON.stringify(name)} stands twice`;
    const defaultTtlSeconds = ttl === undefined ? DEFAULT_TTL_SECONDS : Number(ttl);
    namespaces.set(name, { name, consistency: known, defaultTtlSeconds });
  }
  return [...namespaces.values()];
}

/** A single address as the network that holds it alone; anything else as it is. */
export function asNetwork(text: string): string {
  if (isIPv4(text)) return `${text}/32`;
  return isIPv6(text) ? `${text}/128` : text;
}

/** The value is not shown: a token may have been pasted in its place. */
function misfits(flag: string, { problemOf }: Field, ...values: readonly (string | undefined)[]): string[] {
  const problems = values.map((value) => (value === undefined ? undefined : problemOf(value)));
  return [...new Set(problems)].flatMap((problem) => (problem === undefined ? [] : [`${flag}: ${problem}`]));
}

/** Flags of the gateway where there is none, and the halves of an address. */
function misplaced({ access, workersSubdomain, hostname, zone }: InitOptions): string[] {
  const given = { "--workers-subdomain": workersSubdomain, "--hostname": hostname, "--zone": zone };
  const flags = Object.entries(given).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
  if (access === "rest")
    return flags.map((flag) => `${flag}: only the gateway has an address; pass --access gateway with it`);
  if (hostname !== undefined && zone === undefined) return ["--zone: expected beside --hostname"];
  if (hostname === undefined && zone !== undefined) return ["--hostname: expected beside --zone"];
  return [];
}

function readDays(text: string): Answers["expiresInDays"] | "wrong" {
  if (text === "never") return text;
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return days >= 1 && days <= MAX_DAYS ? days : "wrong";
}

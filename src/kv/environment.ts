import { type JsonRecord, parsedOr, recordOf } from "./json-record.ts";
import { KvError } from "./kv-error.ts";

/** A namespace as `CLOUDFLARE_KV_NAMESPACES` describes it. */
export interface NamespaceSettings {
  readonly name: string;
  /** Cloudflare's id. */
  readonly id: string;
  readonly consistency: "eventual" | "strong";
  readonly defaultTtlSeconds: number;
  readonly maxTtlSeconds?: number;
  readonly cacheTtlSeconds?: number;
  readonly stalenessBudgetSeconds?: number;
}

/** What an application is given: docs/library.md has the variables. */
export interface Settings {
  /** With `/client/v4`. */
  readonly apiUrl: string;
  readonly accountId: string;
  readonly apiToken: string;
  readonly namespaces: readonly NamespaceSettings[];
  /** What the application says of itself to the gateway: `<service id>/<instance id>`. */
  readonly client: string | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

const VARIABLES = {
  apiUrl: "CLOUDFLARE_KV_API_URL",
  accountId: "CLOUDFLARE_KV_ACCOUNT_ID",
  apiToken: "CLOUDFLARE_KV_API_TOKEN",
  namespaces: "CLOUDFLARE_KV_NAMESPACES",
} as const;

/** Reads the variables of an environment group. @throws KvError NOT_CONFIGURED with everything that is wrong */
export function settingsFrom(env: Variables): Settings {
  const missing = Object.values(VARIABLES).filter((name) => !env[name]);
  if (missing.length > 0) throw notConfigured(`${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not set.`);
  const apiUrl = env[VARIABLES.apiUrl] ?? "";
  if (!URL.canParse(apiUrl)) throw notConfigured(`${VARIABLES.apiUrl} is no URL.`);
  const { protocol, hostname } = new URL(apiUrl);
  if (protocol !== "https:" && !LOOPBACK.has(hostname)) {
    throw notConfigured(`${VARIABLES.apiUrl} has to begin with https://: the credential would be sent in clear.`);
  }
  const [service, instance] = [env["RENDER_SERVICE_ID"], env["RENDER_INSTANCE_ID"]];
  return {
    apiUrl: apiUrl.replace(/\/+$/, ""),
    accountId: env[VARIABLES.accountId] ?? "",
    apiToken: env[VARIABLES.apiToken] ?? "",
    namespaces: namespacesIn(env[VARIABLES.namespaces] ?? ""),
    client: service && instance ? `${service}/${instance}` : undefined,
  };
}

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

function namespacesIn(text: string): NamespaceSettings[] {
  const found = Object.entries(recordOf(parsedOr(text, undefined)));
  if (found.length === 0) throw notConfigured(`${VARIABLES.namespaces} is no JSON object of namespaces.`);
  return found.map(([name, value]) => {
    const settings = namespaceOf(name, recordOf(value));
    if (settings !== undefined) return settings;
    throw notConfigured(
      `${VARIABLES.namespaces}.${name} needs an id, a consistency (eventual or strong) and defaultTtlSeconds; seconds are whole numbers from 1 on.`,
    );
  });
}

function namespaceOf(name: string, value: JsonRecord): NamespaceSettings | undefined {
  const { id, consistency } = value;
  const defaultTtlSeconds = secondsOf(value["defaultTtlSeconds"]);
  if (typeof id !== "string" || (consistency !== "eventual" && consistency !== "strong")) return undefined;
  if (defaultTtlSeconds === undefined) return undefined;
  const optional = ["maxTtlSeconds", "cacheTtlSeconds", "stalenessBudgetSeconds"] as const;
  // What is there and cannot be read is no absence: without its maximum a namespace would take anything.
  if (optional.some((field) => value[field] !== undefined && secondsOf(value[field]) === undefined)) return undefined;
  const [maxTtlSeconds, cacheTtlSeconds, stalenessBudgetSeconds] = optional.map((field) => secondsOf(value[field]));
  return {
    name,
    id,
    consistency,
    defaultTtlSeconds,
    ...(maxTtlSeconds === undefined ? {} : { maxTtlSeconds }),
    ...(cacheTtlSeconds === undefined ? {} : { cacheTtlSeconds }),
    ...(stalenessBudgetSeconds === undefined ? {} : { stalenessBudgetSeconds }),
  };
}

function secondsOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 ? value : undefined;
}

function notConfigured(what: string): KvError {
  return new KvError(
    "NOT_CONFIGURED",
    `${what} The environment group of this environment gives all CLOUDFLARE_KV_ variables: is it linked, and was the service deployed since?`,
  );
}

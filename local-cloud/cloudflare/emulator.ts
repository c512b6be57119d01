import { isIP } from "node:net";
import { setTimeout } from "node:timers/promises";

import { Hono } from "hono";

import { AppError } from "../../src/core/app-error.ts";
import type { Clock } from "../../src/core/clock.ts";
import { CLOUDFLARE_RATE_LIMIT } from "../../src/core/limits.ts";
import type { RandomBytes } from "../../src/core/random.ts";
import { Secret } from "../../src/core/secret.ts";
import { createEdge, type Sleep } from "../http/edge.ts";
import { FaultPlan } from "../http/faults.ts";
import type { Quota } from "../http/fixed-windows.ts";
import { RequestLog } from "../http/request-log.ts";
import { AuditLog } from "./audit-log.ts";
import { audited, auditRoutes } from "./audit-routes.ts";
import { accountRoutes } from "./accounts.ts";
import { unknownRoute } from "./authentication.ts";
import { bulkRoutes } from "./bulk.ts";
import type { Account, Cloud, EmulatorEnv } from "./context.ts";
import { ApiError, failureEnvelope, refuse } from "./envelope.ts";
import { isObjectId } from "./ids.ts";
import { keyRoutes } from "./keys.ts";
import { KvStore } from "./kv-store.ts";
import { namespaceRoutes } from "./namespaces.ts";
import { answerPartially } from "./partial-bulk.ts";
import { accountResource, BOOTSTRAP_GROUPS } from "./permission-groups.ts";
import { rateLimited } from "./rate-limit.ts";
import { rawPath } from "./raw-path.ts";
import { type TokenPolicy, TokenStore } from "./token-store.ts";
import { tokenRoutes } from "./tokens.ts";
import { valueRoutes } from "./values.ts";
import { workerDomainRoutes } from "./worker-domains.ts";
import type { WorkerHost } from "./worker-host.ts";
import { WorkerStore } from "./worker-store.ts";
import { workerUploadRoutes } from "./worker-uploads.ts";
import { workerRoutes } from "./workers.ts";

export { SOURCE_ADDRESS_HEADER } from "./authentication.ts";

export interface CloudflareEmulatorOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Ids: 32 lower-case hexadecimal digits. */
  readonly accounts: readonly Account[];
  /** The address that requests come from, for the IP conditions of tokens. Default `127.0.0.1`. */
  readonly sourceAddress?: string;
  /** Calls of each token; default: what Cloudflare allows. */
  readonly rateLimit?: Quota;
  /** Runs what is deployed. Absent: uploads are kept only. */
  readonly workerHost?: WorkerHost;
  /** For faults that delay a call. Default: real time. */
  readonly sleep?: Sleep;
}

export interface CloudflareEmulator {
  /** Answers a request below `/client/v4`; the host does not matter. */
  fetch(this: void, request: Request): Promise<Response>;
  /** A user's token that may provision every account. */
  readonly userToken: Secret;
  /** For each account a token of its own that may write tokens, KV and Workers there. */
  readonly accountTokens: readonly { readonly accountId: string; readonly token: Secret }[];
  readonly requestLog: RequestLog;
  /** What is to go wrong from now on. Paths begin with `/client/v4`. */
  readonly faults: FaultPlan;
  /** One request can say otherwise with the header `x-kvshift-source-address`, which only the emulator knows. */
  setSourceAddress(this: void, address: string): void;
  sourceAddress(this: void): string;
  /** The id of the Worker of that name that was deployed last, in whichever account. */
  workerIdOf(this: void, name: string): string | undefined;
}

const BASE_PATH = "/client/v4";
const DEFAULT_QUOTA: Quota = {
  requests: CLOUDFLARE_RATE_LIMIT.REQUESTS,
  windowSeconds: CLOUDFLARE_RATE_LIMIT.WINDOW_SECONDS,
};

/**
 * Stands in for api.cloudflare.com: account tokens, Workers KV and the control plane of Workers, held in memory, with
 * the vendor's envelopes, codes, limits and checks. The delays of a global network are not emulated.
 */
export function createCloudflareEmulator(options: CloudflareEmulatorOptions): CloudflareEmulator {
  const { clock, random } = options;
  for (const account of options.accounts) assertAccount(account);
  const cloud: Cloud = {
    clock,
    random,
    startedAt: clock.now(),
    accounts: options.accounts,
    tokens: new TokenStore(clock, random),
    kv: new KvStore(clock, random),
    workers: new WorkerStore(clock, random),
    auditLog: new AuditLog(),
    workerHost: options.workerHost,
    sourceAddress: validAddress(options.sourceAddress ?? "127.0.0.1"),
  };
  const requestLog = new RequestLog();
  const faults = new FaultPlan();
  const app = createApp(cloud, options.rateLimit ?? DEFAULT_QUOTA);
  const edge = createEdge({
    vendor: "cloudflare",
    faults,
    requestLog,
    sleep: options.sleep ?? setTimeout,
    answer: (request, exchange) =>
      answerPartially(request, exchange, async (received) => app.fetch(received, { exchange })),
    errorBody: failureEnvelope,
  });
  const mint = (accountId: string | null, policies: readonly TokenPolicy[]): Secret =>
    new Secret(cloud.tokens.create(accountId, { name: "kvshift local bootstrap", policies }).value);

  return {
    fetch: edge,
    userToken: mint(
      null,
      options.accounts.map(({ id }) => bootstrapPolicy(id)),
    ),
    accountTokens: options.accounts.map(({ id }) => ({ accountId: id, token: mint(id, [bootstrapPolicy(id)]) })),
    requestLog,
    faults,
    setSourceAddress: (address) => {
      cloud.sourceAddress = validAddress(address);
    },
    sourceAddress: () => cloud.sourceAddress,
    workerIdOf: (name) => cloud.workers.servingByName(name)?.id,
  };
}

function createApp(cloud: Cloud, quota: Quota): Hono<EmulatorEnv> {
  const app = new Hono<EmulatorEnv>({ getPath: rawPath });
  app.use(rateLimited(cloud, quota));
  app.onError((error, c) => {
    if (error instanceof ApiError) return refuse(c, error);
    throw error;
  });
  app.notFound((c) => refuse(c, unknownRoute(c)));

  const api = new Hono<EmulatorEnv>({ getPath: rawPath });
  api.use(audited(cloud, cloud.random));
  for (const addRoutes of [
    auditRoutes,
    accountRoutes,
    tokenRoutes,
    namespaceRoutes,
    keyRoutes,
    valueRoutes,
    bulkRoutes,
    workerRoutes,
    workerUploadRoutes,
    workerDomainRoutes,
  ]) {
    addRoutes(api, cloud);
  }
  return app.route(BASE_PATH, api);
}

function bootstrapPolicy(accountId: string): TokenPolicy {
  return {
    effect: "allow",
    permission_groups: BOOTSTRAP_GROUPS.map((id) => ({ id })),
    resources: { [accountResource(accountId)]: "*" },
  };
}

function assertAccount(account: Account): void {
  if (isObjectId(account.id)) return;
  throw new AppError("LOCAL_CLOUD_FAILED", {
    problem: `"${account.id}" is not the id of a Cloudflare account.`,
    fix: "Give each account an id of 32 lower-case hexadecimal digits.",
  });
}

function validAddress(address: string): string {
  if (isIP(address) !== 0) return address;
  throw new AppError("LOCAL_CLOUD_FAILED", {
    problem: `"${address}" is not an IP address.`,
    fix: "Give the source address as IPv4 or IPv6, without a prefix length.",
  });
}

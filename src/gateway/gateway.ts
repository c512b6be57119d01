import type { Clock } from "../core/clock.ts";
import { handleAtomic } from "./atomic-requests.ts";
import { discard } from "./body.ts";
import { BulkWrites, type BulkWritesOptions } from "./bulk-writes.ts";
import type { GatewayConfig, NamespaceConfig } from "./config.ts";
import { type Credential, CredentialStore } from "./credentials.ts";
import { handleBulk, handleBulkDelete, handleBulkGet } from "./dialect/bulk.ts";
import type { NamespaceCall } from "./dialect/call.ts";
import { handleKeys, handleNamespace, handleNamespaces } from "./dialect/namespaces.ts";
import { handleMetadata, handleValue } from "./dialect/values.ts";
import { answer, CODES, methodNotAllowed, outOfScope, Refusal, refuse, unavailable } from "./envelope.ts";
import type { LedgerApi } from "./ledger.ts";
import { failure, lineOf, type LogLine, type Trace } from "./log.ts";
import { assertTaken, readParityReport } from "./parity-reports.ts";
import { callAgainAfterRestart } from "./restart.ts";
import { type NamespaceRoute, type Route, routeOf } from "./route.ts";
import type { NamespaceStore, StorageBudget } from "./store.ts";
import { RefusalRecorder, UsageRecorder } from "./usage.ts";

/** Calls to storage in one invocation: 1,000 are allowed, and the ledger needs its own. */
export const STORAGE_CALLS = 980;
const WRITING_METHODS = new Set(["PUT", "DELETE"]);
const WRITING_ROUTES = new Set<Route["kind"]>(["bulk-delete", "atomic"]);

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly storeOf: (namespace: NamespaceConfig) => NamespaceStore;
  /** A connection to the ledger; a new one at each call. */
  readonly ledger: () => LedgerApi;
  /** What bulk writes need that do not fit into one invocation. */
  readonly bulk: Pick<BulkWritesOptions, "relay" | "newId" | "pause">;
  readonly clock: Clock;
  readonly log: (line: LogLine) => void;
  /** How far the ledger may be behind, in milliseconds. */
  readonly ledgerGapMs?: number | undefined;
}

export type Gateway = (request: Request, afterwards: (work: Promise<unknown>) => void) => Promise<Response>;

/**
 * Cloudflare's KV REST dialect over the namespaces of one environment, for credentials that reach only those.
 * https://developers.cloudflare.com/api/resources/kv/
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { log } = options;
  const server = new GatewayServer(options);
  const answered: Gateway = async (request, afterwards) => {
    const trace: Trace = { operation: "unknown" };
    try {
      return await server.serve(request, afterwards, trace);
    } catch (error) {
      if (!(error instanceof Refusal)) {
        log(failure(500, error, trace));
        await discard(request);
        return refuse(new Refusal(500, CODES.UNAVAILABLE, "The gateway failed."));
      }
      // A key that is not there is an answer like another.
      if (error.code !== CODES.KEY_NOT_FOUND) log(lineOf(error, trace));
      await discard(request);
      return refuse(error);
    }
  };
  return async (request, afterwards) => {
    if (request.method !== "HEAD") return answered(request, afterwards);
    // The answer to GET without what it holds: https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2
    const { status, headers, body } = await answered(new Request(request, { method: "GET" }), afterwards);
    await body?.cancel();
    return new Response(null, { status, headers });
  };
}

class GatewayServer {
  readonly #config: GatewayConfig;
  readonly #clock: Clock;
  readonly #log: GatewayOptions["log"];
  readonly #ledger: () => LedgerApi;
  readonly #bulk: GatewayOptions["bulk"];
  readonly #credentials: CredentialStore;
  readonly #usage: UsageRecorder;
  readonly #refusals: RefusalRecorder;
  readonly #namespaces: ReadonlyMap<string, { readonly config: NamespaceConfig; readonly store: NamespaceStore }>;

  constructor({ config, storeOf, ledger, clock, bulk: bulkOptions, ledgerGapMs, log }: GatewayOptions) {
    this.#config = config;
    this.#log = log;
    this.#clock = clock;
    this.#ledger = ledger;
    this.#bulk = bulkOptions;
    this.#credentials = new CredentialStore(config.credentials, clock);
    this.#usage = new UsageRecorder(ledger, clock, ledgerGapMs);
    this.#refusals = new RefusalRecorder(ledger, clock);
    this.#namespaces = new Map(config.namespaces.map((one) => [one.id, { config: one, store: storeOf(one) }]));
  }

  async serve(request: Request, afterwards: (work: Promise<unknown>) => void, trace: Trace): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const route = routeOf(pathname);
    trace.operation = route?.kind ?? "unknown";
    // Whether it runs, nothing else: anybody may ask.
    if (route?.kind === "health") return answer({ status: "ok" });
    const credential = await this.#credentials.authenticate(request, async (why, recognised) => {
      trace.reason = why;
      if (recognised === undefined) return;
      trace.credential = recognised;
      await this.#refusals.note(recognised, request);
    });
    trace.credential = credential.id;
    await this.#usage.note(credential.id, request, afterwards);
    if (route === undefined) throw new Refusal(404, CODES.COULD_NOT_ROUTE, "No route for that URI");
    this.#assertAccount(route);
    if ("namespaceId" in route) return this.#inNamespace(route, request, searchParams, credential, trace);
    if (route.kind === "verify") return verification(request.method, credential);
    if (route.kind === "namespaces") return handleNamespaces(request.method, searchParams, this.#reachable(credential));
    return this.#evidence(route.kind, request, credential);
  }

  async #inNamespace(
    route: NamespaceRoute,
    request: Request,
    query: URLSearchParams,
    credential: Credential,
    trace: Trace,
  ): Promise<Response> {
    const found = this.#namespaces.get(route.namespaceId);
    const isWrite = WRITING_METHODS.has(request.method) || WRITING_ROUTES.has(route.kind);
    if (found === undefined || !credential.namespaces.has(found.config.name)) throw outOfScope();
    if (isWrite && credential.access !== "write") throw outOfScope();
    trace.namespace = found.config.name;
    const { config, store } = found;
    const { relay, newId, pause } = this.#bulk;
    const budget: StorageBudget = { left: STORAGE_CALLS };
    const bulkWrites = new BulkWrites({ store, namespace: config.name, budget, relay, newId, pause });
    const call: NamespaceCall = { request, query, namespace: config, store, clock: this.#clock, bulkWrites };
    const response = await answerIn(call, route);
    if (budget.failure !== undefined) this.#log(failure(response.status, budget.failure, trace));
    return response;
  }

  /** Applications report parity; everything else is for the operator. */
  async #evidence(kind: "usage" | "parity", request: Request, credential: Credential): Promise<Response> {
    if (kind === "parity" && request.method === "POST") {
      const report = await readParityReport(request, credential);
      assertTaken(await this.#ask((ledger) => ledger.addParity(report, this.#clock.now())));
      return answer(null);
    }
    if (credential.role !== "operator") throw outOfScope();
    if (request.method !== "GET") throw methodNotAllowed(["GET"]);
    if (kind === "parity") return answer(await this.#ask((ledger) => ledger.parity()));
    const usage = await this.#ask((ledger) => ledger.usage());
    // Ages are differences of one clock: whoever reads them may have another.
    return answer({ now: this.#clock.now(), ...usage });
  }

  async #ask<T>(call: (ledger: LedgerApi) => Promise<T>): Promise<T> {
    try {
      return await callAgainAfterRestart(() => call(this.#ledger()));
    } catch (error) {
      throw unavailable("The ledger did not answer.", error);
    }
  }

  #reachable({ namespaces: names }: Credential): NamespaceConfig[] {
    return this.#config.namespaces.filter(({ name }) => names.has(name));
  }

  #assertAccount(route: Route): void {
    if ("accountId" in route && route.accountId !== this.#config.accountId) throw outOfScope();
  }
}

const IN_NAMESPACE = {
  namespace: ({ request, namespace: config }: NamespaceCall) => handleNamespace(request.method, config),
  keys: handleKeys,
  bulk: handleBulk,
  "bulk-delete": handleBulkDelete,
  "bulk-get": handleBulkGet,
  atomic: handleAtomic,
} as const;

function answerIn(call: NamespaceCall, route: NamespaceRoute): Response | Promise<Response> {
  if (route.kind === "value") return handleValue(call, route.rawKey);
  if (route.kind === "metadata") return handleMetadata(call, route.rawKey);
  return IN_NAMESPACE[route.kind](call);
}

function verification(method: string, { id, expiresAt }: Credential): Response {
  if (method !== "GET") throw methodNotAllowed(["GET"]);
  return answer({ id, status: "active", ...(expiresAt === undefined ? {} : { expires_on: expiresAt }) });
}

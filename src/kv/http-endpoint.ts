import { Circuit } from "./circuit.ts";
import { KvError } from "./kv-error.ts";
import { RestBudget } from "./rest-budget.ts";
import type { Call } from "./transport.ts";
import { traced, type Tracer } from "./tracing.ts";
import { aborted, at, tooLate } from "./waiting.ts";
import type { World } from "./world.ts";

export interface EndpointOptions {
  readonly apiUrl: string;
  readonly apiToken: string;
  readonly accountId: string;
  readonly client: string | undefined;
  readonly world: World;
  /** For a request with its repeats, where the call says nothing else; milliseconds. */
  readonly deadlineMs: number;
  /** How often a call is repeated that failed and may be repeated. */
  readonly repeats: number;
  readonly tracer?: Tracer | undefined;
}

export interface EndpointRequest {
  /** For traces: `get`, `put`, … */
  readonly operation: string;
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Below `apiUrl`, or below its origin where it begins with `/kvshift/`. */
  readonly path: string;
  readonly body?: BodyInit | undefined;
  readonly contentType?: string | undefined;
}

/** Of one attempt. `isLast`: no repeat would be made either. */
type Outcome<Result> =
  | { readonly result: Result }
  | { readonly error: KvError; readonly retryAfterMs?: number | undefined; readonly isLast?: boolean };

/** Statuses after which the same call may succeed. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504, 520, 522, 524]);
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
/** Secrets of a gateway begin so; Cloudflare's own tokens do not. */
const GATEWAY_TOKEN = "kvs_";

/**
 * One KV endpoint over HTTP: credential, repeats, deadline, circuit breaker, budget. Every call may be repeated: writes
 * say the whole pair, atomic operations have an id.
 */
export class HttpEndpoint {
  readonly #options: EndpointOptions;
  readonly #circuit: Circuit;
  readonly #budget: RestBudget | undefined;
  readonly #origin: string;
  /** For traces. */
  readonly #host: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(options: EndpointOptions) {
    const { apiUrl, apiToken, accountId, client, world } = options;
    this.#options = options;
    this.#circuit = new Circuit(world.elapsed);
    this.#budget = apiToken.startsWith(GATEWAY_TOKEN) ? undefined : RestBudget.of(accountId, world);
    this.#origin = apiUrl.replace(/\/client\/v4$/, "");
    this.#host = new URL(apiUrl).host;
    this.#headers = {
      authorization: `Bearer ${apiToken}`,
      ...(client === undefined ? {} : { "kvshift-client": client }),
    };
  }

  /** Whether it is Cloudflare's own API. */
  get isRest(): boolean {
    return this.#budget !== undefined;
  }

  /**
   * What `read` makes of the answer of a call; an answer that breaks off is repeated like one that never came.
   * `expected`: statuses that are answers and no failures.
   *
   * @throws KvError
   */
  async send<Result>(
    request: EndpointRequest,
    expected: readonly number[],
    call: Call,
    read: (response: Response) => Promise<Result>,
  ): Promise<Result> {
    const { operation } = request;
    return traced(this.#options.tracer, { operation, host: this.#host }, (onRepeat) =>
      this.#repeated(request, expected, call, { read, onRepeat }),
    );
  }

  async #repeated<Result>(
    request: EndpointRequest,
    expected: readonly number[],
    call: Call,
    {
      read,
      onRepeat,
    }: { readonly read: (response: Response) => Promise<Result>; readonly onRepeat: (repeats: number) => void },
  ): Promise<Result> {
    const { world, repeats, deadlineMs } = this.#options;
    const ordinary = world.elapsed() + deadlineMs;
    const { until = ordinary } = call;
    const limits = { signal: call.signal, until, isOrdinary: until >= ordinary };
    let isUnknown = false;
    for (let repeat = 0; ; repeat += 1) {
      const outcome = await this.#attempt(request, expected, limits, read);
      if ("result" in outcome) return outcome.result;
      const { retryAfterMs, isLast = outcome.error.code === "DEADLINE_EXCEEDED" } = outcome;
      isUnknown ||= outcome.error.isOutcomeUnknown;
      // A later attempt that was refused says nothing of an earlier one that got no answer.
      const error = isUnknown ? outcome.error.withUnknownOutcome() : outcome.error;
      const backoff = Math.min(FIRST_PAUSE_MS * 2 ** repeat, LONGEST_PAUSE_MS);
      const pauseMs = retryAfterMs ?? backoff * (0.5 + world.random() / 2);
      if (isLast || !error.retryable || repeat >= repeats) throw error;
      // A pause that ends after the deadline would only make the caller wait for the same error.
      if (world.elapsed() + pauseMs >= until) throw error;
      await world.sleep(pauseMs, call.signal);
      onRepeat(repeat + 1);
    }
  }

  async #attempt<Result>(
    { method, path, body, contentType }: EndpointRequest,
    expected: readonly number[],
    {
      signal,
      until,
      isOrdinary,
    }: { readonly signal: AbortSignal | undefined; readonly until: number; readonly isOrdinary: boolean },
    read: (response: Response) => Promise<Result>,
  ): Promise<Outcome<Result>> {
    const { apiUrl, world } = this.#options;
    const refusal = this.#refusedBefore(signal, until);
    if (refusal !== undefined) return { error: refusal, isLast: true };
    const timeout = new AbortController();
    const callOff = at(until, world, () => {
      timeout.abort();
    });
    let response: Response | undefined;
    try {
      response = await world.fetch(`${path.startsWith("/kvshift/") ? this.#origin : apiUrl}${path}`, {
        method,
        headers: { ...this.#headers, ...(contentType === undefined ? {} : { "content-type": contentType }) },
        body: body ?? null,
        // Followed nowhere: the credential is for this place. Workers know no "error" here.
        redirect: "manual",
        signal: signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]),
      });
      if (expected.includes(response.status)) {
        const result = await read(response);
        this.#circuit.succeeded();
        return { result };
      }
      throw refusalOf(response);
    } catch (error) {
      if (error instanceof KvError) {
        return { error: this.#judged(error), retryAfterMs: response && retryAfterOf(response, world.now()) };
      }
      if (signal !== undefined && isAborted(signal)) return { error: aborted(signal) };
      // A caller that waits for less than usual says nothing of the endpoint.
      if (!timeout.signal.aborted || isOrdinary) this.#circuit.failed();
      if (timeout.signal.aborted) return { error: tooLate() };
      // Never its cause as it is: some hold the request with its headers.
      const reason = error instanceof Error && error.cause instanceof Error ? codeOf(error.cause) : "";
      return { error: new KvError("UNAVAILABLE", `KV could not be reached${reason}.`) };
    } finally {
      callOff();
    }
  }

  /** An answer that is an error, after it was counted. */
  #judged(error: KvError): KvError {
    if (error.code === "UNAVAILABLE") this.#circuit.failed();
    else this.#circuit.succeeded();
    return error;
  }

  /** Why a request is not made at all. */
  #refusedBefore(signal: AbortSignal | undefined, until: number): KvError | undefined {
    if (signal !== undefined && isAborted(signal)) return aborted(signal, false);
    if (until <= this.#options.world.elapsed()) return tooLate(false);
    try {
      this.#circuit.enter();
      this.#budget?.spend();
      return undefined;
    } catch (error) {
      if (error instanceof KvError) return error;
      throw error;
    }
  }
}

/** A function, because it changes while a call is under way. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function codeOf(cause: Error): string {
  return "code" in cause && typeof cause.code === "string" ? ` (${cause.code})` : "";
}

/** The body is dropped: it may repeat what was sent. */
function refusalOf(response: Response): KvError {
  const { status, type } = response;
  // Not waited for: it is nobody's answer any more.
  response.body?.cancel().catch(() => undefined);
  if (status === 401 || status === 403) {
    return new KvError("UNAUTHORIZED", "KV does not accept the credential, or not for this.", { status });
  }
  if (type === "opaqueredirect" || (status >= 300 && status < 400)) {
    return new KvError(
      "REFUSED",
      "KV answered with a redirection: is CLOUDFLARE_KV_API_URL the address of the gateway?",
    );
  }
  if (status === 429) return new KvError("RATE_LIMITED", "KV takes no more calls for the moment.", { status });
  if (TRANSIENT.has(status)) return new KvError("UNAVAILABLE", `KV failed with status ${String(status)}.`, { status });
  return new KvError("REFUSED", `KV refused the call with status ${String(status)}.`, { status });
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-retry-after */
function retryAfterOf(response: Response, now: number): number | undefined {
  const text = response.headers.get("retry-after");
  if (text === null) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

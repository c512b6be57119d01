import { ConnectionLost } from "./connection-lost.ts";
import type { Fault, FaultPlan } from "./faults.ts";
import type { LoggedRequest, RequestLog } from "./request-log.ts";

/** Resolves after so many milliseconds. */
export type Sleep = (milliseconds: number) => Promise<void>;

/** What one call leaves in the log, filled in by whoever learns it. */
export interface Exchange {
  /** Parsed JSON, `null` where there was no JSON body. */
  request: unknown;
  response: unknown;
  /** Keys that a bulk operation is to leave as they are. */
  failsKey?: (key: string) => boolean;
}

export interface EdgeOptions {
  readonly vendor: LoggedRequest["vendor"];
  readonly faults: FaultPlan;
  readonly requestLog: RequestLog;
  readonly sleep: Sleep;
  /** The vendor itself. */
  readonly answer: (request: Request, exchange: Exchange) => Promise<Response>;
  /** The vendor's own body of an answer with an error status. */
  readonly errorBody: (status: number) => unknown;
}

/** The way into an emulated vendor: faults befall calls here, and every call is logged. No route knows of either. */
export function createEdge(options: EdgeOptions): (request: Request) => Promise<Response> {
  const { vendor, faults, requestLog, sleep, answer, errorBody } = options;

  return async (request) => {
    const fault = faults.take(request);
    const exchange: Exchange = { request: null, response: null };
    const { pathname, search } = new URL(request.url);
    const record = (status: number): void => {
      const { request: received, response } = exchange;
      const entry = { vendor, method: request.method, path: pathname + search, request: received, status, response };
      requestLog.add(fault === undefined ? entry : { ...entry, fault: fault.kind });
    };

    if (fault?.kind === "drop") {
      record(0);
      throw new ConnectionLost();
    }
    if (fault?.kind === "answer") {
      const { status, body = status >= 400 ? errorBody(status) : null } = fault;
      exchange.response = body;
      record(status);
      return plannedAnswer(fault, body);
    }
    if (fault?.kind === "delay") await sleep(fault.milliseconds);
    if (fault?.kind === "intercept") await fault.before?.();
    if (fault?.kind === "partial-bulk") exchange.failsKey = fault.fail;
    const response = await answer(request, exchange);
    record(response.status);
    if (fault !== undefined && (await losesAnswer(fault))) throw new ConnectionLost();
    return response;
  };
}

async function losesAnswer(fault: Fault): Promise<boolean> {
  if (fault.kind === "intercept") return (await fault.after?.()) === "lose-answer";
  return fault.kind === "lose-answer";
}

function plannedAnswer({ status, headers }: Extract<Fault, { kind: "answer" }>, body: unknown): Response {
  const text = body === null || typeof body === "string" ? body : JSON.stringify(body);
  return new Response(text, { status, headers: { "content-type": "application/json", ...headers } });
}

import { type Context, Hono } from "hono";

import { type RandomBytes, randomHex } from "../../src/core/random.ts";
import { Secret } from "../../src/core/secret.ts";
import { createEdge, type Sleep } from "../http/edge.ts";
import { type CallFault, FaultPlan } from "../http/faults.ts";
import { RequestLog } from "../http/request-log.ts";
import { carriesKey } from "../render/bearer-auth.ts";
import { readBody } from "./body.ts";
import { type Command, commandOfJson, commandOfPath, commandsOfJson, TOKEN_PARAMETER } from "./command.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { Refusal } from "./refusal.ts";
import { refusalOf } from "./refused-commands.ts";
import { type Encoding, type Outcome, outcomeJson } from "./reply.ts";

export interface UpstashEmulatorOptions {
  /** Where commands run. */
  readonly redis: Pick<RedisConnection, "pipeline" | "transaction">;
  readonly random: RandomBytes;
  readonly sleep: Sleep;
  /** Default: 10 MB, as at Upstash. */
  readonly maxRequestBytes?: number;
}

/**
 * The REST API of one Upstash database, in front of a real Redis. Not emulated: read-only tokens, streams of
 * subscriptions and MONITOR, answers in RESP2, quotas, and the limit of an answer's size.
 * https://upstash.com/docs/redis/features/restapi
 */
export interface UpstashEmulator {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly token: Secret;
  /** Without bodies: they hold the application's data. */
  readonly requestLog: RequestLog;
  readonly faults: FaultPlan<CallFault>;
}

/** https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded */
const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
const METHODS: ReadonlySet<string> = new Set(["HEAD", "GET", "POST", "PUT"]);
const SYNC_TOKEN = "upstash-sync-token";

export function createUpstashEmulator(options: UpstashEmulatorOptions): UpstashEmulator {
  const { redis, random, sleep, maxRequestBytes = MAX_REQUEST_BYTES } = options;
  const token = new Secret(`AX${randomHex(random, 54)}`);
  const requestLog = new RequestLog();
  const faults = new FaultPlan<CallFault>();
  let answered = 0;

  const readAll = (c: Context): Promise<Buffer> => readBody(c.req.raw, maxRequestBytes);
  const succeeded = (json: string): Response => {
    answered += 1;
    // Clients send it back to read their own writes: one Redis always lets them.
    const headers = { "content-type": "application/json", [SYNC_TOKEN]: String(answered) };
    return new Response(json, { headers });
  };
  const runOne = async (c: Context, command: Command): Promise<Response> => {
    const encoding = encodingOf(c);
    const refused = refusalOf(command);
    if (refused !== undefined) throw new Refusal(400, refused);
    const [outcome = { reply: null }] = await redis.pipeline([command]);
    if ("error" in outcome) throw new Refusal(400, outcome.error);
    return succeeded(outcomeJson(outcome, encoding));
  };

  const app = new Hono();
  app.use(async (c, next) => {
    if (!METHODS.has(c.req.method)) throw new Refusal(405, "ERR method is not allowed");
    const inQuery = c.req.query(TOKEN_PARAMETER);
    const presented = c.req.header("authorization") ?? (inQuery === undefined ? null : `Bearer ${inQuery}`);
    if (!carriesKey(presented, token)) throw new Refusal(401, "WRONGPASS invalid or missing auth token");
    const format = c.req.header("upstash-response-format") ?? "json";
    if (format !== "json") throw new Refusal(400, `ERR response format "${format}" is not emulated`);
    await next();
  });
  app.on(["POST", "PUT"], "/", async (c) => runOne(c, commandOfJson(await readAll(c))));
  app.on(["POST", "PUT"], "/pipeline", async (c) => {
    const encoding = encodingOf(c);
    const commands = commandsOfJson(await readAll(c));
    return succeeded(outcomesJson(await runAllowed(redis, commands), encoding));
  });
  app.on(["POST", "PUT"], "/multi-exec", async (c) => {
    const encoding = encodingOf(c);
    const commands = commandsOfJson(await readAll(c));
    const refused = commands.map(refusalOf).find((refusal) => refusal !== undefined);
    if (refused !== undefined) throw new Refusal(400, refused);
    const outcomes = await redis.transaction(commands);
    if ("error" in outcomes) throw new Refusal(400, outcomes.error);
    return succeeded(outcomesJson(outcomes, encoding));
  });
  app.all("*", async (c) => runOne(c, commandOfPath(new URL(c.req.url), await readAll(c))));
  app.onError((error) => {
    // Anything else is a lost Redis or a bug of the emulator, and must not pass for an answer of Upstash.
    if (!(error instanceof Refusal)) throw error;
    return Response.json({ error: error.message }, { status: error.status });
  });

  return {
    token,
    requestLog,
    faults,
    fetch: createEdge({
      vendor: "upstash",
      faults,
      requestLog,
      sleep,
      answer: async (request) => app.fetch(request),
      errorBody: (status) => ({ error: `ERR status ${String(status)}` }),
    }),
  };
}

/** Every command that may run, in order; the others fail in their places, as those that Redis refuses. */
async function runAllowed(
  redis: UpstashEmulatorOptions["redis"],
  commands: readonly Command[],
): Promise<readonly Outcome[]> {
  const refusals = commands.map(refusalOf);
  const ran = await redis.pipeline(commands.filter((_, index) => refusals[index] === undefined));
  const results = ran.values();
  return refusals.map((error) => (error === undefined ? (results.next().value ?? { reply: null }) : { error }));
}

function outcomesJson(outcomes: readonly Outcome[], encoding: Encoding): string {
  return `[${outcomes.map((outcome) => outcomeJson(outcome, encoding)).join(",")}]`;
}

function encodingOf(c: Context): Encoding {
  return c.req.header("upstash-encoding")?.toLowerCase() === "base64" ? "base64" : "utf8";
}

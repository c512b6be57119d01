import { once } from "node:events";
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request as requestOf,
  type ServerResponse,
} from "node:http";
import { isIP } from "node:net";
import { pipeline } from "node:stream/promises";

import { randomHex, type RandomBytes } from "../../src/core/random.ts";
import { SOURCE_ADDRESS_HEADER } from "../cloudflare/authentication.ts";
import type { Listening } from "../http/listen.ts";
import { listenOnLoopback, LOOPBACK } from "../http/loopback.ts";
import { TooManyHeld } from "./gate.ts";
import type { RunningVersion } from "./running-version.ts";
import type { WorkerRuntime } from "./worker-runtime.ts";

interface WorkersEdgeOptions {
  readonly runtime: Pick<WorkerRuntime, "enter">;
  /** The id of the Worker of that name. */
  readonly workerIdOf: (name: string) => string | undefined;
  /** Where requests come from, unless one says otherwise. */
  readonly sourceAddress: () => string;
  readonly random: RandomBytes;
}

/** `/<name of the Worker>` and the rest, as it was sent. */
const TARGET = /^\/([^/?]+)(.*)$/s;
/** Between two neighbours only: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "te",
  "expect",
]);
/** What the edge itself says; nobody else may say it. */
const OWN = new Set(["cf-connecting-ip", "cf-ray", SOURCE_ADDRESS_HEADER]);

/**
 * Where all Workers of the local cloud answer: `http://127.0.0.1:<port>/<name>/<path>` is `/<path>` of the Worker, byte
 * for byte. Names are unique in an account only: of two Workers of one name the one deployed last answers.
 */
export async function listenForWorkers(options: WorkersEdgeOptions): Promise<Listening> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => {
      // A connection that failed on either side: whoever is still there learns it from the socket.
      response.destroy();
    });
  });
  // A client may end its side once it has asked, and waits for the answer all the same: `nc`, and shutdown(2) of others.
  Object.assign(server, { httpAllowHalfOpen: true });
  const port = await listenOnLoopback(server);
  return {
    url: `http://${LOOPBACK}:${String(port)}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(options: WorkersEdgeOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, name = "", rest = ""] = TARGET.exec(request.url ?? "") ?? [];
  // https://www.rfc-editor.org/rfc/rfc9112#section-3.2
  if (valuesOf(request, "host") > 1) return refuse(response, 400, "A request has one Host.");
  const address = addressOf(request, options.sourceAddress());
  if (address === undefined) return refuse(response, 400, `${SOURCE_ADDRESS_HEADER} is not an IP address.`);
  const entered = await entry(options, name);
  if (entered === "too many") return refuse(response, 503, "Too many requests wait for the Worker's new version.");
  if (entered === undefined) return refuse(response, 404, "There is no Worker of this name, or it has no version yet.");
  try {
    const path = rest.startsWith("/") ? rest : `/${rest}`;
    const headers = headersOf(request, {
      "cf-connecting-ip": address,
      "cf-ray": `${randomHex(options.random, 16)}-LOC`,
    });
    await forward(entered.running, { request, response, path, headers });
  } finally {
    entered.leave();
  }
}

async function entry({ runtime, workerIdOf }: WorkersEdgeOptions, name: string) {
  const id = workerIdOf(name);
  if (id === undefined) return undefined;
  try {
    return await runtime.enter(id);
  } catch (error) {
    if (error instanceof TooManyHeld) return "too many" as const;
    throw error;
  }
}

interface Passage {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly headers: readonly string[];
}

async function forward({ port, agent }: RunningVersion, { request, response, path, headers }: Passage): Promise<void> {
  // workerd closes a connection after its answer to HEAD, and what another request sent on it meanwhile would be lost.
  const own = request.method === "HEAD" ? false : agent;
  const options = { host: LOOPBACK, port, agent: own, path, headers, setDefaultHeaders: false };
  const passed = requestOf({ ...options, ...(request.method === undefined ? {} : { method: request.method }) });
  response.once("close", () => {
    if (!response.writableFinished) passed.destroy();
  });
  // A Worker may answer before it has read the body: what is left of it then goes nowhere.
  pipeline(request, passed).catch(() => undefined);
  const answered = await responseTo(passed);
  response.writeHead(answered.statusCode ?? 502, answered.statusMessage, withoutHopByHop(answered.rawHeaders).flat());
  await pipeline(answered, response);
}

function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve).once("error", reject);
  });
}

function headersOf(request: IncomingMessage, own: Readonly<Record<string, string>>): string[] {
  const passed = withoutHopByHop(request.rawHeaders).filter(([name]) => !OWN.has(name.toLowerCase()));
  const framing = request.headers["transfer-encoding"] === undefined ? [] : [["transfer-encoding", "chunked"]];
  return [...passed, ...framing, ...Object.entries(own)].flat();
}

function withoutHopByHop(rawHeaders: readonly string[]): (readonly [string, string])[] {
  const pairs = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""] as const] : [],
  );
  return pairs.filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()));
}

/** How often a header is there: Node.js shows the first of two. */
function valuesOf({ rawHeaders }: IncomingMessage, name: string): number {
  return rawHeaders.filter((header, index) => index % 2 === 0 && header.toLowerCase() === name).length;
}

function addressOf(request: IncomingMessage, usual: string): string | undefined {
  const address = request.headers[SOURCE_ADDRESS_HEADER] ?? usual;
  return typeof address === "string" && isIP(address) !== 0 ? address : undefined;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}

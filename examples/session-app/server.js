// A small application as it would run on Render: sessions and a cache in Cloudflare KV, with nothing but the variables of
// its environment group. Node.js 24; with the library from npm any from 20 on.
import { createServer } from "node:http";

// In an application of yours: "kvshift-kv" and "kvshift-kv/sessions".
import { kvFromEnv, text } from "../../src/kv/index.ts";
import { newSessionId, sessionsIn } from "../../src/kv/sessions/index.ts";

const SESSION_COOKIE = "session";
const MAX_BODY_BYTES = 4096;
// Tests that count every failed request want no call repeated.
const kv = connect(process.argv.includes("--no-repeats") ? { repeats: 0 } : {});
const cache = kv.namespace("cache", { codec: text() });
// Where the environment has no strong namespace (`access: rest`), a logout may be late. Production says no.
const sessions = sessionsIn(kv.namespace("sessions"), { acceptStaleLogout: true });
const { defaultTtlSeconds } = kv.namespace("sessions").settings;

function connect(options) {
  try {
    return kvFromEnv(process.env, options);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return process.exit(2);
  }
}

const routes = {
  "GET /healthz": async () => ({
    status: 200,
    body: { ok: true, credential: process.env.CLOUDFLARE_KV_CREDENTIAL_ID },
  }),

  "POST /login": async (request) => {
    const { user } = JSON.parse(await readBody(request));
    const id = newSessionId();
    await sessions.save(id, { user }, defaultTtlSeconds);
    const cookie = `${SESSION_COOKIE}=${id}; HttpOnly; Secure; SameSite=Lax; Path=/`;
    return { status: 200, body: { user }, headers: { "set-cookie": cookie } };
  },

  "GET /me": async (request) => {
    const id = /(?:^|;\s*)session=([A-Za-z0-9_-]+)/.exec(request.headers.cookie ?? "")?.[1];
    const session = id === undefined ? undefined : await sessions.load(id);
    return session === undefined
      ? { status: 401, body: { error: "not signed in" } }
      : { status: 200, body: session.data };
  },

  "GET /greeting": async () => {
    const cached = await cache.get("greeting");
    if (cached !== undefined) return { status: 200, body: { greeting: cached, from: "cache" } };
    const greeting = `computed at ${new Date().toISOString()}`;
    await cache.put("greeting", greeting);
    return { status: 200, body: { greeting, from: "origin" } };
  },
};

async function readBody(request) {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
    if (body.length > MAX_BODY_BYTES) throw new Error("body too large");
  }
  return body;
}

const server = createServer((request, response) => {
  const route =
    routes[`${request.method} ${request.url}`] ?? (async () => ({ status: 404, body: { error: "not found" } }));
  route(request)
    .catch((error) => ({ status: 500, body: { error: error.message } }))
    .then(({ status, body, headers }) =>
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body)),
    );
});

server.listen(Number(process.env.PORT ?? 3000));
process.on("SIGTERM", () => server.close(() => process.exit(0)));

// A small application as it would run on Render: sessions and a cache in Cloudflare KV, reached with nothing but the
// variables of its environment group. Plain `fetch`, so that it shows the protocol; Node.js 20 and up.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

const env = readEnvironment(process.env);
const namespaces = JSON.parse(env.CLOUDFLARE_KV_NAMESPACES);
const SESSION_COOKIE = "session";
const MAX_BODY_BYTES = 4096;

/** @param {NodeJS.ProcessEnv} source */
function readEnvironment(source) {
  const names = [
    "CLOUDFLARE_KV_API_URL",
    "CLOUDFLARE_KV_ACCOUNT_ID",
    "CLOUDFLARE_KV_API_TOKEN",
    "CLOUDFLARE_KV_NAMESPACES",
  ];
  const missing = names.filter((name) => !source[name]);
  if (missing.length > 0) {
    process.stderr.write(`missing variables: ${missing.join(", ")}; link the environment group to this service\n`);
    process.exit(2);
  }
  return source;
}

/**
 * @param {string} namespace
 * @param {string} key
 */
function valueUrl(namespace, key) {
  const account = `${env.CLOUDFLARE_KV_API_URL}/accounts/${env.CLOUDFLARE_KV_ACCOUNT_ID}`;
  return `${account}/storage/kv/namespaces/${namespaces[namespace].id}/values/${encodeURIComponent(key)}`;
}

const headers = {
  authorization: `Bearer ${env.CLOUDFLARE_KV_API_TOKEN}`,
  // By this name a rotation sees which instance holds which credential.
  ...(env.RENDER_SERVICE_ID && env.RENDER_INSTANCE_ID
    ? { "kvshift-client": `${env.RENDER_SERVICE_ID}/${env.RENDER_INSTANCE_ID}` }
    : {}),
};

async function put(namespace, key, value) {
  const url = `${valueUrl(namespace, key)}?expiration_ttl=${namespaces[namespace].defaultTtlSeconds}`;
  const answer = await fetch(url, { method: "PUT", body: value, headers });
  if (!answer.ok) throw new Error(`KV answered ${answer.status} to a write`);
}

async function get(namespace, key) {
  const answer = await fetch(valueUrl(namespace, key), { headers });
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`KV answered ${answer.status} to a read`);
  return answer.text();
}

const routes = {
  "GET /healthz": async () => ({ status: 200, body: { ok: true, credential: env.CLOUDFLARE_KV_CREDENTIAL_ID } }),

  "POST /login": async (request) => {
    const { user } = JSON.parse(await readBody(request));
    const id = randomBytes(24).toString("base64url");
    await put("sessions", id, JSON.stringify({ user }));
    const cookie = `${SESSION_COOKIE}=${id}; HttpOnly; Secure; SameSite=Lax; Path=/`;
    return { status: 200, body: { user }, headers: { "set-cookie": cookie } };
  },

  "GET /me": async (request) => {
    const id = /(?:^|;\s*)session=([A-Za-z0-9_-]+)/.exec(request.headers.cookie ?? "")?.[1];
    const session = id === undefined ? undefined : await get("sessions", id);
    return session === undefined
      ? { status: 401, body: { error: "not signed in" } }
      : { status: 200, body: JSON.parse(session) };
  },

  "GET /greeting": async () => {
    const cached = await get("cache", "greeting");
    if (cached !== undefined) return { status: 200, body: { greeting: cached, from: "cache" } };
    const greeting = `computed at ${new Date().toISOString()}`;
    await put("cache", "greeting", greeting);
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

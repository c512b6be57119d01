// What a person would write by hand for one application: one call to storage, no dialect, no credentials. It is asked
// with the very requests that the gateway gets, so that what differs is what the two do.
import { DurableObject } from "cloudflare:workers";

export class Store extends DurableObject {
  constructor(state, env) {
    super(state, env);
    this.sql = state.storage.sql;
    this.sql.exec(
      "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB, expires_at INTEGER) WITHOUT ROWID",
    );
  }

  async get(key) {
    const [row] = this.sql.exec("SELECT value, expires_at FROM entries WHERE key = ?", key).toArray();
    return row === undefined || (row.expires_at !== null && row.expires_at <= Date.now()) ? undefined : row.value;
  }

  async put(key, value, expiresAt) {
    this.sql.exec("INSERT OR REPLACE INTO entries (key, value, expires_at) VALUES (?, ?, ?)", key, value, expiresAt);
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    // …/namespaces/strong/values/key
    const [kind, , key] = pathname.split("/").slice(-3);
    const store = env.STORE.get(env.STORE.idFromName(`shard-${key.charCodeAt(key.length - 1) % 4}`));
    if (request.method === "PUT") {
      const value = await request.arrayBuffer();
      if (kind === "strong") await store.put(key, value, Date.now() + 3_600_000);
      else await env.KV.put(key, value, { expirationTtl: 3600 });
      return new Response("OK");
    }
    const value = kind === "strong" ? await store.get(key) : await env.KV.get(key, "stream");
    return new Response(value ?? "", {
      status: value ? 200 : 404,
      headers: { "content-type": "application/octet-stream" },
    });
  },
};

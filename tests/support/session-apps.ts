/* oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 and Fastify wait for what a handler promises */
import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import express from "express";
import session from "express-session";
import fastify from "fastify";

import type { KvNamespace } from "../../src/kv/index.ts";
import { KvStore } from "../../src/kv/sessions/express.ts";
import { FastifyKvStore } from "../../src/kv/sessions/fastify.ts";

declare module "express-session" {
  interface SessionData {
    user: string;
    [name: `field${string}`]: string;
  }
}
declare module "fastify" {
  interface Session {
    user: string;
    [name: `field${string}`]: string;
  }
}

/** An application that signs people in; several of one namespace are several processes of one service. */
export interface SessionApp extends AsyncDisposable {
  readonly url: string;
}

/** What a request of `/hold/:name` waits for before it writes. */
export interface Gate {
  readonly entered: () => void;
  readonly opened: Promise<void>;
}

const SECRET = "not a secret, only long enough for a test";

/**
 * `/login`, `/me`, `/set/:name`, `/hold/:name` (waits at the gate between loading and writing), `/regenerate`, `/logout`.
 */
export async function expressApp(namespace: KvNamespace, gate: Gate): Promise<SessionApp> {
  const app = express();
  const store = new KvStore({ namespace });
  app.use(session({ store, secret: SECRET, resave: false, saveUninitialized: false, cookie: { maxAge: 3_600_000 } }));
  app.get("/login", (request, response) => {
    request.session.user = "ada";
    response.json({ id: request.sessionID });
  });
  app.get("/me", (request, response) => {
    const { cookie: _cookie, ...data } = request.session;
    response.json(data);
  });
  app.get("/set/:name", (request, response) => {
    request.session[`field${request.params.name}`] = "set";
    response.json({});
  });
  app.get("/hold/:name", async (request, response) => {
    gate.entered();
    await gate.opened;
    request.session[`field${request.params.name}`] = "set";
    response.json({});
  });
  app.get("/regenerate", (request, response, next) => {
    request.session.regenerate((error: unknown) => {
      if (error !== undefined && error !== null) next(error);
      request.session.user = "ada again";
      response.json({ id: request.sessionID });
    });
  });
  app.get("/logout", (request, response) => {
    request.session.destroy(() => response.json({}));
  });
  return new Promise((resolve) => {
    const server = app.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      resolve({
        url: `http://127.0.0.1:${String(port)}`,
        [Symbol.asyncDispose]: async () => {
          server.closeAllConnections();
          await new Promise((done) => server.close(done));
        },
      });
    });
  });
}

export async function fastifyApp(namespace: KvNamespace, gate: Gate): Promise<SessionApp> {
  const app = fastify();
  await app.register(fastifyCookie);
  await app.register(fastifySession, {
    store: new FastifyKvStore({ namespace }),
    secret: SECRET,
    saveUninitialized: false,
    cookie: { secure: false, maxAge: 3_600_000 },
  });
  app.get("/login", (request) => {
    request.session.user = "ada";
    return { id: request.session.sessionId };
  });
  app.get("/me", (request) => {
    const { cookie: _cookie, ...data } = JSON.parse(JSON.stringify(request.session)) as Record<string, unknown>;
    return data;
  });
  app.get<{ Params: { name: string } }>("/set/:name", (request) => {
    request.session[`field${request.params.name}`] = "set";
    return {};
  });
  app.get<{ Params: { name: string } }>("/hold/:name", async (request) => {
    gate.entered();
    await gate.opened;
    request.session[`field${request.params.name}`] = "set";
    return {};
  });
  app.get("/regenerate", async (request) => {
    await request.session.regenerate();
    request.session.user = "ada again";
    return { id: request.session.sessionId };
  });
  app.get("/logout", async (request) => {
    await request.session.destroy();
    return {};
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  return { url, [Symbol.asyncDispose]: () => app.close() };
}

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { memoryKv } from "../support/memory-kv.ts";
import { expressApp, fastifyApp, type SessionApp } from "../support/session-apps.ts";

describe.each([
  ["express-session", expressApp],
  ["@fastify/session", fastifyApp],
] as const)("sessions of %s in two processes on a strong namespace", (_name, open) => {
  let apps: readonly [SessionApp, SessionApp];
  let entered: Promise<void>;
  let openGate: () => void;
  /** The cookie of one browser. */
  let cookie: string;

  beforeEach(async () => {
    const { kv } = memoryKv();
    const [inside, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    entered = inside.promise;
    openGate = gate.resolve;
    const held = { entered: inside.resolve, opened: gate.promise };
    apps = [await open(kv.strong("sessions"), held), await open(kv.strong("sessions"), held)];
    cookie = "";
  });
  afterEach(async () => {
    for (const app of apps) await app[Symbol.asyncDispose]();
  });

  /** As a browser: it keeps the cookie that it is given. */
  async function visit(app: 0 | 1, path: string, keep = true): Promise<Record<string, unknown>> {
    const response = await fetch(`${apps[app].url}${path}`, { headers: cookie === "" ? {} : { cookie } });
    const [given] = response.headers.getSetCookie();
    if (given !== undefined && keep) cookie = given.split(";")[0] ?? "";
    expect({ path, status: response.status }).toEqual({ path, status: 200 });
    return { ...((await response.json()) as object) };
  }

  it("are there in the other process at once, and gone at once", async () => {
    await visit(0, "/login");
    expect(await visit(1, "/me")).toEqual({ user: "ada" });
    await visit(0, "/logout", false);
    expect(await visit(1, "/me", false)).toEqual({});
  });

  it("lose no field of twenty requests at once", async () => {
    await visit(0, "/login");
    const names = Array.from({ length: 20 }, (_, index) => String(index));
    await Promise.all(names.map((name, index) => visit(index % 2 === 0 ? 0 : 1, `/set/${name}`, false)));
    const fields = Object.fromEntries(names.map((name) => [`field${name}`, "set"]));
    expect(await visit(0, "/me")).toEqual({ user: "ada", ...fields });
  });

  it("stay dead where a request that began before the logout ends after it", async () => {
    await visit(0, "/login");
    const late = visit(1, "/hold/late", false);
    await entered;
    await visit(0, "/logout", false);
    openGate();
    await late;
    expect(await visit(1, "/me", false)).toEqual({});
  });

  it("have another id after a regeneration, and the old one never works again", async () => {
    const { id } = await visit(0, "/login");
    const old = cookie;
    const late = visit(1, "/hold/late", false);
    await entered;
    const { id: next } = await visit(0, "/regenerate");
    openGate();
    await late;
    expect(next).not.toBe(id);
    expect(await visit(1, "/me")).toEqual({ user: "ada again" });
    cookie = old;
    expect(await visit(1, "/me", false)).toEqual({});
  });

  it("never begin under an id that the browser made up or kept from one that has ended", async () => {
    const { id } = await visit(0, "/login");
    const old = cookie;
    await visit(0, "/logout", false);
    cookie = old;
    const again = await visit(1, "/login");
    expect(again["id"]).not.toBe(id);
    expect(cookie).not.toBe(old);
  });
});

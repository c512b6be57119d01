import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { listenOnLoopback } from "../../local-cloud/http/loopback.ts";
import { PortProxy } from "../../local-cloud/render/port-proxy.ts";

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function startProxy(connectTarget?: Parameters<typeof PortProxy.listen>[0]): Promise<PortProxy> {
  const proxy = await PortProxy.listen(connectTarget);
  closers.push(() => proxy.close());
  return proxy;
}

/** Answers each connection with `text` and ends it; resolves with its port. */
async function startTarget(text: string): Promise<{ port: number; server: Server }> {
  const body = `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${String(text.length)}\r\n\r\n${text}`;
  const server = createServer((socket) => {
    socket.once("data", () => socket.end(body));
  });
  const port = await listenOnLoopback(server);
  closers.push(async () => {
    server.close();
    if (server.listening) await once(server, "close");
  });
  return { server, port };
}

describe("PortProxy", () => {
  it("answers 502 without a target and for a target that refuses", async () => {
    const proxy = await startProxy();
    const before = await fetch(proxy.url);
    const { server, port } = await startTarget("gone");
    server.close();
    await once(server, "close");
    proxy.target = port;
    const refused = await fetch(proxy.url);
    expect([before.status, refused.status]).toEqual([502, 502]);
  });

  it("keeps its port while targets change", async () => {
    const proxy = await startProxy();
    const { url } = proxy;
    const texts: string[] = [];
    for (const text of ["first", "second"]) {
      proxy.target = (await startTarget(text)).port;
      texts.push(await (await fetch(proxy.url)).text());
    }
    expect([texts, proxy.url]).toEqual([["first", "second"], url]);
  });

  it("sends a connection that the old target refused to the new one", async () => {
    const old = await startTarget("old");
    old.server.close();
    await once(old.server, "close");
    const { port } = await startTarget("new");
    const tried: number[] = [];
    const proxy = await startProxy((options) => {
      tried.push(options.port);
      proxy.target = port; // The swap comes while the connection is on its way.
      return connect(options);
    });
    proxy.target = old.port;
    expect([await (await fetch(proxy.url)).text(), tried]).toEqual(["new", [old.port, port]]);
  });

  it("tells when the last connection to a target has ended", async () => {
    const proxy = await startProxy();
    const { port } = await startTarget("target");
    proxy.target = port;
    await proxy.idle(port);
    const client = connect(Number(new URL(proxy.url).port), "127.0.0.1");
    client.write("GET / ");
    let isIdle = false;
    await once(client, "connect");
    await (await fetch(proxy.url)).text();
    const idle = proxy.idle(port).finally(() => {
      isIdle = true;
    });
    expect(isIdle).toBe(false);
    client.resume();
    client.end();
    await idle;
    expect(isIdle).toBe(true);
  });

  it("cuts open connections when it closes", async () => {
    const proxy = await startProxy();
    const { port } = await startTarget("target");
    proxy.target = port;
    const client = connect(Number(new URL(proxy.url).port), "127.0.0.1");
    await once(client, "connect");
    const closed = once(client, "close");
    await proxy.close();
    await closed;
    expect(client.destroyed).toBe(true);
  });
});

import { once } from "node:events";
import { connect as connectSocket, createServer, type Server, type Socket } from "node:net";

import { listenOnLoopback, LOOPBACK } from "../http/loopback.ts";

/** What Render's edge says while a service has no instance. */
const BAD_GATEWAY = "HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

type Connect = (options: { host: string; port: number; allowHalfOpen: boolean }) => Socket;

/** A public port that stays while instances come and go: each new connection goes to the current instance. */
export class PortProxy {
  /** The port of the instance that receives new connections. */
  target: number | undefined;
  readonly #server: Server;
  readonly #connect: Connect;
  readonly #clients = new Set<Socket>();
  readonly #openByTarget = new Map<number, number>();
  readonly #onIdle = new Map<number, () => void>();
  #port = 0;

  private constructor(connect: Connect) {
    this.#connect = connect;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
      this.#accept(client);
    });
  }

  /** Listens on a free port of 127.0.0.1. */
  static async listen(connect: Connect = connectSocket): Promise<PortProxy> {
    const proxy = new PortProxy(connect);
    proxy.#port = await listenOnLoopback(proxy.#server);
    return proxy;
  }

  get url(): string {
    return `http://${LOOPBACK}:${String(this.#port)}`;
  }

  /** Resolves when no connection to `port` is open. */
  async idle(port: number): Promise<void> {
    if (!this.#openByTarget.has(port)) return;
    await new Promise<void>((resolve) => this.#onIdle.set(port, resolve));
  }

  /** Stops listening and cuts what is open. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const client of this.#clients) client.destroy();
    await closed;
  }

  #accept(client: Socket): void {
    this.#clients.add(client);
    client.once("close", () => this.#clients.delete(client));
    client.on("error", () => undefined); // A client may go away at any time; "close" follows.
    this.#forward(client);
  }

  #forward(client: Socket): void {
    const port = this.target;
    if (port === undefined) {
      client.end(BAD_GATEWAY);
      client.resume();
      return;
    }
    this.#count(port, 1);
    const upstream = this.#connect({ host: LOOPBACK, port, allowHalfOpen: true });
    let isConnected = false;
    upstream.once("connect", () => {
      isConnected = true;
      client.pipe(upstream);
      upstream.pipe(client);
    });
    client.once("close", () => upstream.destroy());
    upstream.on("error", () => undefined);
    upstream.once("close", () => {
      this.#count(port, -1);
      if (isConnected || client.destroyed) client.destroy();
      else this.#retry(client, port);
    });
  }

  /** Nothing was passed on yet, so a connection that met an ending instance can still go to its successor. */
  #retry(client: Socket, refusedBy: number): void {
    if (this.target === refusedBy) {
      client.end(BAD_GATEWAY);
      client.resume();
    } else {
      this.#forward(client);
    }
  }

  #count(port: number, change: 1 | -1): void {
    const open = (this.#openByTarget.get(port) ?? 0) + change;
    if (open > 0) {
      this.#openByTarget.set(port, open);
      return;
    }
    this.#openByTarget.delete(port);
    this.#onIdle.get(port)?.();
    this.#onIdle.delete(port);
  }
}

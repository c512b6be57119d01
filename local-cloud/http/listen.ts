import type { AddressInfo } from "node:net";

import { serve } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";

import { ConnectionLost } from "./connection-lost.ts";

export interface Listening {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `fetch` on a free port of 127.0.0.1. Where it rejects with `ConnectionLost`, the socket is reset. */
export async function listen(fetch: (request: Request) => Response | Promise<Response>): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve(
      {
        fetch: async (request, { incoming }) => {
          try {
            return await fetch(request);
          } catch (error) {
            if (!(error instanceof ConnectionLost) || !("socket" in incoming)) throw error;
            incoming.socket.resetAndDestroy();
            return RESPONSE_ALREADY_SENT;
          }
        },
        hostname: "127.0.0.1",
        port: 0,
      },
      (address: AddressInfo) => {
        resolve({ url: `http://127.0.0.1:${String(address.port)}`, close });
      },
    );
    server.once("error", reject);
    const close = (): Promise<void> =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
  });
}

import type { AddressInfo } from "node:net";

import { serve } from "@hono/node-server";

export interface Listening {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `fetch` on a free port of 127.0.0.1. */
export async function listen(fetch: (request: Request) => Response | Promise<Response>): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname: "127.0.0.1", port: 0 }, (address: AddressInfo) => {
      resolve({ url: `http://127.0.0.1:${String(address.port)}`, close });
    });
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

import { once } from "node:events";
import { createServer, type Server } from "node:net";

import { AppError } from "../../src/core/app-error.ts";

export const LOOPBACK = "127.0.0.1";

/** Listens on a free port that only this machine reaches; resolves with the port. */
export async function listenOnLoopback(server: Server): Promise<number> {
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  const address = server.address();
  if (address !== null && typeof address !== "string") return address.port;
  throw new AppError("BUG", {
    problem: "A TCP server listens without a port.",
    fix: "Report this with the stack trace.",
  });
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server);
  server.close();
  await once(server, "close");
  return port;
}

import { connect, createServer, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

// A TCP proxy that holds every piece of data for half a round trip, in a thread of its own: the same for whatever protocol
// goes through it. Started by `delayed.ts`.

interface Work {
  readonly target: { readonly host: string; readonly port: number };
  readonly roundTripMs: number;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `delayed.ts` hands over
const { target, roundTripMs } = workerData as Work;

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ ...target, noDelay: true });
  relay(client, upstream);
  relay(upstream, client);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(typeof address === "object" && address !== null ? address.port : 0);
});

function relay(from: Socket, to: Socket): void {
  from.on("data", (chunk) => {
    setTimeout(() => to.write(chunk), roundTripMs / 2);
  });
  from.on("close", () => {
    setTimeout(() => to.destroy(), roundTripMs / 2);
  });
  from.on("error", () => to.destroy());
}

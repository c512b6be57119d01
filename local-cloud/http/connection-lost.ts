/**
 * What a client sees whose connection ends before an answer: the rejection of `fetch` with its cause. `listen` turns it
 * into the real thing and resets the socket.
 */
export class ConnectionLost extends TypeError {
  constructor() {
    super("fetch failed", { cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }) });
  }
}

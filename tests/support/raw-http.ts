import { connect, type Socket } from "node:net";

export interface RawRequest {
  readonly method: string;
  /** As it goes over the wire; characters stand for bytes. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface RawResponse {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  readonly body: string;
}

/** Sends exactly these bytes: no client in between that mends a path, a header or a body. */
export async function sendRaw(origin: string, request: RawRequest): Promise<RawResponse> {
  const socket = open(origin);
  const answer = received(socket, request.method === "HEAD");
  socket.write(headOf(origin, request));
  if (request.body !== undefined) socket.write(request.body);
  return answer;
}

/** Sends a request up to some point of its body; the caller goes on from there. */
export async function beginRaw(
  origin: string,
  request: RawRequest,
): Promise<{ readonly socket: Socket; readonly answer: Promise<RawResponse> }> {
  const socket = open(origin);
  const answer = received(socket, request.method === "HEAD");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.write(Buffer.concat([headOf(origin, request), Buffer.from(request.body ?? "")]), () => {
      resolve();
    });
  });
  return { socket, answer };
}

function open(origin: string): Socket {
  const { hostname, port } = new URL(origin);
  return connect(Number(port), hostname);
}

function headOf(origin: string, { method, target, headers = {}, body }: RawRequest): Buffer {
  const all = {
    host: new URL(origin).host,
    connection: "close",
    ...(body === undefined || "content-length" in headers || "transfer-encoding" in headers
      ? {}
      : { "content-length": String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
}

/** Until the answer is complete: the server keeps a connection for some seconds, whatever a request says. */
function received(socket: Socket, isHead: boolean): Promise<RawResponse> {
  let text = "";
  return new Promise((resolve) => {
    const finish = () => {
      const { head, body } = partsOf(text);
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), body });
      socket.destroy();
    };
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (isComplete(partsOf(text), isHead)) finish();
    });
    // A server that has answered may close before everything was sent: what it said counts.
    socket.on("error", finish);
    socket.on("close", finish);
  });
}

function partsOf(text: string): { head: string; body: string; hasHead: boolean } {
  const end = text.indexOf("\r\n\r\n");
  return end === -1
    ? { head: text, body: "", hasHead: false }
    : { head: text.slice(0, end), body: text.slice(end + 4), hasHead: true };
}

function isComplete({ head, body, hasHead }: ReturnType<typeof partsOf>, isHead: boolean): boolean {
  if (!hasHead) return false;
  if (isHead) return true;
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  return length === undefined ? body.endsWith("0\r\n\r\n") : body.length >= Number(length);
}

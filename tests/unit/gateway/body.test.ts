import { describe, expect, it } from "vitest";

import { chunksOf, discard, parseJson, readBytes } from "../../../src/gateway/body.ts";

const URL = "https://gateway.test/";
const MEBIBYTE = 1024 * 1024;
const bytes = (text: string) => new TextEncoder().encode(text);

/** A body that comes in pieces, none of them made before it is asked for. */
function streamed(chunks: Iterable<Uint8Array>, { breaksOff = false } = {}) {
  const rest = chunks[Symbol.iterator]();
  const taken = { bytes: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const { done, value } = rest.next();
        if (done !== true) {
          taken.bytes += value.byteLength;
          controller.enqueue(value);
        } else if (breaksOff) controller.error(new TypeError("the connection was lost"));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const init = { method: "PUT", body, duplex: "half" };
  return { request: new Request(URL, init), taken };
}

function* repeated(count: number, chunk: Uint8Array): Generator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield chunk;
}

/** A body whose length is announced. */
function announced(text: string, length = text.length): Request {
  return new Request(URL, { method: "PUT", body: text, headers: { "content-length": String(length) } });
}

describe("readBytes", () => {
  it("reads a body of at most so many bytes, whether its length is announced or not", async () => {
    expect(await readBytes(announced("abcd"), 4)).toEqual(bytes("abcd"));
    expect(await readBytes(streamed([bytes("ab"), bytes("cd")]).request, 4)).toEqual(bytes("abcd"));
    expect(await readBytes(new Request(URL, { method: "PUT" }), 4)).toEqual(new Uint8Array());
  });

  it("refuses one that announces more before it reads any of it", async () => {
    const request = announced("abcd", 5);
    await expect(readBytes(request, 4)).rejects.toMatchObject({ status: 413, code: 10001 });
    expect(request.bodyUsed).toBe(false);
  });

  it("refuses one that announces nothing as soon as it has read too much", async () => {
    const { request, taken } = streamed(repeated(100, bytes("ab")));
    await expect(readBytes(request, 4)).rejects.toMatchObject({ status: 413, code: 10001 });
    expect(taken.bytes).toBe(6);
  });

  it("refuses one that breaks off", async () => {
    const { request } = streamed([bytes("ab")], { breaksOff: true });
    await expect(readBytes(request, 4)).rejects.toMatchObject({ status: 400, code: 10001 });
    const { body } = streamed([bytes("ab")], { breaksOff: true }).request;
    const init = { method: "PUT", body, headers: { "content-length": "4" }, duplex: "half" };
    await expect(readBytes(new Request(URL, init), 4)).rejects.toMatchObject({ status: 400, code: 10001 });
  });
});

describe("chunksOf", () => {
  it("gives a body as it comes, and lets go of it for whoever stops in between", async () => {
    const { request } = streamed([bytes("a"), bytes("b"), bytes("c")]);
    for await (const chunk of chunksOf(request)) {
      expect(chunk).toEqual(bytes("a"));
      break;
    }
    const rest: Uint8Array[] = [];
    for await (const chunk of chunksOf(request)) rest.push(chunk);
    expect(rest).toEqual([bytes("b"), bytes("c")]);
  });
});

describe("discard", () => {
  it("lets the rest of a body pass by", async () => {
    const { request, taken } = streamed(repeated(3, bytes("ab")));
    await discard(request);
    expect(taken.bytes).toBe(6);
  });

  it("stops behind what a bulk request may be", async () => {
    const { request, taken } = streamed(repeated(1000, new Uint8Array(MEBIBYTE)));
    await discard(request);
    expect(taken.bytes).toBe(101 * MEBIBYTE);
  });

  it("minds neither a body that breaks off nor one that was read before", async () => {
    await expect(discard(streamed([], { breaksOff: true }).request)).resolves.toBeUndefined();
    const request = announced("abcd");
    await request.text();
    await expect(discard(request)).resolves.toBeUndefined();
  });
});

describe("parseJson", () => {
  it("reads JSON in UTF-8", () => {
    expect(parseJson(bytes('{"a":["ü",null]}'))).toEqual({ a: ["ü", null] });
  });

  it.each([[bytes("")], [bytes("{")], [bytes("undefined")], [Uint8Array.of(0x22, 0xff, 0x22)]])(
    "refuses %j and says what it was",
    (text) => {
      expect(() => parseJson(text, "The metadata")).toThrow(
        expect.objectContaining({ status: 400, code: 10001, message: "The metadata is not valid JSON." }),
      );
    },
  );
});

import { describe, expect, it } from "vitest";

import { outcomeJson, type Reply } from "../../../../local-cloud/upstash/reply.ts";

const text = (value: string) => Buffer.from(value);

describe("outcomeJson", () => {
  it.each<[Reply, string, string]>([
    [null, "null", "null"],
    ["9223372036854775807", "9223372036854775807", "9223372036854775807"],
    [text("bar"), '"bar"', '"YmFy"'],
    [text('"ü\n\u0000'), '"\\"ü\\n\\u0000"', '"IsO8CgA="'],
    [text(""), '""', '""'],
    [text("OK"), '"OK"', '"OK"'],
    [[text("OK"), null, "1", [text("a"), []]], '["OK",null,1,["a",[]]]', '["T0s=",null,1,["YQ==",[]]]'],
    [[new Error("ERR in a script")], '["ERR in a script"]', '["RVJSIGluIGEgc2NyaXB0"]'],
    [Buffer.from([0xff, 0x41]), '"\uFFFDA"', '"/0E="'],
  ])("writes %j", (reply, plain, base64) => {
    expect(outcomeJson({ reply }, "utf8")).toBe(`{"result":${plain}}`);
    expect(outcomeJson({ reply }, "base64")).toBe(`{"result":${base64}}`);
  });

  it("never encodes an error", () => {
    expect(outcomeJson({ error: 'ERR "x"' }, "base64")).toBe('{"error":"ERR \\"x\\""}');
  });
});

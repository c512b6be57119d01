import { describe, expect, it } from "vitest";

import { elementsOf, type JsonArrayLimits } from "../../../src/gateway/json-array.ts";

const LIMITS: JsonArrayLimits = { maxBytes: 1000, maxElements: 100, maxElementBytes: 100 };
const encoder = new TextEncoder();

/** All elements of `text`, which comes in chunks of `size` bytes. */
async function read(text: string | Uint8Array, limits: Partial<JsonArrayLimits> = {}, size = 1000) {
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const elements: unknown[] = [];
  const lengths: number[] = [];
  for await (const { value, bytes: length } of elementsOf(chunks(), { ...LIMITS, ...limits })) {
    elements.push(value);
    lengths.push(length);
  }
  return { elements, lengths };
}

describe("the elements of a JSON array", () => {
  it.each([
    "[]",
    " [ \n\r\t ] ",
    "[1]",
    '["a","b"]',
    '[ {"a" : [1, {"b": 2}]} , null,true ]',
    '["[","]",",","{","}","\\"","\\\\","\\\\\\"]"]',
    '["ü€😀\\ud83d\\ude00"]',
    "[[[[]]],[]]",
  ])("of %s are those that JSON.parse finds, however it is cut", async (text) => {
    for (const size of [1, 2, 3, 1000]) {
      expect((await read(text, {}, size)).elements).toEqual(JSON.parse(text));
    }
  });

  it("come one by one, before the text has ended", async () => {
    let isBehindFirst = false;
    async function* chunks() {
      yield encoder.encode("[1,");
      isBehindFirst = true;
      yield encoder.encode("2]");
    }
    for await (const { value } of elementsOf(chunks(), LIMITS)) {
      expect(value).toBe(1);
      break;
    }
    expect(isBehindFirst).toBe(false);
  });

  it("have the lengths of their texts", async () => {
    expect((await read('["ü", 12,{}]')).lengths).toEqual([4, 3, 2]);
  });

  it.each([
    "",
    " ",
    "{}",
    "1",
    "[",
    "[1",
    "[1,",
    "[1,]",
    "[,]",
    "[,1]",
    "[1 2]",
    "[1]]",
    "[1]x",
    "[][]",
    '["]',
    "[{]",
    "[}{]",
    "[{]}]",
    "[undefined]",
    " \ufeff[]",
    "\ufeff\ufeff[]",
    "[\ufeff1]",
    "[1,\ufeff2]",
    "x[]",
  ])("are refused where the text is %j", async (text) => {
    for (const size of [1, 1000]) {
      await expect(read(text, {}, size)).rejects.toMatchObject({ status: 400, code: 10001 });
    }
  });

  it("are refused where the text is no UTF-8", async () => {
    await expect(read(Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d))).rejects.toMatchObject({ status: 400 });
  });

  it("are as many as allowed", async () => {
    expect((await read("[1,2,3]", { maxElements: 3 })).elements).toHaveLength(3);
    await expect(read("[1,2,3,4]", { maxElements: 3 })).rejects.toMatchObject({ status: 400, code: 10001 });
  });

  it("may together be as long as allowed", async () => {
    expect((await read("[1,2,3]", { maxBytes: 7 })).elements).toHaveLength(3);
    await expect(read("[1,2,3]", { maxBytes: 6 })).rejects.toMatchObject({ status: 413, code: 10001 });
    await expect(read(`[${" ".repeat(20)}]`, { maxBytes: 10 }, 1)).rejects.toMatchObject({ status: 413 });
  });

  it("may each be as long as allowed, also where the end never comes", async () => {
    for (const size of [1, 1000]) {
      expect((await read('["abc","abc"]', { maxElementBytes: 5 }, size)).elements).toHaveLength(2);
      await expect(read('["abcd"]', { maxElementBytes: 5 }, size)).rejects.toMatchObject({ status: 413, code: 10001 });
      await expect(read('["abcde', { maxElementBytes: 5 }, size)).rejects.toMatchObject({ status: 413, code: 10001 });
    }
  });
});

import { describe, expect, it } from "vitest";

import { fromBase64, toBase64 } from "../../../src/core/base64.ts";

describe("base64", () => {
  it.each([
    ["", []],
    ["AA==", [0]],
    ["AP8=", [0, 255]],
    ["+/+/", [251, 255, 191]],
  ])("%j stands for %j and back", (text, bytes) => {
    expect([...(fromBase64(text) ?? [])]).toEqual(bytes);
    expect(toBase64(Uint8Array.from(bytes))).toBe(text);
  });

  it.each([
    "A",
    "AA",
    "AAA",
    "A===",
    "====",
    "=AAA",
    "AA=A",
    "AAAA=",
    "AA==AAAA",
    "A A=",
    "AAA\n",
    "-_-_",
    "ÄAAA",
    "*",
  ])("%j is none", (text) => {
    expect(fromBase64(text)).toBeUndefined();
  });

  it("of a large value comes back whole, across the pieces that it is made of", () => {
    const bytes = Uint8Array.from({ length: 0x8000 * 2 + 5 }, (_, index) => index % 251);
    const text = toBase64(bytes);
    expect(text).toBe(Buffer.from(bytes).toString("base64"));
    expect(fromBase64(text)).toEqual(bytes);
  });

  it("of megabytes does not overflow the stack", () => {
    const bytes = new Uint8Array(8 * 1024 * 1024 + 1).fill(255);
    expect(fromBase64(toBase64(bytes))?.length).toBe(bytes.length);
  });
});

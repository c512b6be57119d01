import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { json, KvError } from "../../src/kv/index.ts";
import { campaign } from "../support/campaign.ts";

const codec = json();
const wellFormed = fc.string({ unit: "binary" });
const fits = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    // `-0` comes back as `0`.
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
    wellFormed,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(wellFormed, tie("value"), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

describe("the JSON codec", () => {
  it("gives back everything that it takes", () => {
    fc.assert(
      fc.property(fits, (value) => {
        expect(codec.decode(codec.encode(value))).toEqual(value);
      }),
      { numRuns: campaign(2000) },
    );
  });

  it("takes nothing of anything at all that it would not give back", () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withSparseArray: true,
          withTypedArray: true,
        }),
        (value) => {
          let encoded: Uint8Array;
          try {
            encoded = codec.encode(value);
          } catch (error) {
            expect(error).toBeInstanceOf(KvError);
            return;
          }
          // An object without a prototype comes back with one; `-0` as `0`.
          expect(JSON.stringify(codec.decode(encoded))).toBe(JSON.stringify(value));
          expect(codec.decode(encoded)).toEqual(JSON.parse(JSON.stringify(value)));
        },
      ),
      { numRuns: campaign(2000) },
    );
  });

  it.each([
    [
      "a cycle",
      () => {
        const loop: unknown[] = [];
        loop.push({ loop });
        return loop;
      },
    ],
    ["a lone surrogate", () => ({ deep: ["\udc00"] })],
    ["undefined in an array", () => [undefined]],
    ["undefined in an object", () => ({ a: undefined })],
    ["an instance", () => new Map([[1, 2]])],
    [
      "something too deep",
      () => {
        let deep: unknown = 0;
        for (let level = 0; level < 5000; level += 1) deep = [deep];
        return deep;
      },
    ],
  ])("refuses %s", (_name, make) => {
    expect(() => codec.encode(make())).toThrow(expect.objectContaining({ code: "VALUE_NOT_ENCODABLE" }));
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Refusal } from "../../src/gateway/envelope.ts";
import { elementsOf } from "../../src/gateway/json-array.ts";
import { campaign } from "../support/campaign.ts";

const LIMITS = { maxBytes: 1_000_000, maxElements: 1000, maxElementBytes: 1_000_000 };
const encoder = new TextEncoder();

/** What makes and breaks JSON, and what looks like white space or like nothing but is neither. */
const FRAGMENTS = [
  "[",
  "]",
  "{",
  "}",
  ",",
  ":",
  '"',
  "\\",
  "\\u",
  "\\ud83d",
  " ",
  "\n",
  "	",
  "\r",
  "0",
  "-",
  "1e9",
  "null",
  "tru",
  "true",
  '"a"',
  '{"__proto__":1}',
  "\xA0",
  "﻿",
  "\u2028",
  "\0",
  "😀",
  "\v",
];

const space = fc.string({ unit: fc.constantFrom(" ", "\n", "\r", "\t"), maxLength: 2 });
const pieces = fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 12 }).map((parts) => parts.join(""));
/** Also texts that hold what separates elements. */
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  pieces,
  pieces.map((text) => ({ [text]: [text] })),
);
const valid = fc
  .array(fc.tuple(value, space), { maxLength: 6 })
  .map((items) => `[${items.map(([one, gap]) => `${gap}${JSON.stringify(one, undefined, gap)}`).join(",")}]`);
const broken = fc
  .tuple(valid, fc.nat(), fc.nat({ max: 3 }), fc.constantFrom("", ...FRAGMENTS))
  .map(([text, at, cut, more]) => {
    const place = at % (text.length + 1);
    return `${text.slice(0, place)}${more}${text.slice(place + cut)}`;
  });
const bytes = fc.oneof(
  { weight: 3, arbitrary: valid.map((text) => encoder.encode(text)) },
  { weight: 4, arbitrary: broken.map((text) => encoder.encode(text)) },
  { weight: 2, arbitrary: pieces.map((text) => encoder.encode(`[${text}]`)) },
  { weight: 2, arbitrary: pieces.map((text) => encoder.encode(text)) },
  {
    weight: 2,
    // One byte of UTF-8 changed: half characters, also at the edge of an element.
    arbitrary: fc.tuple(valid, fc.nat(), fc.nat({ max: 255 })).map(([text, at, byte]) => {
      const changed = encoder.encode(text);
      changed[at % changed.length] = byte;
      return changed;
    }),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
);
const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 8 });

describe("the elements of a JSON array in chunks", () => {
  test("are what JSON.parse makes of the whole, wherever it is cut", async () => {
    let [taken, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(bytes, cuts, async (body, places) => {
        const expected = parsed(body);
        const actual = await scanned(chunksOf(body, places));
        if (expected === undefined) refused += 1;
        else taken += 1;
        expect(actual).toEqual(expected);
      }),
      { numRuns: campaign(6000) },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(campaign(1000));
  });

  test("are the same in chunks of one byte", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (body) => {
        expect(await scanned([...body].map((byte) => Uint8Array.of(byte)))).toEqual(parsed(body));
      }),
      { numRuns: campaign(1000) },
    );
  });
});

/** JSON text of each element, so that `__proto__` and -0 count too; `undefined`: it is no array. */
function parsed(body: Uint8Array): string[] | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    // A reader may pass over a mark of the byte order before the text.
    const whole = JSON.parse(text.replace(/^\uFEFF/, "")) as unknown;
    return Array.isArray(whole) ? whole.map((element: unknown) => JSON.stringify(element)) : undefined;
  } catch {
    return undefined;
  }
}

async function scanned(chunks: readonly Uint8Array[]): Promise<string[] | undefined> {
  const elements: string[] = [];
  try {
    for await (const element of elementsOf(streamed(chunks), LIMITS)) elements.push(JSON.stringify(element.value));
    return elements;
  } catch (error) {
    if (error instanceof Refusal && error.status === 400) return undefined;
    throw error;
  }
}

async function* streamed(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield chunk;
    // A reader may use its buffer again for the next chunk.
    chunk.fill(0xff);
  }
}

function chunksOf(body: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => Math.min(place, body.length)), body.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => body.slice(ends[index - 1] ?? 0, end));
}

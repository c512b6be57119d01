import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseMultipart } from "../../src/gateway/multipart.ts";
import { campaign } from "../support/campaign.ts";

const BOUNDARY = "--7bXx";

/** Bytes with what a parser may stumble over: line ends, dashes, and the beginning of the boundary. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom("\r\n", "\r", "\n", "--", "\r\n--", "\r\n----7bX", "----7bXx", "\r\n\r\n", '; name="value"')
        .map((text) => Buffer.from(text)),
    ),
    { maxLength: 6 },
  )
  .map((parts) => Buffer.concat(parts))
  // Whoever writes a body chooses a boundary that is in no part.
  .filter((bytes) => !`\r\n${bytes.toString("latin1")}`.includes(`\r\n--${BOUNDARY}`));
const name = fc.string({ unit: fc.constantFrom("a", "value", "metadata", "ü", "-", " ", "="), maxLength: 3 });
const extra = fc.constantFrom("", '; filename="a.bin"', "\r\nContent-Type: application/octet-stream");
const part = fc.record({ name, content, extra });

describe("a multipart body", () => {
  test("gives each part back byte for byte", () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), content, content, (parts, before, behind) => {
        const head = before.length === 0 ? [] : [before, Buffer.from("\r\n")];
        const body = Buffer.concat([
          ...head,
          ...parts.flatMap((one) => [
            Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${one.name}"${one.extra}\r\n\r\n`),
            one.content,
            Buffer.from("\r\n"),
          ]),
          Buffer.from(`--${BOUNDARY}--\r\n`),
          behind,
        ]);
        const found = parseMultipart(`multipart/form-data; boundary=${BOUNDARY}`, body);
        // Of several with one name the last counts.
        const expected = new Map(parts.map((one) => [one.name, one.content.toString("hex")]));
        expect(hexOf(found)).toEqual(expected);
      }),
      { numRuns: campaign(3000) },
    );
  });

  test("of the platform's own FormData is read", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), fc.jsonValue({ maxDepth: 1 }), async (value, metadata) => {
        const form = new FormData();
        form.set("value", new Blob([value]));
        form.set("metadata", JSON.stringify(metadata));
        const response = new Response(form);
        const type = response.headers.get("content-type") ?? "";
        const found = parseMultipart(type, new Uint8Array(await response.arrayBuffer()));
        expect(hexOf(found)).toEqual(
          new Map([
            ["value", Buffer.from(value).toString("hex")],
            ["metadata", Buffer.from(JSON.stringify(metadata)).toString("hex")],
          ]),
        );
      }),
      { numRuns: campaign(300) },
    );
  });

  test("may be anything at all: it is read or it is none", () => {
    const type = fc.oneof(
      fc.constant(`multipart/form-data; boundary=${BOUNDARY}`),
      fc.constant(`multipart/form-data; boundary="${BOUNDARY}"`),
      fc.string({ maxLength: 20 }).map((text) => `multipart/form-data; boundary=${text}`),
    );
    const body = fc
      .array(
        fc.oneof(
          content,
          fc.constantFrom(`--${BOUNDARY}`, `\r\n--${BOUNDARY}--`, "\r\n\r\n").map((text) => Buffer.from(text)),
        ),
      )
      .map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(type, body, (contentType, bytes) => {
        const found = parseMultipart(contentType, bytes);
        for (const one of found?.values() ?? []) expect(bytes.includes(Buffer.from(one))).toBe(true);
      }),
      { numRuns: campaign(2000) },
    );
  });
});

function hexOf(parts: ReadonlyMap<string, Uint8Array> | undefined): Map<string, string> {
  return new Map([...(parts ?? [])].map(([name, bytes]) => [name, Buffer.from(bytes).toString("hex")]));
}

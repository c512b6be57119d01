import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { withEncryptionSalt } from "../../src/config/file.ts";
import { campaign } from "../support/campaign.ts";

const join = (parts: readonly (readonly [string, string])[]) => parts.map((part) => part.join("")).join("");

describe("withEncryptionSalt", () => {
  const salt = fc
    .string({ unit: fc.constantFrom(..."abcXYZ019+/="), minLength: 1, maxLength: 30 })
    .map((text) => `v1:${text}:v1:${text}`);
  const line = fc.oneof(
    fc.constantFrom(
      "config:",
      "  kvshift:app: x",
      "# encryptionsalt: no",
      "  encryptionsalt: inner",
      "",
      "   ",
      "...",
      "é\u2028ü",
    ),
    fc.string({ unit: "binary", maxLength: 20 }).map((text) => text.replaceAll(/[\r\n]/g, "")),
  );
  const lines = fc.array(
    fc.tuple(
      line.filter((text) => !/^\uFEFF?["']?encryptionsalt/.test(text)),
      fc.constantFrom("\n", "\r\n"),
    ),
    { maxLength: 12 },
  );

  it("adds one line and keeps every other byte", () => {
    fc.assert(
      fc.property(lines, fc.boolean(), salt, (parts, complete, value) => {
        const text = complete ? join(parts) : join(parts).replace(/\r?\n$/, "");
        const result = withEncryptionSalt(text, value);
        const kept = result
          .split("\n")
          .filter((candidate) => candidate.replace(/\r$/, "") !== `encryptionsalt: ${value}`);
        expect(kept).toHaveLength(result.split("\n").length - 1);
        // A last line without an end gets the one of its file.
        expect(complete ? kept.join("\n") : kept.join("\n").replace(/\r$/, "")).toBe(text);
      }),
    );
  });

  it("replaces the value of the one line and keeps every other byte", () => {
    const styles = fc.constantFrom(["", ""], ['"', '"'], ["'", "'"], ["", "  # by the engine"], ['"', '" # x']);
    fc.assert(
      fc.property(
        lines,
        lines,
        salt,
        salt,
        styles,
        fc.constantFrom("\n", "\r\n"),
        (before, after, old, value, style, end) => {
          const file = (content: string) => `${join(before)}encryptionsalt: ${style.join(content)}${end}${join(after)}`;
          expect(withEncryptionSalt(file(old), value)).toBe(file(value));
        },
      ),
    );
  });

  it("changes nothing the second time, whatever the text", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(
          fc.oneof(
            fc.constantFrom("encryptionsalt", ":", " ", '"', "'", "#", "\n", "\r\n", "v1:x", "\uFEFF"),
            fc.string({ maxLength: 3 }),
          ),
        )
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(anything, salt, (text, value) => {
        const once = withEncryptionSalt(text, value);
        expect(withEncryptionSalt(once, value)).toBe(once);
      }),
      { numRuns: campaign(2000) },
    );
  });
});

import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { dotenvLine } from "../../../../src/cli/commands/env.ts";
import { tempDir } from "../../../support/temp-dir.ts";

/** What a shell takes a value for: anything but NUL, which no environment variable can hold. */
const value = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "")),
  fc.string({ unit: fc.constantFrom(..."'\"\\$`!#~ \n\r\t=&|;<>(){}[]*?%aZ9é") }),
);

describe("dotenvLine", () => {
  it.each([
    ["plain text as it is", "https://api.cloudflare.com/client/v4", "KEY=https://api.cloudflare.com/client/v4"],
    ["an empty value as it is", "", "KEY="],
    ["JSON in single quotes", '{"a":1}', `KEY='{"a":1}'`],
    ["a comment sign in quotes", "a#b", "KEY='a#b'"],
    ["a tilde in quotes", "~/state", "KEY='~/state'"],
    ["a single quote in double quotes", "it's", `KEY="it's"`],
    ["what a shell would expand, escaped", "it's $HOME", String.raw`KEY="it's \$HOME"`],
  ])("writes %s", (_what, text, line) => {
    expect(dotenvLine("KEY", text)).toBe(line);
  });

  it("comes back as it was from a shell that reads it", async () => {
    const file = join(await tempDir(), "env");
    await fc.assert(
      fc.asyncProperty(value, async (text) => {
        await writeFile(file, `${dotenvLine("KEY", text)}\n`);
        const { stdout, stderr } = spawnSync("sh", ["-c", '. "$0"; printf %s "$KEY"', file], { encoding: "utf8" });
        expect({ stdout, stderr }).toEqual({ stdout: text, stderr: "" });
      }),
      { numRuns: 200 },
    );
  });

  it("comes back as it was from a dotenv reader, where it holds no single quote", () => {
    fc.assert(
      // Node's reader takes a carriage return for the end of a line, in quotes too.
      fc.property(
        value.map((text) => text.replaceAll(/['\r]/g, "")),
        (text) => {
          expect(parseEnv(`${dotenvLine("KEY", text)}\nNEXT=1\n`)).toEqual({ KEY: text, NEXT: "1" });
        },
      ),
      { numRuns: 500 },
    );
  });
});

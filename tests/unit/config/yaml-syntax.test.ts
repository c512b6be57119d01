import { describe, expect, it } from "vitest";

import { MAX_FILE_BYTES, parseYaml } from "../../../src/config/yaml-syntax.ts";
import { configFailure } from "./config-failure.ts";

const failure = (text: string) => configFailure(() => parseYaml(text, "Pulumi.dev.yaml"));

describe("parseYaml", () => {
  it.each([
    [
      "a tab in the indentation",
      "a:\n\tb: 1\n",
      "Pulumi.dev.yaml:2:1: found a tab in the indentation, expected spaces; fix: replace each tab with two spaces",
    ],
    [
      "a tab after spaces",
      "a:\n  \tb: 1\n",
      "Pulumi.dev.yaml:2:3: found a tab in the indentation, expected spaces; fix: replace each tab with two spaces",
    ],
    [
      "a second document",
      "a: 1\n---\nb: 2\n",
      "Pulumi.dev.yaml:2:1: found a second document, expected one document in the file; fix: remove everything from --- on",
    ],
    [
      "an unfinished quote",
      'a: "x\n',
      "Pulumi.dev.yaml:2:1: found an unfinished value, expected a closing quote, bracket, brace, or a space after the colon; fix: close or separate it",
    ],
    [
      "an unknown escape",
      'a: "\\q"\n',
      "Pulumi.dev.yaml:1:5: found an unknown escape, expected an escape of YAML; fix: double the backslash, or use single quotes",
    ],
    [
      "two keys in a line",
      "a: b: 1\n",
      "Pulumi.dev.yaml:1:4: found a second colon in the line, expected one key a line; fix: quote the value, or start a new line",
    ],
  ])("refuses %s and says where", (_title, text, line) => {
    const { code, details, exitCode } = failure(text);
    expect({ code, exitCode }).toEqual({ code: "CONFIG_NOT_YAML", exitCode: 2 });
    expect(details).toContain(line);
  });

  it("lists every line with a tab", () => {
    expect(failure("a:\n\tb: 1\n\tc: 1\n").details.map((line) => line.slice(0, 19))).toEqual([
      "Pulumi.dev.yaml:2:1",
      "Pulumi.dev.yaml:3:1",
    ]);
  });

  it("refuses tabs in braces too, which Pulumi's reader does not take", () => {
    expect(failure("a: {\n\tb: 1\n  }\n").details).toEqual([
      expect.stringMatching(/^Pulumi\.dev\.yaml:2:1: found a tab/),
    ]);
  });

  it("takes tabs that are not indentation", () => {
    expect(parseYaml('a: "x\ty"\t# z\n\t\nb: 1\n', "Pulumi.dev.yaml").document.errors).toEqual([]);
  });

  it("never quotes the file", () => {
    const { problem, details, fix } = failure("a: 'x' plain-fake\nb: [plain-fake\n\"plain-fake: @plain-fake\n");
    expect([problem, ...details, fix].join("\n")).not.toContain("plain-fake");
  });

  it("lists no more than twenty places", () => {
    const { details } = failure("\ta: 1\n".repeat(100));
    expect(details).toHaveLength(21);
    expect(details.at(-1)).toBe("Pulumi.dev.yaml: and 80 more");
  });

  it("takes a file of the greatest size and refuses one byte more", () => {
    const largest = `# ${"é".repeat((MAX_FILE_BYTES - 2) / 2)}`;
    expect(parseYaml(largest, "Pulumi.dev.yaml").document.errors).toEqual([]);
    const { code, details } = failure(`${largest} `);
    expect(code).toBe("CONFIG_INVALID");
    expect(details).toEqual([
      `Pulumi.dev.yaml: found ${String(MAX_FILE_BYTES + 1)} bytes, expected at most ${String(MAX_FILE_BYTES)}; fix: restore the file`,
    ]);
  });

  it.each(["[", "{a: ", "- ", "? "])("survives ten thousand times %j", (text) => {
    expect(failure(text.repeat(10_000)).code).toBe("CONFIG_NOT_YAML");
  });
});

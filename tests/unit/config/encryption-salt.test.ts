import { describe, expect, it } from "vitest";

import { withEncryptionSalt } from "../../../src/config/encryption-salt.ts";
import { AppError } from "../../../src/core/app-error.ts";

const SALT = "v1:fake=:v1:fake:fake=";

describe("withEncryptionSalt", () => {
  it.each([
    ["an empty file", "", `encryptionsalt: ${SALT}\n`],
    ["a file with a last line break", "config:\n  a:b: 1\n", `config:\n  a:b: 1\nencryptionsalt: ${SALT}\n`],
    ["a file without one", "config: {}", `config: {}\nencryptionsalt: ${SALT}`],
    [
      "a file with Windows line breaks",
      "config:\r\n  a:b: 1\r\n",
      `config:\r\n  a:b: 1\r\nencryptionsalt: ${SALT}\r\n`,
    ],
    ["a file with an end marker", "config: {}\n...\n", `config: {}\nencryptionsalt: ${SALT}\n...\n`],
    [
      "a key of the same name further in",
      "config:\n  encryptionsalt: 1\n",
      `config:\n  encryptionsalt: 1\nencryptionsalt: ${SALT}\n`,
    ],
    ["a comment of the same words", "# encryptionsalt: 1\n", `# encryptionsalt: 1\nencryptionsalt: ${SALT}\n`],
  ])("adds the line to %s", (_title, text, expected) => {
    expect(withEncryptionSalt(text, SALT)).toBe(expected);
  });

  it.each([
    [
      "between other lines",
      "# a\nencryptionsalt: v1:old\nconfig: {} # b\n",
      `# a\nencryptionsalt: ${SALT}\nconfig: {} # b\n`,
    ],
    ["with a comment behind it", "encryptionsalt: v1:old   # keep\r\n", `encryptionsalt: ${SALT}   # keep\r\n`],
    ["in quotes", "encryptionsalt: 'v1:old'\n", `encryptionsalt: '${SALT}'\n`],
    ["with a quoted key", '"encryptionsalt":   "v1:old"\n', `"encryptionsalt":   "${SALT}"\n`],
    ["without a value", "encryptionsalt:\nconfig: {}\n", `encryptionsalt: ${SALT}\nconfig: {}\n`],
    ["behind a byte order mark", "\uFEFFencryptionsalt: v1:old", `\uFEFFencryptionsalt: ${SALT}`],
  ])("replaces the value of a line %s", (_title, text, expected) => {
    expect(withEncryptionSalt(text, SALT)).toBe(expected);
  });

  it.each(["", "fake", "v1:", "v1:a b", "v1:a\nconfig: {}", "v1:a#b", "v1:a:"])("refuses the salt %j", (salt) => {
    expect(() => withEncryptionSalt("", salt)).toThrow(AppError);
  });
});

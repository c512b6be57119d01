import { AppError } from "../core/app-error.ts";

/** The line of the salt: its key up to the colon, spaces, and the value, quoted or not. A comment may follow. */
const SALT_LINE =
  /((?:^\uFEFF?|\n)(["']?)encryptionsalt\2[ \t]*:)(?=[ \t\r\n]|$)([ \t]*)("[^"\r\n]*"|'[^'\r\n]*'|(?!#)\S+(?:[ \t]+[^\s#]\S*)*|)/;
/** `v1:<salt>:<check value>` of a passphrase. */
const SALT = /^v\d+:[A-Za-z0-9+/=:]*[A-Za-z0-9+/=]$/;
/** A line that ends the document: nothing may follow it. */
const DOCUMENT_END = /(?:^|\n)(?=\.\.\.[ \t]*\r?(?:\n|$))/;

/**
 * Adds or replaces the one line that the engine writes, `encryptionsalt`, and leaves every other byte as it is:
 * comments, order, quotes and line endings are people's. Throws `BUG` for a salt that is no single word.
 */
export function withEncryptionSalt(text: string, salt: string): string {
  if (!SALT.test(salt)) {
    throw new AppError("BUG", {
      problem: "The engine wrote an encryption salt of an unknown form.",
      fix: "Report this with the version of the Pulumi CLI.",
    });
  }
  const found = SALT_LINE.exec(text);
  if (!found) return withNewLine(text, `encryptionsalt: ${salt}`);
  const [line, key = "", , space = "", value = ""] = found;
  const quote = /^(["']).*\1$/.exec(value)?.[1] ?? "";
  const replaced = `${key}${space === "" ? " " : space}${quote}${salt}${quote}`;
  return text.slice(0, found.index) + replaced + text.slice(found.index + line.length);
}

/** The salt that a text has, whether the rest of it can be read or not. */
export function encryptionSaltIn(text: string): string | undefined {
  const value = SALT_LINE.exec(text)?.[4] ?? "";
  const plain = value.replace(/^(["'])(.*)\1$/, "$2");
  return plain === "" ? undefined : plain;
}

function withNewLine(text: string, line: string): string {
  const lineBreak = /\r?\n/.exec(text)?.[0] ?? "\n";
  const end = DOCUMENT_END.exec(text);
  if (end) {
    const index = end.index + end[0].length;
    return `${text.slice(0, index)}${line}${lineBreak}${text.slice(index)}`;
  }
  const complete = text === "" || text === "\uFEFF" || text.endsWith("\n");
  return complete ? `${text}${line}${lineBreak}` : `${text}${lineBreak}${line}`;
}

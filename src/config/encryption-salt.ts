import { AppError } from "../core/app-error.ts";

/** The line of the salt: start of the file or line, key, quote, value, the same quote, and what follows it. */
const SALT_LINE = /((?:^\uFEFF?|\n)(["']?)encryptionsalt\2[ \t]*:)([ \t]*)(["']?)([^\s"'#][^\s"']*|)(\4[^\r\n]*)/;
/** A line that ends the document: nothing may follow it. */
const DOCUMENT_END = /(?:^|\n)(?=\.\.\.[ \t]*\r?(?:\n|$))/;

/**
 * Adds or replaces the one line that the engine writes, `encryptionsalt`, and leaves every other byte as it is:
 * comments, order, quotes and line endings are people's. Throws `BUG` for a salt that is no single word.
 */
export function withEncryptionSalt(text: string, salt: string): string {
  if (!/^[A-Za-z0-9+/=:]+$/.test(salt) || salt.endsWith(":")) {
    throw new AppError("BUG", {
      problem: "The engine wrote an encryption salt of an unknown form.",
      fix: "Report this with the version of the Pulumi CLI.",
    });
  }
  const found = SALT_LINE.exec(text);
  if (!found) return withNewLine(text, `encryptionsalt: ${salt}`);
  const [line, key = "", , space = "", quote = "", , rest = ""] = found;
  const replaced = `${key}${space === "" ? " " : space}${quote}${salt}${rest}`;
  return text.slice(0, found.index) + replaced + text.slice(found.index + line.length);
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

import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from "yaml";

import { AppError } from "../core/app-error.ts";

const PARENT = ["config", "kvshift:upstash"] as const;
const TOKEN = "restToken";
const URL = "restUrl";

/**
 * Puts Upstash's token, encrypted, into the text of an environment's file and leaves every other byte as it is: beside
 * `restUrl`, or in the place of the one that is there.
 *
 * @throws AppError CONFIG_INVALID where there is no `kvshift:upstash` with `restUrl` to put it beside
 */
export function withRestToken(text: string, secure: string, file: string): string {
  const document = parseDocument(text);
  const parent = document.getIn(PARENT);
  const url = isMap(parent) ? pairOf(parent, URL) : undefined;
  if (document.errors.length > 0 || !isMap(parent) || !isScalar(url?.value) || !url.value.range) {
    throw new AppError("CONFIG_INVALID", {
      problem: `${file} has no kvshift:upstash with restUrl, beside which the token stands.`,
      fix: "Add `kvshift:upstash:` with `restUrl:` below it, then run it again.",
    });
  }
  const value = `{ secure: ${JSON.stringify(secure)} }`;
  const token = pairOf(parent, TOKEN)?.value;
  const range = isMap(token) || isScalar(token) ? token.range : undefined;
  const edited = range
    ? splice(text, range[0], range[1], value)
    : beside(text, parent, url.value.range[1], `${TOKEN}: ${value}`);
  if (parseDocument(edited).getIn([...PARENT, TOKEN, "secure"]) === secure) return edited;
  throw new AppError("BUG", {
    problem: `The edit of ${file} would not say what was meant; the file was left as it is.`,
    fix: "Report the layout of kvshift:upstash in this file.",
  });
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** After the address: on a line of its own, or within the braces. */
function beside(text: string, { flow, items }: YAMLMap, end: number, entry: string): string {
  if (flow === true) return splice(text, end, end, `, ${entry}`);
  const key = items.map((pair) => pair.key).find(isScalar);
  const start = key?.range?.[0] ?? 0;
  const indent = " ".repeat(start - (text.lastIndexOf("\n", start - 1) + 1));
  const lineEnd = text.indexOf("\n", end);
  const lineBreak = text.includes("\r\n") ? "\r\n" : "\n";
  return lineEnd === -1
    ? `${text}${lineBreak}${indent}${entry}`
    : splice(text, lineEnd + 1, lineEnd + 1, `${indent}${entry}${lineBreak}`);
}

function splice(text: string, from: number, to: number, insert: string): string {
  return text.slice(0, from) + insert + text.slice(to);
}

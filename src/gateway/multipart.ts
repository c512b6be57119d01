import { indexOf } from "./bytes.ts";

const encoder = new TextEncoder();
const HEADERS_END = encoder.encode("\r\n\r\n");
const LINE = encoder.encode("\r\n");
const DASH = "-".charCodeAt(0);
/** What may stand between a boundary and the end of its line: https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1 */
const BLANKS = new Set([0x20, 0x09]);
/** One parameter of a header; a quoted one may hold whatever looks like another. https://www.rfc-editor.org/rfc/rfc9110#section-5.6.6 */
const PARAMETER = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g;

/**
 * The parts of a `multipart/form-data` body by name, byte for byte; `undefined` where the body is none.
 * The platform's own parser turns parts without a file name into text, which damages binary values.
 * https://www.rfc-editor.org/rfc/rfc7578
 */
export function parseMultipart(contentType: string, body: Uint8Array): Map<string, Uint8Array> | undefined {
  const boundary = parameterOf(contentType, "boundary");
  if (!boundary) return undefined;
  const opening = encoder.encode(`--${boundary}`);
  const delimiter = encoder.encode(`\r\n--${boundary}`);
  const parts = new Map<string, Uint8Array>();
  // The first delimiter may have no line before it.
  let start = indexOf(body.subarray(0, opening.length), opening, 0) === 0 ? opening.length : -1;
  if (start === -1) start = after(indexOf(body, delimiter, 0), delimiter);
  while (start !== -1) {
    if (body[start] === DASH && body[start + 1] === DASH) return parts;
    while (BLANKS.has(body[start] ?? 0)) start += 1;
    const end = indexOf(body, delimiter, start);
    // A part without any header begins with the empty line itself.
    const headersEnd = indexOf(body, HEADERS_END, start);
    if (end === -1 || headersEnd === -1 || headersEnd > end || indexOf(body, LINE, start) !== start) return undefined;
    const headers = new TextDecoder().decode(body.subarray(start, headersEnd));
    const name = nameIn(headers);
    if (name === undefined) return undefined;
    parts.set(name, body.subarray(headersEnd + HEADERS_END.length, Math.max(end, headersEnd + HEADERS_END.length)));
    start = after(end, delimiter);
  }
  return undefined;
}

/** Other headers may have parameters of that name too: the one of a file stands in its type. */
function nameIn(headers: string): string | undefined {
  const disposition = headers.split("\r\n").find((line) => /^content-disposition:/i.test(line));
  return disposition && parameterOf(disposition, "name");
}

/** With quotes or without, in any order. `\\"` and `\\\\` alone are escapes: browsers leave other backslashes as they are. */
function parameterOf(header: string, name: string): string | undefined {
  for (const [, parameter = "", quoted, token] of header.matchAll(PARAMETER)) {
    if (parameter.toLowerCase() === name) return quoted?.replaceAll(/\\(["\\])/g, "$1") ?? token;
  }
  return undefined;
}

function after(at: number, pattern: Uint8Array): number {
  return at === -1 ? -1 : at + pattern.length;
}

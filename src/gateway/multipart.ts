import { indexOf } from "./bytes.ts";

const encoder = new TextEncoder();
const HEADERS_END = encoder.encode("\r\n\r\n");
const LINE = encoder.encode("\r\n");
const DASH = "-".charCodeAt(0);

/**
 * The parts of a `multipart/form-data` body by name, byte for byte; `undefined` where the body is none.
 * The platform's own parser turns parts without a file name into text, which damages binary values.
 * https://www.rfc-editor.org/rfc/rfc7578
 */
export function parseMultipart(contentType: string, body: Uint8Array): Map<string, Uint8Array> | undefined {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  if (boundary === null) return undefined;
  const opening = encoder.encode(`--${boundary[1] ?? boundary[2] ?? ""}`);
  const delimiter = encoder.encode(`\r\n--${boundary[1] ?? boundary[2] ?? ""}`);
  const parts = new Map<string, Uint8Array>();
  // The first delimiter may have no line before it.
  let start = indexOf(body.subarray(0, opening.length), opening, 0) === 0 ? opening.length : -1;
  if (start === -1) start = after(indexOf(body, delimiter, 0), delimiter);
  while (start !== -1) {
    if (body[start] === DASH && body[start + 1] === DASH) return parts;
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
  return disposition && /;\s*name="([^"]*)"/i.exec(disposition)?.[1];
}

function after(at: number, pattern: Uint8Array): number {
  return at === -1 ? -1 : at + pattern.length;
}

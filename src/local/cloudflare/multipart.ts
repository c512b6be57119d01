const HEADERS_END = Buffer.from("\r\n\r\n");

/**
 * The parts of a `multipart/form-data` body by name, byte for byte; `undefined` where the body is none.
 * The platform's own parser turns parts without a file name into text, which damages binary values.
 */
export function parseMultipart(contentType: string, body: Buffer): Map<string, Buffer> | undefined {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  if (boundary === null) return undefined;
  const delimiter = Buffer.from(`\r\n--${boundary[1] ?? boundary[2] ?? ""}`);
  const parts = new Map<string, Buffer>();
  // The first delimiter has no line before it: start as if it had.
  const text = Buffer.concat([Buffer.from("\r\n"), body]);
  let start = text.indexOf(delimiter);
  while (start !== -1) {
    start += delimiter.length;
    if (text.subarray(start, start + 2).toString("latin1") === "--") return parts;
    const end = text.indexOf(delimiter, start);
    const headersEnd = text.indexOf(HEADERS_END, start);
    if (end === -1 || headersEnd === -1 || headersEnd > end) return undefined;
    const name = /;\s*name="([^"]*)"/i.exec(text.subarray(start, headersEnd).toString("utf8"))?.[1];
    if (name === undefined) return undefined;
    parts.set(name, text.subarray(headersEnd + HEADERS_END.length, end));
    start = end;
  }
  return undefined;
}

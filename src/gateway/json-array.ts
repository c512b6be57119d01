import { MAX_JSON_DEPTH } from "../core/json-depth.ts";
import { concat } from "./bytes.ts";
import { invalid } from "./envelope.ts";

export interface JsonArrayLimits {
  /** Of the whole text. */
  readonly maxBytes: number;
  readonly maxElements: number;
  /** Of the text of one element: it is held in memory as a whole. */
  readonly maxElementBytes: number;
}

export interface JsonElement {
  readonly value: unknown;
  /** Length of its text. */
  readonly bytes: number;
}

const [QUOTE, BACKSLASH, COMMA, OPEN, CLOSE] = [0x22, 0x5c, 0x2c, 0x5b, 0x5d];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];

/**
 * The elements of a JSON array, one by one, without ever holding the whole text: an isolate has 128 MB, a bulk request
 * up to 100. Only the ends of elements are looked for here; each element is then parsed as JSON.
 */
export async function* elementsOf(
  chunks: AsyncIterable<Uint8Array>,
  limits: JsonArrayLimits,
): AsyncGenerator<JsonElement> {
  const scanner = new Scanner(limits);
  for await (const chunk of chunks) yield* scanner.scan(chunk);
  scanner.end();
}

type Place = "before" | "first" | "element" | "after";

class Scanner {
  readonly #limits: JsonArrayLimits;
  #place: Place = "before";
  /** Bytes of the mark of the byte order that a text may begin with: https://www.rfc-editor.org/rfc/rfc8259#section-8.1 */
  #marked = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #total = 0;
  /** Of the text, before this chunk. */
  #read = 0;
  #count = 0;
  /** The text of the element that has begun, from earlier chunks. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(limits: JsonArrayLimits) {
    this.#limits = limits;
  }

  *scan(chunk: Uint8Array): Generator<JsonElement> {
    this.#read = this.#total;
    this.#total += chunk.byteLength;
    if (this.#total > this.#limits.maxBytes) throw tooLarge("The request body", this.#limits.maxBytes);
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) {
        this.#string(byte);
      } else if (this.#place === "before" || this.#place === "after") {
        if (!isSpace(byte) && !this.#isMark(byte, this.#read + at)) this.#openArray(byte);
        from = at + 1;
      } else if (this.#depth === 0 && (byte === COMMA || byte === CLOSE)) {
        this.#hold(chunk.subarray(from, at));
        from = at + 1;
        const element = this.#finish(byte);
        if (element !== undefined) yield element;
      } else {
        this.#nest(byte);
      }
    }
    if (this.#place === "first" || this.#place === "element") this.#hold(chunk.slice(from));
  }

  end(): void {
    if (this.#place !== "after") throw notJson();
  }

  #isMark(byte: number, at: number): boolean {
    if (at !== this.#marked || byte !== BYTE_ORDER_MARK[at]) return false;
    this.#marked += 1;
    return true;
  }

  #openArray(byte: number): void {
    const isHalfMarked = this.#marked > 0 && this.#marked < BYTE_ORDER_MARK.length;
    if (this.#place !== "before" || byte !== OPEN || isHalfMarked) throw notJson();
    this.#place = "first";
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #nest(byte: number): void {
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN || byte === OPEN_OBJECT) this.#deepen();
    else if (byte === CLOSE || byte === CLOSE_OBJECT) this.#depth -= 1;
  }

  /** Before it is held or parsed. The pair itself is a level more than what it holds. */
  #deepen(): void {
    this.#depth += 1;
    if (this.#depth > MAX_JSON_DEPTH + 1) throw invalid("One pair nests too deeply.");
  }

  #hold(text: Uint8Array): void {
    this.#heldBytes += text.byteLength;
    if (this.#heldBytes > this.#limits.maxElementBytes) throw tooLarge("One pair", this.#limits.maxElementBytes);
    if (text.byteLength > 0) this.#held.push(text);
  }

  /** At the comma or the bracket that ends an element; an empty array has none. */
  #finish(byte: number): JsonElement | undefined {
    const bytes = this.#heldBytes;
    const text = decode(concat(this.#held, bytes));
    this.#held = [];
    this.#heldBytes = 0;
    const isEmptyArray = this.#place === "first" && byte === CLOSE && !/[^ \n\r\t]/.test(text);
    this.#place = byte === CLOSE ? "after" : "element";
    if (isEmptyArray) return undefined;
    this.#count += 1;
    if (this.#count > this.#limits.maxElements)
      throw invalid(`At most ${this.#limits.maxElements} elements are allowed.`);
    try {
      return { value: JSON.parse(text) as unknown, bytes };
    } catch {
      throw notJson();
    }
  }
}

function decode(bytes: Uint8Array): string {
  try {
    // Each element is decoded on its own: a mark of the byte order would vanish from the beginning of each.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw notJson();
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function notJson() {
  return invalid("The request body is not a JSON array.");
}

function tooLarge(what: string, bytes: number) {
  return invalid(`${what} exceeds ${bytes} bytes.`, 413);
}

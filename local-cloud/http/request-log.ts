import type { Fault } from "./faults.ts";

/** One call that an emulator received. Held in memory only: bodies can hold secrets. */
export interface LoggedRequest {
  readonly vendor: "cloudflare" | "github" | "render" | "upstash";
  readonly method: string;
  /** Path with query, as received. */
  readonly path: string;
  /** Parsed JSON, or `null` where there was no JSON body. */
  readonly request: unknown;
  /** What was answered, or would have been where the answer was lost; 0 where the call was dropped before its effect. */
  readonly status: number;
  /** Parsed JSON, or `null` where the answer had no JSON body. */
  readonly response: unknown;
  /** What went wrong on purpose. */
  readonly fault?: Fault["kind"];
}

/** Larger bodies stay out of the log, so that ten thousand entries cannot fill the memory. */
export const MAX_LOGGED_BYTES = 1024 * 1024;

/** A JSON text for the log, or `null` where it is too large to keep. */
export function loggedJson(text: string): unknown {
  return text.length > MAX_LOGGED_BYTES ? null : (JSON.parse(text) as unknown);
}

/** The calls that an emulator received, oldest first; bounded, so that a long-lived local cloud does not grow. */
export class RequestLog {
  readonly #capacity: number;
  #entries: LoggedRequest[] = [];

  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  add(entry: LoggedRequest): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.#capacity) this.#entries.shift();
  }

  get entries(): readonly LoggedRequest[] {
    return this.#entries;
  }

  /** Takes all entries out. */
  drain(): readonly LoggedRequest[] {
    const drained = this.#entries;
    this.#entries = [];
    return drained;
  }
}

/** One call that an emulator answered. Held in memory only: bodies can hold secrets. */
export interface LoggedRequest {
  readonly vendor: "cloudflare" | "render";
  readonly method: string;
  /** Path with query, as received. */
  readonly path: string;
  /** Parsed JSON, or `null` where there was no JSON body. */
  readonly request: unknown;
  readonly status: number;
  /** Parsed JSON, or `null` where the answer had no JSON body. */
  readonly response: unknown;
}

/** The calls that an emulator answered, oldest first; bounded, so that a long-lived local cloud does not grow. */
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

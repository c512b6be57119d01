import { KvError } from "./kv-error.ts";

/** Calls that fail in a row until the next ones are not made. */
const THRESHOLD = 10;
const OPEN_MS = 2000;

/** Keeps an endpoint that fails from being asked by everybody at once: one call in two seconds tries it. */
export class Circuit {
  readonly #elapsed: () => number;
  #failures = 0;
  #openUntil = 0;

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** To be called before each call. @throws KvError CIRCUIT_OPEN */
  enter(): void {
    if (this.#failures < THRESHOLD) return;
    const now = this.#elapsed();
    if (now < this.#openUntil) {
      throw new KvError(
        "CIRCUIT_OPEN",
        `${String(this.#failures)} calls in a row failed: the endpoint is left alone for a moment.`,
      );
    }
    // This call tries it; the others wait for what comes of it.
    this.#openUntil = now + OPEN_MS;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures += 1;
    if (this.#failures >= THRESHOLD) this.#openUntil = this.#elapsed() + OPEN_MS;
  }
}

/**
 * One stroke of Ctrl-C may come twice: a terminal sends it to every process, and the one that started this one on another
 * Node.js hands it on. Nobody strikes it twice so soon.
 */
const SAME_STROKE_MS = 250;

/** What interrupts do: the first one asks the run to end, a second one does not wait for that. */
export class Interrupts {
  readonly #controller = new AbortController();
  readonly #exit: () => void;
  readonly #now: () => number;
  #struckAt = Number.NEGATIVE_INFINITY;

  /** `now`: milliseconds on a clock that does not step. */
  constructor(exit: () => void, now: () => number = () => performance.now()) {
    this.#exit = exit;
    this.#now = now;
  }

  /** Aborted by the first one. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A SIGINT. */
  strike(): void {
    const now = this.#now();
    if (now - this.#struckAt < SAME_STROKE_MS) return;
    this.#struckAt = now;
    if (this.signal.aborted) this.#exit();
    else this.#controller.abort();
  }

  /** A SIGTERM or SIGHUP: whoever sends it waits, and then sends SIGKILL. */
  end(): void {
    this.#controller.abort();
  }
}

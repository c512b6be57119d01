export interface GateCounts {
  /** Requests that waited for an exchange. */
  readonly held: number;
  /** Requests that came through. */
  readonly served: number;
}

/** Says that more requests wait than one Worker may have waiting. */
export class TooManyHeld extends Error {
  override readonly name = "TooManyHeld";
}

const MAX_WAITING = 1000;

/** Where the requests to one Worker pass, or wait while its version is exchanged. */
export class Gate {
  #running = 0;
  #isClosed = false;
  readonly #waiting: (() => void)[] = [];
  #onIdle: (() => void) | undefined;
  #held = 0;
  #served = 0;

  get counts(): GateCounts {
    return { held: this.#held, served: this.#served };
  }

  /** Resolves when the request may go on, with what to call at its end. Throws `TooManyHeld`. */
  async enter(): Promise<() => void> {
    if (this.#isClosed) {
      if (this.#waiting.length >= MAX_WAITING) throw new TooManyHeld();
      this.#held += 1;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
    this.#served += 1;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#running -= 1;
      if (this.#running === 0) this.#onIdle?.();
    };
  }

  /** Holds what comes from now on; resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    this.#onIdle = undefined;
  }

  open(): void {
    this.#isClosed = false;
    for (const goOn of this.#waiting.splice(0)) goOn();
  }
}

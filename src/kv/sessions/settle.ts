/** Tells a callback of Node's form what came of a piece of work. */
export function settle<Result>(
  done: ((error: unknown, result?: Result) => void) | undefined,
  work: () => Promise<Result>,
): void {
  void (async () => {
    let outcome: readonly [error: unknown, result?: Result];
    try {
      outcome = [null, await work()];
    } catch (error) {
      outcome = [error];
    }
    // Not in the `try`: what the caller throws is no failure of the store.
    done?.(...outcome);
  })();
}

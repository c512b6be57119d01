/**
 * Works through the items, so many at once, each begun in their order. A failure ends the call: what runs goes on, and
 * nothing more is begun.
 */
export async function inLanes<Item>(
  items: Iterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  // One iterator for all: each item goes to the lane that is free next.
  const waiting = items[Symbol.iterator]();
  const rest = { [Symbol.iterator]: () => ({ next: () => waiting.next() }) };
  let hasFailed = false;
  const lane = async (): Promise<void> => {
    for (const item of rest) {
      try {
        await work(item);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
      if (hasFailed) return;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

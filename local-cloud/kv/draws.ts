import type { RandomBytes } from "../../src/core/random.ts";

/** Both ends belong to it. Whole milliseconds, not below 0. */
export interface DelayRange {
  readonly minMs: number;
  readonly maxMs: number;
}

/** What chance decides in the simulation. The same bytes give the same decisions. */
export class Draws {
  readonly #random: RandomBytes;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  /** Milliseconds; every one of the range is as likely as the others. */
  delay({ minMs, maxMs }: DelayRange): number {
    const bytes = this.#random(4);
    const fraction = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
    return minMs + Math.floor(fraction * (maxMs - minMs + 1));
  }

  /** One of two ways, equally likely. */
  isHeads(): boolean {
    return this.delay({ minMs: 0, maxMs: 1 }) === 1;
  }
}

export function assertDelayRange(name: string, { minMs, maxMs }: DelayRange): void {
  if (Number.isSafeInteger(minMs) && Number.isSafeInteger(maxMs) && minMs >= 0 && maxMs >= minMs) return;
  throw new RangeError(`${name} is ${minMs} to ${maxMs}: whole milliseconds with 0 <= minMs <= maxMs are needed.`);
}

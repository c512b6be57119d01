/** Randomness as kvshift sees it; tests pass a seeded one. */
export type RandomBytes = (length: number) => Uint8Array;

/** Unpredictable bytes of the platform. */
export const systemRandom: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));

/** `length` lower-case hexadecimal digits. */
export function randomHex(random: RandomBytes, length: number): string {
  return Buffer.from(random(Math.ceil(length / 2)))
    .toString("hex")
    .slice(0, length);
}

import type { RandomBytes } from "../../../src/core/random.ts";

/** Characters of one kind, and how many of them a password has at least. */
export interface CharacterClass {
  readonly characters: string;
  readonly minimum: number;
}

/** `length` characters of the classes, each class at least as often as it wants, in no order. */
export function drawPassword(random: RandomBytes, length: number, classes: readonly CharacterClass[]): string {
  const wanted = classes.flatMap(({ characters, minimum }) => draw(random, characters, minimum));
  const all = classes.map(({ characters }) => characters).join("");
  return shuffled(random, [...wanted, ...draw(random, all, length - wanted.length)]).join("");
}

function draw(random: RandomBytes, characters: string, count: number): string[] {
  return Array.from({ length: count }, () => characters.charAt(drawBelow(random, characters.length)));
}

/** https://en.wikipedia.org/wiki/Fisher%E2%80%93Yates_shuffle */
function shuffled(random: RandomBytes, characters: readonly string[]): string[] {
  const result = [...characters];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = drawBelow(random, last + 1);
    [result[last], result[other]] = [result[other] ?? "", result[last] ?? ""];
  }
  return result;
}

const UINT32 = 2 ** 32;

/** A whole number from 0 to `bound` - 1, each as likely: draws that would favour the low ones are thrown away. */
function drawBelow(random: RandomBytes, bound: number): number {
  const limit = UINT32 - (UINT32 % bound);
  for (;;) {
    const drawn = new DataView(Uint8Array.from(random(4)).buffer).getUint32(0);
    if (drawn < limit) return drawn % bound;
  }
}

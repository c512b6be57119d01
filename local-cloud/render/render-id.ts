import type { RandomBytes } from "../../src/core/random.ts";

const ID_ALPHABET = "0123456789abcdefghijklmnopqrstuv";
const ID_CHARACTERS = 20;

/** `length` characters of the alphabet of Render's ids (that of xid: https://github.com/rs/xid). */
export function randomCharacters(random: RandomBytes, length: number): string {
  return [...random(length)].map((byte) => ID_ALPHABET.charAt(byte % ID_ALPHABET.length)).join("");
}

/** An id in Render's form: a prefix and 20 lower-case characters. */
export function renderId(prefix: "evg" | "dep" | "srv", random: RandomBytes): string {
  return `${prefix}-${randomCharacters(random, ID_CHARACTERS)}`;
}

import { scryptSync } from "node:crypto";

/** Of people who exist on this machine only. */
export const PASSWORD = "correct horse battery staple";
const SALT = "salt of the bench";
const HASH_BYTES = 32;
const BLOCK_SIZE = 8;

/** A password as `brainbot.passwords` keeps it. `cost`: scrypt's N, a power of two. */
export function passwordHash(cost: number): string {
  const hash = scryptSync(PASSWORD, SALT, HASH_BYTES, { N: cost, r: BLOCK_SIZE, p: 1, maxmem: cost * 2048 });
  const texts = [Buffer.from(SALT), hash].map((bytes) => bytes.toString("base64"));
  return ["scrypt", String(cost), String(BLOCK_SIZE), "1", ...texts].join("$");
}

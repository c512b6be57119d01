import { crc32 } from "node:zlib";

import { randomHex, type RandomBytes } from "../../src/core/random.ts";

const OBJECT_ID = /^[0-9a-f]{32}$/;
const TOKEN_BODY_BYTES = 30;

/** Ids of accounts, namespaces, tokens, policies and Workers: 32 hexadecimal digits. */
export function newObjectId(random: RandomBytes): string {
  return randomHex(random, 32);
}

export function isObjectId(text: string): boolean {
  return OBJECT_ID.test(text);
}

/** Ids of Worker versions and deployments. */
export function newUuid(random: RandomBytes): string {
  const hex = randomHex(random, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/**
 * The value of a token: prefix by kind, 40 characters, a checksum of eight.
 * https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/
 */
export function newTokenValue(kind: "account" | "user", random: RandomBytes): string {
  const body = Buffer.from(random(TOKEN_BODY_BYTES)).toString("base64url");
  const prefix = kind === "account" ? "cfat_" : "cfut_";
  return `${prefix}${body}${crc32(body).toString(16).padStart(8, "0")}`;
}

import { createHash, timingSafeEqual } from "node:crypto";

import type { Secret } from "../../src/core/secret.ts";

const BEARER = /^Bearer +(\S+)$/i;

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Whether an `Authorization` header carries the key. Digests are compared, so that time tells nothing. */
export function carriesKey(authorization: string | null, key: Secret): boolean {
  const presented = BEARER.exec(authorization ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(presented), digest(key.reveal()));
}

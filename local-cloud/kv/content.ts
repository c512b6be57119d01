/** What one write puts under a key. */
export interface Content {
  readonly value: Uint8Array;
  /** JSON text; `undefined`: none. */
  readonly metadata: string | undefined;
  /** Seconds since the epoch; `undefined`: never. */
  readonly expiration: number | undefined;
}

/** Milliseconds since the epoch from which nobody may see it any more; `Infinity` without an expiration. */
export function endOf({ expiration }: Content): number {
  return expiration === undefined ? Number.POSITIVE_INFINITY : expiration * 1000;
}

/** All of `chunks` in one array. */
export function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const all = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}

/** Where `pattern` begins in `bytes`, from `start` on; -1: nowhere. */
export function indexOf(bytes: Uint8Array, pattern: Uint8Array, start: number): number {
  const [first] = pattern;
  if (first === undefined) return start;
  for (let at = bytes.indexOf(first, start); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (at + pattern.length > bytes.length) return -1;
    let matched = 1;
    while (matched < pattern.length && bytes[at + matched] === pattern[matched]) matched += 1;
    if (matched === pattern.length) return at;
  }
  return -1;
}

/** Compares every byte whatever the earlier ones are, so that the time tells nothing about where they differ. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= (a[index] ?? 0) ^ (b[index] ?? 0);
  return difference === 0;
}

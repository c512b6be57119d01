const encoder = new TextEncoder();

/** Goes into the name of every object: another way to spread keys would look for them elsewhere. */
export const SHARD_MAP_VERSION = 1;

/** Name of the object that holds a part of a namespace. */
export function shardName(namespaceId: string, shard: number): string {
  return `v${SHARD_MAP_VERSION}/${namespaceId}/${shard}`;
}

/**
 * The shard of a key, 0 to `shards` - 1: FNV-1a over its UTF-8 bytes, then the finalizer of MurmurHash3, because the
 * low bits of FNV alone are spread badly. Never to be changed without a new `SHARD_MAP_VERSION`.
 */
export function shardOf(key: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) % shards;
}

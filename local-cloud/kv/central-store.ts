import type { Clock } from "../../src/core/clock.ts";
import { compareAsUtf8 } from "../../src/core/utf8-order.ts";
import { type Content, endOf } from "./content.ts";
import type { DelayRange, Draws } from "./draws.ts";

/** How long lists iterate over a key that is gone. Cloudflare says "recently" and no number: assumed. */
const TOMBSTONE_MS = 60_000;
const WRITE_INTERVAL_MS = 1000;

/** One accepted write. Times are in milliseconds since the epoch, one for each location. */
interface Version {
  /** `undefined`: deleted. */
  readonly content: Content | undefined;
  readonly acceptedAt: number;
  readonly readableFrom: readonly number[];
  readonly listedFrom: readonly number[];
  /** From here on no location can see an older version. */
  readonly settledFrom: number;
}

interface CentralStoreOptions {
  readonly clock: Clock;
  readonly draws: Draws;
  readonly locationCount: number;
  readonly propagation: DelayRange;
  readonly listLag: DelayRange;
}

export interface ListedRecord {
  readonly name: string;
  /** `undefined`: a tombstone. */
  readonly content: Content | undefined;
}

/** The central stores: every accepted write of a key, for as long as some location may still see it. */
export class CentralStore {
  readonly #options: CentralStoreOptions;
  /** Of each key at least one version, in the order in which they were accepted. */
  readonly #versions = new Map<string, readonly Version[]>();
  /** Names in order, kept between the pages of a list until a name comes or goes. */
  #sortedNames: readonly string[] | undefined;

  constructor(options: CentralStoreOptions) {
    this.#options = options;
  }

  /** Whether the key was written less than a second ago. */
  isTooSoon(key: string): boolean {
    const newest = this.#versions.get(key)?.at(-1);
    return newest !== undefined && this.#now() - newest.acceptedAt < WRITE_INTERVAL_MS;
  }

  /** Takes a write of `location`; `undefined` deletes. */
  accept(key: string, content: Content | undefined, location: number): void {
    const now = this.#now();
    const { draws, locationCount, propagation, listLag } = this.#options;
    const locations = Array.from({ length: locationCount }, (_, index) => index);
    const readableFrom = locations.map((at) => (at === location ? now : now + draws.delay(propagation)));
    const listedFrom = locations.map(() => now + draws.delay(listLag));
    const settledFrom = Math.max(...readableFrom, ...listedFrom);
    const older = this.#versions.get(key) ?? [];
    if (older.length === 0) this.#sortedNames = undefined;
    const settled = older.findLastIndex((version) => version.settledFrom <= now);
    const visible = older.slice(Math.max(settled, 0));
    this.#versions.set(key, [...visible, { content, acceptedAt: now, readableFrom, listedFrom, settledFrom }]);
  }

  /** What a read of `location` finds that no cache answers. */
  read(key: string, location: number): Content | undefined {
    const now = this.#now();
    const content = this.#versions
      .get(key)
      ?.findLast((version) => isReached(version.readableFrom, location, now))?.content;
    return content !== undefined && now < endOf(content) ? content : undefined;
  }

  /** What lists of `location` go through, tombstones among it, in the order of UTF-8 bytes. */
  *scan(location: number, range: { prefix: string; after: string | undefined }): Generator<ListedRecord> {
    const now = this.#now();
    this.#removeForgotten(now);
    for (const name of this.#namesInOrder()) {
      if (range.after !== undefined && compareAsUtf8(name, range.after) <= 0) continue;
      if (!name.startsWith(range.prefix)) continue;
      const version = this.#versions.get(name)?.findLast((version) => isReached(version.listedFrom, location, now));
      if (version === undefined) continue;
      const gone = goneFrom(version);
      if (now < gone) yield { name, content: version.content };
      else if (now < Math.max(gone, version.listedFrom[location] ?? 0) + TOMBSTONE_MS)
        yield { name, content: undefined };
    }
  }

  #removeForgotten(now: number): void {
    for (const [name, versions] of this.#versions) {
      const newest = versions.at(-1);
      if (newest === undefined || now < Math.max(newest.settledFrom, goneFrom(newest)) + TOMBSTONE_MS) continue;
      this.#versions.delete(name);
      this.#sortedNames = undefined;
    }
  }

  #namesInOrder(): readonly string[] {
    this.#sortedNames ??= [...this.#versions.keys()].toSorted(compareAsUtf8);
    return this.#sortedNames;
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

function isReached(times: readonly number[], location: number, now: number): boolean {
  return (times[location] ?? Number.POSITIVE_INFINITY) <= now;
}

/** When the key is gone: at once if deleted, else where it ends. */
function goneFrom({ content, acceptedAt }: Version): number {
  return content === undefined ? acceptedAt : endOf(content);
}

import type { Clock } from "../../src/core/clock.ts";
import type { RandomBytes } from "../../src/core/random.ts";
import type { KvBinding } from "../../src/core/kv-binding.ts";
import { CentralStore } from "./central-store.ts";
import { assertDelayRange, type DelayRange, Draws } from "./draws.ts";
import { LocationBinding, type OperationCounts } from "./location-binding.ts";

/** Cloudflare: list changes show after "up to 60 seconds". */
const DOCUMENTED_LIST_LAG: DelayRange = { minMs: 0, maxMs: 60_000 };
const NO_LAG: DelayRange = { minMs: 0, maxMs: 0 };

export interface SimulatedKvOptions {
  readonly clock: Clock;
  /** Seeded: equal bytes, equal calls and equal times give equal answers. */
  readonly random: RandomBytes;
  readonly locations: readonly string[];
  /** From a write until reads elsewhere see it that no cache answers. */
  readonly propagation: DelayRange;
  /** From a write until lists see it. Default: 0 to 60 s, and none where `propagation` has none. */
  readonly listLag?: DelayRange;
}

/**
 * One KV namespace as Cloudflare describes its network: a central store, and locations with a cache each. Nothing
 * waits: the clock that is passed in decides what a call sees. `[assumed]` marks what no document says.
 *
 * Reads: https://developers.cloudflare.com/kv/api/read-key-value-pairs/#cachettl-parameter
 * - A location answers from its copy while that is younger than `cacheTtl`: 60 s by default, 30 s at least
 *   (https://developers.cloudflare.com/changelog/2026-01-30-kv-reduced-minimum-cachettl/).
 * - A read with a lower `cacheTtl` shortens the life of the copy, and looks for newer data if it is older than that. A
 *   higher one does not lengthen it [assumed].
 * - That a key is missing is cached as well: https://developers.cloudflare.com/kv/concepts/how-kv-works/#performance
 *
 * Writes: https://developers.cloudflare.com/kv/concepts/how-kv-works/#consistency
 * - The location of a write sees it at once: its copy is replaced or dropped, by chance [assumed]. Cloudflare says
 *   "usually" and that nobody may rely on it; this model is kinder.
 * - Copies elsewhere stay. Reads elsewhere that find no copy see the write after a delay of its own for each location.
 *   Cloudflare publishes no such delay; `propagation` stands for it and for the tiers between a location and the
 *   central stores. Copies are not renewed in the background, which could only make answers fresher.
 * - The last write wins (https://developers.cloudflare.com/kv/api/write-key-value-pairs/), by the order of acceptance
 *   [assumed]. A stream is read whole before its write is accepted; if it fails, nothing is written [assumed].
 * - One key takes one write a second, from whatever location
 *   (https://developers.cloudflare.com/kv/api/write-key-value-pairs/#limits-to-kv-writes-to-the-same-key). That a
 *   delete counts as a write, that refused writes do not, and that the second slides are [assumed].
 * - Deletes are seen as late as other writes: https://developers.cloudflare.com/kv/api/delete-key-value-pairs/
 *
 * Expiry: https://developers.cloudflare.com/kv/api/write-key-value-pairs/#expiring-keys
 * - A pair is gone from the second of its expiration on, whatever `cacheTtl` says; a copy that ends is no answer, so the
 *   read goes to the central store [assumed]. `expirationTtl` counts from the second in which `put` is called [assumed],
 *   and wins over `expiration`: https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/bulk_update/
 *
 * Lists: https://developers.cloudflare.com/kv/api/list-keys/
 * - Names in the order of their UTF-8 bytes, 1,000 a page at most; cursors are opaque and carry no prefix.
 * - A change shows after a delay of its own of up to 60 s, at its own location as well [assumed].
 * - A key that ended or was deleted is gone through for another 60 s [assumed]; a page may end there, by chance, so that
 *   it may be empty with `list_complete: false`.
 *
 * Limits: https://developers.cloudflare.com/kv/platform/limits/. A bulk read is one operation
 * (https://developers.cloudflare.com/kv/reference/faq/). The messages are those of the runtime and of Miniflare 4; that
 * of the 429 is Cloudflare's, that of a broken cursor is ours.
 *
 * So a read is stale for less than its `cacheTtl` and the longest `propagation`; the real one has no published bound.
 * With one location and a `propagation` of 0 to 0 nothing is ever stale: reads see every write, and lists do too.
 * With more locations, a copy elsewhere is stale for up to its `cacheTtl` even then.
 */
export class SimulatedKv {
  readonly #bindings: ReadonlyMap<string, KvBinding>;
  readonly #operations: OperationCounts = { get: 0, bulkGet: 0, put: 0, delete: 0, list: 0 };

  /** Throws a `RangeError` for a delay that is none, and for locations that are none or not distinct. */
  constructor({ clock, random, locations, propagation, listLag }: SimulatedKvOptions) {
    const lag = listLag ?? (propagation.maxMs === 0 ? NO_LAG : DOCUMENTED_LIST_LAG);
    assertDelayRange("propagation", propagation);
    assertDelayRange("listLag", lag);
    if (locations.length === 0 || new Set(locations).size < locations.length) {
      throw new RangeError("locations must be one or more distinct names.");
    }
    const draws = new Draws(random);
    const central = new CentralStore({ clock, draws, locationCount: locations.length, propagation, listLag: lag });
    const operations = this.#operations;
    this.#bindings = new Map(
      locations.map((name, location) => [name, new LocationBinding({ clock, draws, central, location, operations })]),
    );
  }

  /** The binding as Workers at that location have it; the same object each time. */
  at(location: string): KvBinding {
    const binding = this.#bindings.get(location);
    if (binding !== undefined) return binding;
    throw new RangeError(`"${location}" is none of the locations ${[...this.#bindings.keys()].join(", ")}.`);
  }

  /** Calls so far. */
  get operations(): Readonly<OperationCounts> {
    return { ...this.#operations };
  }
}

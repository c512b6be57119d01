"""Answers from the memory of this process, bounded in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from .effects import Place
from .errors import KvError
from .flights import Flights, Flying
from .near_options import NearCacheOptions, NearCacheStats
from .value_store import Entry
from .world import World

V = TypeVar("V")

_MISS_SHARE = 10
# What an entry takes beside its key and value.
_OVERHEAD_BYTES = 256
# Stands for a value that is made anew of its bytes for each who asks: nobody's changes are another one's.
_HOLLOW: Final[Any] = object()
_IMMUTABLE = (str, bytes, int, float, bool, type(None))


@dataclass(frozen=True)
class Kept(Generic[V]):
    """An answer in memory; without an entry: that there is none. Times by `World.elapsed_ms`."""

    entry: Entry[V] | None
    size: int
    fresh_until_ms: float
    stale_until_ms: float
    error_until_ms: float

    def has_ended(self, now_ms: float) -> bool:
        """Whether the pair itself is over."""
        end = None if self.entry is None else self.entry.expires_at_ms
        return end is not None and now_ms >= end


@dataclass(frozen=True)
class Look(Generic[V]):
    """What memory says: `fresh`, `stale` (may be given while another one is fetched) or `missing`."""

    state: str
    kept: Kept[V] | None


class NearCache(Generic[V]):
    """For threads and for asyncio. What this process writes, it sees at once.

    `own_seconds`: for how long KV may give an older value than this process wrote. `thaw` makes a value of its bytes.
    """

    def __init__(
        self,
        options: NearCacheOptions,
        own_seconds: float,
        world: World,
        thaw: Callable[[bytes, int | None], V],
    ) -> None:
        miss_ttl = options.ttl_seconds / _MISS_SHARE if options.miss_ttl_seconds is None else options.miss_ttl_seconds
        on_error = options.stale_seconds if options.stale_on_error_seconds is None else options.stale_on_error_seconds
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Kept[V]] = OrderedDict()
        self._loads: Flights[Entry[V] | None] = Flights()
        self._world = world
        self._thaw = thaw
        self._share = options.share
        self._max_bytes = options.max_bytes
        self._bytes = 0
        self._ttl_ms = options.ttl_seconds * 1000
        self._miss_ttl_ms = miss_ttl * 1000
        self._stale_ms = options.stale_seconds * 1000
        self._error_ms = max(options.stale_seconds, on_error) * 1000
        self._own_ms = own_seconds * 1000
        # How many writes began or ended.
        self._writes = 0
        self._counts = {"hits": 0, "misses": 0, "stale": 0, "stale_on_error": 0, "joined": 0}

    @property
    def stats(self) -> NearCacheStats:
        """What it did so far."""
        with self._lock:
            return NearCacheStats(**self._counts, entries=len(self._kept), bytes=self._bytes)

    def value_of(self, entry: Entry[V]) -> V:
        """The value for one who asks."""
        return self._thaw(entry.encoded, entry.value_version) if entry.value is _HOLLOW else entry.value

    def hollowed(self, entry: Entry[V]) -> Entry[V]:
        """An entry that many may have."""
        if self._share or type(entry.value) in _IMMUTABLE or entry.value is _HOLLOW:
            return entry
        return replace(entry, value=_HOLLOW)

    def look(self, key: str) -> Look[V]:
        """What is known of a key; counts it."""
        with self._lock:
            kept = self._kept.get(key)
            now_ms = self._world.elapsed_ms()
            if kept is not None:
                self._kept.move_to_end(key)
                if not kept.has_ended(self._world.now_ms()):
                    if now_ms < kept.fresh_until_ms:
                        self._counts["hits"] += 1
                        return Look("fresh", kept)
                    if now_ms < kept.stale_until_ms:
                        self._counts["stale"] += 1
                        return Look("stale", kept)
            self._counts["misses"] += 1
            return Look("missing", kept)

    def peek(self, key: str) -> Kept[V] | None:
        """What is fresh in memory, for reads of many."""
        with self._lock:
            kept = self._kept.get(key)
            now_ms = self._world.elapsed_ms()
            if kept is None or now_ms >= kept.fresh_until_ms or kept.has_ended(self._world.now_ms()):
                return None
            self._counts["hits"] += 1
            return kept

    def instead(self, kept: Kept[V] | None, error: KvError) -> Kept[V] | None:
        """The old answer, where KV failed and it may still be given."""
        if kept is None or not error.retryable or kept.has_ended(self._world.now_ms()):
            return None
        if self._world.elapsed_ms() >= kept.error_until_ms:
            return None
        with self._lock:
            self._counts["stale_on_error"] += 1
        return kept

    def begin(self, key: str, place: Place) -> tuple[Flying[Entry[V] | None], bool]:
        """The read of a key that is under way, or a new one: then it is the caller's to start."""
        with self._lock:
            load, is_mine = self._loads.begin(key, place)
            self._counts["joined"] += not is_mine
            return load, is_mine

    def loaded(self, key: str, load: Flying[Entry[V] | None], entry: Entry[V] | None) -> None:
        """What a read has found."""
        with self._lock:
            if not load.is_overtaken:
                self._keep_read(key, entry)

    def ended(self, key: str, load: Flying[Entry[V] | None]) -> None:
        """A read is over, whatever came of it."""
        self._loads.ended(key, load)

    def writing(self, key: str) -> None:
        """To be called before a write: what is being read is from before it."""
        with self._lock:
            self._overtake(key)

    def wrote(self, key: str, entry: Entry[V] | None) -> None:
        """What this process has written, or deleted (`None`)."""
        with self._lock:
            # Reads that began while the write was under way may have seen what was there before.
            self._overtake(key)
            self._keep(key, entry, max(self._own_ms, self._miss_ttl_ms if entry is None else self._ttl_ms))

    def reading(self) -> Callable[[str, Entry[V] | None], None]:
        """To be called before a read outside this cache; what it gives is to be told what that read has seen."""
        began = self._writes

        def saw(key: str, entry: Entry[V] | None) -> None:
            with self._lock:
                kept = self._kept.get(key)
                is_fresh = kept is not None and self._world.elapsed_ms() < kept.fresh_until_ms
                # Any write since: what was seen may be from before it.
                if began == self._writes and key not in self._loads and not is_fresh:
                    self._keep_read(key, entry)

        return saw

    def forget(self, key: str) -> None:
        """What is kept of a key is not to be relied on."""
        with self._lock:
            self._overtake(key)
            self._drop(key)

    def failed_to_write(self, keys: Sequence[str], error: BaseException) -> None:
        """What was there before is still there, unless nobody knows."""
        if not isinstance(error, KvError) or error.is_outcome_unknown:
            for key in keys:
                self.forget(key)

    def _overtake(self, key: str) -> None:
        self._writes += 1
        self._loads.overtake(key)

    def _keep_read(self, key: str, entry: Entry[V] | None) -> None:
        self._keep(key, entry, self._miss_ttl_ms if entry is None else self._ttl_ms)

    def _keep(self, key: str, entry: Entry[V] | None, ttl_ms: float) -> None:
        self._drop(key)
        # The characters of a key take four bytes at most.
        size = _OVERHEAD_BYTES + len(key) * 4 + (0 if entry is None else len(entry.encoded))
        if size > self._max_bytes:
            return
        fresh_until_ms = self._world.elapsed_ms() + ttl_ms
        is_missing = entry is None
        self._kept[key] = Kept(
            entry=None if entry is None else self.hollowed(entry),
            size=size,
            fresh_until_ms=fresh_until_ms,
            stale_until_ms=fresh_until_ms + (0 if is_missing else self._stale_ms),
            error_until_ms=fresh_until_ms + (0 if is_missing else self._error_ms),
        )
        self._bytes += size
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= kept.size

"""Namespaces for threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar, overload

from .drive_sync import SyncDriver
from .effects import Program
from .environment import Consistency, NamespaceSettings
from .expiry import Expiry
from .namespace_core import ListedEntry, NamespaceCore
from .near_options import NearCacheStats
from .strong_core import ConditionalWrite, StrongCore
from .value_store import Entry, WriteFields
from .warm_core import Warming, WarmOptions, WarmResult
from .wrap_core import OnError, WrapOptions, Wrapping

V = TypeVar("V")
D = TypeVar("D")


class Namespace(Generic[V]):
    """The keys of one namespace. On an `eventual` one a read may be old.

    Nothing but the near cache promises that a process sees its own writes. Every method raises KvError;
    `deadline_seconds` is for the whole call with all requests that it takes. Made by `Kv.namespace`.
    """

    def __init__(self, core: NamespaceCore[V], driver: SyncDriver) -> None:
        #: For the library's own parts.
        self.core = core
        self.driver = driver
        self._wrapping = Wrapping(core)

    @property
    def name(self) -> str:
        """As the environment calls it."""
        return self.core.store.settings.name

    @property
    def consistency(self) -> Consistency:
        """Its class."""
        return self.core.store.settings.consistency

    @property
    def settings(self) -> NamespaceSettings:
        """As the environment describes it."""
        return self.core.store.settings

    @property
    def stats(self) -> NearCacheStats | None:
        """What the near cache did; `None` where there is none."""
        return None if self.core.near is None else self.core.near.stats

    @overload
    def get(self, key: str, *, deadline_seconds: float | None = None) -> V | None: ...
    @overload
    def get(self, key: str, default: D, *, deadline_seconds: float | None = None) -> V | D: ...
    def get(self, key: str, default: Any = None, *, deadline_seconds: float | None = None) -> Any:
        """The value of a key; `default` where there is none."""
        return self.driver.run(self.core.get(key, default, self.core.call(deadline_seconds)))

    def get_entry(self, key: str, *, deadline_seconds: float | None = None) -> Entry[V] | None:
        """The value with what is known of its pair. Always asks KV: what it says is for a write that follows."""
        return self.driver.run(self.core.get_entry(key, self.core.call(deadline_seconds)))

    def get_many(self, keys: Iterable[str], *, deadline_seconds: float | None = None) -> dict[str, V]:
        """The values of keys, in as few requests as possible; keys that are not there are not in the result."""
        return self.driver.run(self.core.get_many(keys, self.core.call(deadline_seconds)))

    def put(
        self,
        key: str,
        value: V,
        *,
        ttl_seconds: int | None = None,
        expires_at: datetime | None = None,
        metadata: Any = None,
        deadline_seconds: float | None = None,
    ) -> None:
        """Writes a value. Without a lifetime it gets the namespace's default.

        Raises VALUE_NOT_ENCODABLE, VALUE_TOO_LARGE, METADATA_TOO_LARGE, EXPIRY_UNSUPPORTED: nothing was written.
        """
        fields = WriteFields(Expiry(ttl_seconds, expires_at), metadata)
        self.driver.run(self.core.put(key, value, fields, self.core.call(deadline_seconds)))

    def put_many(
        self,
        pairs: Mapping[str, V] | Iterable[tuple[str, V]],
        *,
        ttl_seconds: int | None = None,
        expires_at: datetime | None = None,
        metadata: Any = None,
        deadline_seconds: float | None = None,
    ) -> None:
        """Writes many pairs with the same end. Raises INCOMPLETE with the keys that were not written."""
        fields = WriteFields(Expiry(ttl_seconds, expires_at), metadata)
        self.driver.run(self.core.put_many(pairs, fields, self.core.call(deadline_seconds)))

    def delete(self, key: str, *, deadline_seconds: float | None = None) -> None:
        """Also what is not there."""
        self.driver.run(self.core.delete(key, self.core.call(deadline_seconds)))

    def delete_many(self, keys: Iterable[str], *, deadline_seconds: float | None = None) -> None:
        """Raises INCOMPLETE with the keys that were not deleted."""
        self.driver.run(self.core.delete_many(keys, self.core.call(deadline_seconds)))

    def list(self, prefix: str | None = None, *, deadline_seconds: float | None = None) -> Iterator[ListedEntry]:
        """Keys in the order of their UTF-8 bytes.

        A page is fetched, within the deadline, when the one before is used up.
        """
        cursor: str | None = None
        while True:
            call = self.core.call(deadline_seconds)
            entries, cursor = self.driver.run(self.core.list_page(prefix, cursor, call))
            yield from entries
            if cursor is None:
                return

    def wrap(
        self,
        key: str,
        load: Callable[[str], V],
        *,
        ttl_seconds: int | None = None,
        stale_seconds: int = 0,
        on_error: OnError = "raise",
        lease_seconds: int | None = None,
        refresh: bool = False,
        metadata: Any = None,
        deadline_seconds: float | None = None,
    ) -> V:
        """The value of a key, or what `load(key)` makes, which is then kept: docs/python.md."""
        options = WrapOptions(ttl_seconds, stale_seconds, on_error, lease_seconds, refresh, metadata)
        return self.driver.run(self._wrapping.wrap(key, lambda: load(key), options, deadline_seconds))

    def warm(
        self,
        keys: Iterable[str],
        load: Callable[[str], V] | None = None,
        *,
        ttl_seconds: int | None = None,
        stale_seconds: int = 0,
        concurrency: int = 4,
        per_second: float | None = None,
        budget_seconds: float | None = None,
        on_progress: Callable[[WarmResult], None] | None = None,
    ) -> WarmResult:
        """Reads keys into the near cache; with `load`, makes what is missing. A key that fails stops no other."""
        core, options = self.core, WrapOptions(ttl_seconds, stale_seconds)

        def one(key: str) -> Program[Any]:
            if load is None:
                return core.entry(key, core.call(None))
            return self._wrapping.wrap(key, partial(load, key), options, None)

        bounds = WarmOptions(concurrency, per_second, budget_seconds, on_progress)
        return self.driver.run(Warming(keys, one, bounds, core.store.world).run())

    def collect_parts(self) -> int:
        """Removes the parts of split values that nothing refers to any more, once no reader can still see them.

        To be run once a day where values are split. Returns how many it removed.
        """
        return self.driver.run(self.core.collect_parts(lambda: self.core.call(None)))


class StrongNamespace(Namespace[V]):
    """A namespace in Durable Objects: reads see writes, deletes are immediate, one key takes many writes a second."""

    def __init__(self, core: StrongCore[V], driver: SyncDriver) -> None:
        super().__init__(core, driver)
        self._strong = core

    def put_if_absent(
        self,
        key: str,
        value: V,
        *,
        ttl_seconds: int | None = None,
        expires_at: datetime | None = None,
        metadata: Any = None,
        deadline_seconds: float | None = None,
    ) -> ConditionalWrite:
        """Writes where there is nothing."""
        fields = WriteFields(Expiry(ttl_seconds, expires_at), metadata)
        return self.driver.run(self._strong.put_if_absent(key, value, fields, self.core.call(deadline_seconds)))

    def put_if_unchanged(
        self,
        key: str,
        value: V,
        version: str,
        *,
        ttl_seconds: int | None = None,
        expires_at: datetime | None = None,
        metadata: Any = None,
        deadline_seconds: float | None = None,
    ) -> ConditionalWrite:
        """Writes where the pair still has the version that `get_entry` gave."""
        fields = WriteFields(Expiry(ttl_seconds, expires_at), metadata)
        call = self.core.call(deadline_seconds)
        return self.driver.run(self._strong.put_if_unchanged(key, value, version, fields, call))

    def increment(
        self, key: str, by: int = 1, *, ttl_seconds: int | None = None, deadline_seconds: float | None = None
    ) -> int:
        """Adds to a whole number; a key that is not there counts as 0, and gets the lifetime.

        Read it with the codec `json` or `text`. Raises REFUSED where the value is no whole number.
        """
        return self.driver.run(self._strong.increment(key, by, ttl_seconds, self.core.call(deadline_seconds)))

    def touch(
        self,
        key: str,
        *,
        ttl_seconds: int | None = None,
        expires_at: datetime | None = None,
        deadline_seconds: float | None = None,
    ) -> bool:
        """Changes when a pair ends and nothing else. Returns whether it is there."""
        expiry = Expiry(ttl_seconds, expires_at)
        return self.driver.run(self._strong.touch(key, expiry, self.core.call(deadline_seconds)))

    def get_and_delete(self, key: str, *, deadline_seconds: float | None = None) -> Entry[V] | None:
        """Hands a value of up to 1 MiB out to one caller only."""
        return self.driver.run(self._strong.get_and_delete(key, self.core.call(deadline_seconds)))

"""The value of a key, or what the application makes, which is then kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from .effects import Program, attempt, here, invoke, join, pause, start
from .errors import KvError
from .expiry import Expiry, ExpiryRules, StoredExpiry, expiry_of
from .flights import Flying
from .key import RESERVED, require_key
from .namespace_core import NamespaceCore
from .transport import WritePair, value_fields
from .value_store import Entry, WriteFields

V = TypeVar("V")
OnError: TypeAlias = Literal["raise", "stale"]

_LEASE_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class WrapOptions:
    """How a made value is kept."""

    #: How long the value is as good as new. Default: the namespace's default.
    ttl_seconds: int | None = None
    #: How much longer it may be handed out while a new one is made behind it.
    stale_seconds: int = 0
    #: What to do where it cannot be made and there is an old one: raise, or give the old one.
    on_error: OnError = "raise"
    #: On a strong namespace: let one process at a time make it. The others wait for so many seconds at most.
    lease_seconds: int | None = None
    #: Make it anew, whatever is there.
    refresh: bool = False
    #: The application's own metadata of the pair.
    metadata: Any = None


@dataclass(frozen=True)
class _Lease:
    """`version` of the pair that was written; `None`: nobody's."""

    key: str
    content: bytes
    version: str | None


class Wrapping(Generic[V]):
    """However many ask for a key, its value is made once in this process; with a lease, once in all of them."""

    def __init__(self, core: NamespaceCore[V]) -> None:
        self._core = core

    def wrap(
        self, key: str, load: Callable[[], Any], options: WrapOptions, deadline_seconds: float | None
    ) -> Program[V]:
        """`deadline_seconds`: of what is asked of KV before `load`; making takes the time that it takes."""
        core = self._core
        require_key(key)
        if options.lease_seconds is not None and not core.store.is_strong:
            raise KvError(
                "NOT_STRONG", "A lease needs a strong namespace: on an eventual one two processes could hold it."
            )
        # What could not be kept is not made either.
        expiry_of(self._lifetime(options), ExpiryRules(core.store.settings, core.store.world.now_ms()))
        found = yield from self._found(key, options, deadline_seconds)
        is_fresh = found is not None and _is_fresh(found, core.store.world.now_ms())
        if found is not None and is_fresh and not options.refresh:
            return core.value_of(found)
        # Old, but still good to be handed out while the new one is made behind it.
        is_behind = found is not None and not options.refresh
        # What is asked for anew is not what began before it was.
        making, is_mine = core.makings.begin(key, (yield from here()), is_anew=options.refresh)
        if is_mine:
            yield from start(self._make(key, load, options, making), making.flight, is_behind=is_behind)
        if found is not None and is_behind:
            return core.value_of(found)
        made = yield from attempt(join(making.flight, None))
        if made.error is not None and found is not None and options.on_error == "stale":
            return core.value_of(found)
        return self._value_of(made.unwrap())

    def _value_of(self, entry: Entry[V]) -> V:
        """Each of those who waited gets its own."""
        return self._core.store.thaw(entry.encoded, entry.value_version)

    def _found(self, key: str, options: WrapOptions, deadline_seconds: float | None) -> Program[Entry[V] | None]:
        try:
            return (yield from self._core.entry(key, self._core.call(deadline_seconds)))
        except KvError as error:
            # What cannot be read is made anew.
            if error.code not in ("VALUE_INVALID", "PART_MISSING") and not options.refresh:
                raise
        return None

    def _make(
        self, key: str, load: Callable[[], Any], options: WrapOptions, making: Flying[Entry[V]]
    ) -> Program[Entry[V]]:
        try:
            lease = None
            if options.lease_seconds is not None:
                lease = yield from self._lease_or_entry(key, options.lease_seconds, refresh=options.refresh)
                if isinstance(lease, Entry):
                    return lease
            try:
                return (yield from self._made(key, load, options, making))
            finally:
                if lease is not None:
                    yield from self._end(lease)
        finally:
            self._core.makings.ended(key, making)

    def _made(
        self, key: str, load: Callable[[], Any], options: WrapOptions, making: Flying[Entry[V]]
    ) -> Program[Entry[V]]:
        core = self._core
        value: V = yield from invoke(load)
        now_ms = core.store.world.now_ms()
        fields = WriteFields(
            expiry=self._lifetime(options),
            metadata=options.metadata,
            fresh_until_ms=now_ms + self._fresh_seconds(options) * 1000 if options.stale_seconds else None,
        )
        # What cannot be stored is the application's mistake, also where KV is away.
        encoded = core.store.options.codec.encode(value)
        outcome = yield from attempt(core.put_made(key, value, fields, making, core.call(None)))
        if outcome.error is not None and not (isinstance(outcome.error, KvError) and outcome.error.retryable):
            raise outcome.error
        # It was made, and is good for who asked, even if it could not be kept: the next one makes it again.
        return Entry(value, None, None, None, None, encoded, core.store.options.codec.version)

    def _fresh_seconds(self, options: WrapOptions) -> int:
        default = self._core.store.settings.default_ttl_seconds
        return default if options.ttl_seconds is None else options.ttl_seconds

    def _lifetime(self, options: WrapOptions) -> Expiry:
        return Expiry(ttl_seconds=self._fresh_seconds(options) + options.stale_seconds)

    def _lease_or_entry(self, key: str, seconds: int, *, refresh: bool) -> Program[_Lease | Entry[V]]:
        """Either this process may make the value now, or another one has made it meanwhile."""
        store = self._core.store
        # A hash: the key of the lease must not become too long.
        name = f"{RESERVED}lease:{hashlib.sha256(key.encode()).hexdigest()}"
        content = store.world.unique_id().encode()
        until_ms = store.world.elapsed_ms() + seconds * 1000
        # What is there already is no answer where a new one is asked for.
        before = (yield from self._there(key)) if refresh else None
        while store.world.elapsed_ms() < until_ms:
            pair = WritePair(name, content, None, StoredExpiry(ttl_seconds=seconds))
            taken = yield from store.transport.atomic("put-if-absent", name, value_fields(pair), store.transport.call())
            lease = _Lease(name, content, taken.version)
            if not taken.applied:
                yield from pause(_LEASE_POLL_SECONDS * (1 + store.world.random()))
            # Past the near cache, also as the holder: another one may have made it since this process looked.
            entry = yield from self._there(key)
            is_new = entry is not None and (before is None or entry.version != before.version)
            if entry is not None and is_new and _is_fresh(entry, store.world.now_ms()):
                if taken.applied:
                    yield from self._end(lease)
                return entry
            if taken.applied:
                return lease
        # Whoever has it takes too long: better twice than never.
        return _Lease(name, content, None)

    def _there(self, key: str) -> Program[Entry[V] | None]:
        store = self._core.store
        outcome = yield from attempt(store.read(key, store.transport.call()))
        return outcome.value

    def _end(self, lease: _Lease) -> Program[None]:
        """It ends by itself where this process dies; one that outlived it must not end that of the next holder."""
        if lease.version is None:
            return
        transport = self._core.store.transport
        pair = WritePair(lease.key, lease.content, None, StoredExpiry(ttl_seconds=1))
        fields = {**value_fields(pair), "version": lease.version}
        yield from attempt(transport.atomic("put-if-unchanged", lease.key, fields, transport.call()))


def _is_fresh(entry: Entry[Any], now_ms: float) -> bool:
    return entry.fresh_until_ms is None or entry.fresh_until_ms > now_ms

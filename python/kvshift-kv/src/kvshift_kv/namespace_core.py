"""What a namespace does, as programs: the clients for threads and for asyncio run the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from .collecting import collect_parts
from .effects import Program, attempt, here, join, start
from .endpoint import Call
from .envelope import envelope_or_none
from .errors import KvError
from .flights import Flights, Flying
from .key import RESERVED, keys_in, require_key, require_prefix
from .near_cache import Kept, NearCache
from .reads import read_many
from .transport import ListedKey
from .turns import Turns, seconds_left
from .value_store import Entry, ValueStore, WriteFields

V = TypeVar("V")
T = TypeVar("T")
_Load: TypeAlias = "Flying[Entry[V] | None]"


@dataclass(frozen=True)
class ListedEntry:
    """A key of a list, with the application's own metadata. `expires_at_ms`: milliseconds since the epoch."""

    key: str
    expires_at_ms: float | None
    metadata: Any


class NamespaceCore(Generic[V]):
    """The keys of one namespace."""

    def __init__(self, store: ValueStore[V], near: NearCache[V] | None) -> None:
        self.store = store
        self.near = near
        #: Values that `wrap` makes in this process.
        self.makings: Flights[Entry[V]] = Flights()
        self._turns = Turns()

    def call(self, deadline_seconds: float | None) -> Call:
        """The bounds of a call that begins now."""
        return self.store.transport.call(deadline_seconds)

    def value_of(self, entry: Entry[V]) -> V:
        """The value of an entry, for one who asks."""
        return entry.value if self.near is None else self.near.value_of(entry)

    def entry(self, key: str, call: Call) -> Program[Entry[V] | None]:
        """The pair of a key, out of the near cache where there is one. Its value is taken by `value_of`."""
        require_key(key)
        if self.near is None:
            return (yield from self.store.read(key, call))
        look = self.near.look(key)
        if look.kept is not None and look.state == "fresh":
            return look.kept.entry
        load, is_mine = self.near.begin(key, (yield from here()))
        if look.kept is not None and look.state == "stale":
            if is_mine:
                # It is nobody's call: who reads next will see what came of it.
                yield from start(self._load(self.near, key, load, self.call(None)), load.flight, is_behind=True)
            return look.kept.entry
        return (yield from self._joined(self.near, key, look.kept, (load, is_mine), call))

    def get(self, key: str, default: Any, call: Call) -> Program[Any]:
        """The value of a key, or `default`."""
        entry = yield from self.entry(key, call)
        return default if entry is None else self.value_of(entry)

    def get_entry(self, key: str, call: Call) -> Program[Entry[V] | None]:
        """The value with what is known of its pair. Always asks KV: what it says is for a write that follows."""
        require_key(key)
        return (yield from self.store.read(key, call))

    def get_many(self, keys: Iterable[str], call: Call) -> Program[dict[str, V]]:
        """The values of keys, in the order that was asked for; those that are not there are not in it."""
        keys = keys_in(keys)
        found: dict[str, Entry[V] | None] = {}
        missing: list[str] = []
        for key in dict.fromkeys(keys):
            kept = None if self.near is None else self.near.peek(key)
            if kept is None:
                missing.append(key)
            else:
                found[key] = kept.entry
        saw = None if self.near is None else self.near.reading()
        read = yield from read_many(self.store, missing, call)
        for key in missing:
            found[key] = read.get(key)
            if saw is not None:
                saw(key, found[key])
        return {key: self.value_of(entry) for key in keys if (entry := found[key]) is not None}

    def put(self, key: str, value: V, fields: WriteFields, call: Call) -> Program[None]:
        """Writes a value. Raises before anything is written where it cannot be stored."""
        require_key(key)
        self._overtake([key])
        yield from self._in_turn([key], self._put(key, value, fields, call), call)

    def put_made(self, key: str, value: V, fields: WriteFields, making: Flying[Entry[V]], call: Call) -> Program[None]:
        """Keeps what was made, unless this process has written or deleted the key since that began."""

        def keep() -> Program[None]:
            if not making.is_overtaken:
                yield from self._put(key, value, fields, call)

        # Also without a near cache: a write that comes while this one is under way waits for it, and stays.
        yield from self._turns.take([key], keep(), lambda: self._seconds_left(call))

    def put_many(
        self, pairs: Mapping[str, V] | Iterable[tuple[str, V]], fields: WriteFields, call: Call
    ) -> Program[None]:
        """Writes many pairs with the same end. Raises KvError INCOMPLETE with the keys that were not written."""
        values = dict(pairs)
        for key in values:
            require_key(key)
        # All are encoded before the first is sent: what cannot be stored leaves nothing half done.
        ready = {key: self.store.pair_of(key, value, fields) for key, value in values.items()}
        kept = {
            key: None if self.near is None else self.store.entry_written(written, fields)
            for key, (_, written) in ready.items()
        }
        self._overtake(ready)
        change = self.store.transport.put_many([pair for pair, _ in ready.values()], call)
        yield from self._in_turn(list(ready), self._change_many(kept, "written", change), call)

    def delete(self, key: str, call: Call) -> Program[None]:
        """Also what is not there."""
        require_key(key)
        self._overtake([key])
        yield from self._in_turn([key], self._changed([key], self._delete(key, call)), call)

    def delete_many(self, keys: Iterable[str], call: Call) -> Program[None]:
        """Raises KvError INCOMPLETE with the keys that were not deleted."""
        kept: dict[str, Entry[V] | None] = dict.fromkeys(keys_in(keys))
        self._overtake(kept)
        change = self.store.transport.delete_many(list(kept), call)
        yield from self._in_turn(list(kept), self._change_many(kept, "deleted", change), call)

    def list_page(
        self, prefix: str | None, cursor: str | None, call: Call
    ) -> Program[tuple[list[ListedEntry], str | None]]:
        """A page of the application's keys, in the order of their UTF-8 bytes, and where the next one begins."""
        require_prefix(prefix)
        page = yield from self.store.transport.list(prefix, cursor, call)
        now_ms = self.store.world.now_ms()
        shown = [_shown(listed, now_ms) for listed in page.keys if not listed.key.startswith(RESERVED)]
        return [entry for entry in shown if entry is not None], page.cursor

    def collect_parts(self, call: Callable[[], Call]) -> Program[int]:
        """Removes parts of split values that nothing refers to any more. Returns how many. `call`: of each page."""
        return collect_parts(self.store, call)

    def changing(self, key: str, work: Program[T], call: Call) -> Program[T]:
        """Work after which nothing that the near cache has of the key is right."""
        self._overtake([key])
        return (yield from self._in_turn([key], self._forgetting(key, work), call))

    def _joined(
        self, near: NearCache[V], key: str, kept: Kept[V] | None, begun: tuple[_Load[V], bool], call: Call
    ) -> Program[Entry[V] | None]:
        """`begun`: the read of a key, and whether it is the caller's to start."""
        load, is_mine = begun
        while True:
            if is_mine:
                yield from start(self._load(near, key, load, call), load.flight, is_behind=False)
            outcome = yield from attempt(join(load.flight, self._seconds_left(call)))
            error = outcome.error
            if not isinstance(error, KvError):
                return outcome.unwrap()
            if error.code != "DEADLINE_EXCEEDED" or is_mine or self._seconds_left(call) <= 0:
                old = near.instead(kept, error)
                return outcome.unwrap() if old is None else old.entry
            # The deadline was that of who began it, who waits for less: it says nothing to the others.
            load, is_mine = near.begin(key, (yield from here()))

    def _load(
        self, near: NearCache[V], key: str, load: Flying[Entry[V] | None], call: Call
    ) -> Program[Entry[V] | None]:
        try:
            entry = yield from self.store.read(key, call)
            near.loaded(key, load, entry)
            return None if entry is None else near.hollowed(entry)
        finally:
            near.ended(key, load)

    def _put(self, key: str, value: V, fields: WriteFields, call: Call) -> Program[None]:
        yield from self._changed([key], self._write(key, value, fields, call))

    def _write(self, key: str, value: V, fields: WriteFields, call: Call) -> Program[None]:
        written = yield from self.store.write(key, value, fields, call)
        if self.near is not None:
            self.near.wrote(key, self.store.entry_written(written, fields))

    def _delete(self, key: str, call: Call) -> Program[None]:
        yield from self.store.transport.delete(key, call)
        if self.near is not None:
            self.near.wrote(key, None)

    def _change_many(self, kept: Mapping[str, Entry[V] | None], what: str, change: Program[list[str]]) -> Program[None]:
        """`kept`: what the near cache is to have of each key. `change` returns the keys that it did not change."""
        left = set((yield from self._changed(list(kept), change)))
        if self.near is not None:
            for key, entry in kept.items():
                if key in left:
                    self.near.forget(key)
                else:
                    self.near.wrote(key, entry)
        if left:
            message = f"{len(left)} of {len(kept)} keys were not {what}; the others were."
            raise KvError("INCOMPLETE", message, keys=sorted(left))

    def _changed(self, keys: Sequence[str], work: Program[T]) -> Program[T]:
        near = self.near
        if near is None:
            return (yield from work)
        for key in keys:
            near.writing(key)
        try:
            return (yield from work)
        except BaseException as error:
            near.failed_to_write(keys, error)
            raise

    def _forgetting(self, key: str, work: Program[T]) -> Program[T]:
        if self.near is None:
            return (yield from work)
        self.near.writing(key)
        try:
            return (yield from work)
        finally:
            self.near.forget(key)

    def _in_turn(self, keys: Sequence[str], work: Program[T], call: Call) -> Program[T]:
        if self.near is None and self._turns.are_free(keys):
            return (yield from work)
        return (yield from self._turns.take(keys, work, lambda: self._seconds_left(call)))

    def _overtake(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.makings.overtake(key)

    def _seconds_left(self, call: Call) -> float:
        return seconds_left(call, self.store.world.elapsed_ms())


def _shown(listed: ListedKey, now_ms: float) -> ListedEntry | None:
    envelope = envelope_or_none(listed.metadata)
    end = listed.expires_at_ms
    if envelope is not None and envelope.expires_at_ms is not None:
        end = envelope.expires_at_ms
    if end is not None and end <= now_ms:
        return None
    return ListedEntry(listed.key, end, listed.metadata if envelope is None else envelope.metadata)

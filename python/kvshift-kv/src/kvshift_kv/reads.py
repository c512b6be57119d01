"""Reads of many keys, in as few requests as possible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from .effects import Program, all_of, attempt
from .endpoint import Call
from .errors import KvError
from .limits import MAX_BULK_GET_KEYS
from .transport import StoredPair
from .value_store import Entry, ValueStore

V = TypeVar("V")

# Of values that cannot be read in bulk.
_READS_AT_ONCE = 16
_PAGES_AT_ONCE = 4


def read_many(store: ValueStore[V], keys: Sequence[str], call: Call) -> Program[dict[str, Entry[V] | None]]:
    """Entries by key. An error says which key it is about, where it is about one."""
    if not store.reads_in_bulk:
        return (yield from _read_alone(store, keys, call))
    pages = [keys[begin : begin + MAX_BULK_GET_KEYS] for begin in range(0, len(keys), MAX_BULK_GET_KEYS)]
    found = yield from all_of([_read_page(store, page, call) for page in pages], _PAGES_AT_ONCE)
    return {key: entry for page in found for key, entry in page.items()}


def _read_page(store: ValueStore[V], keys: Sequence[str], call: Call) -> Program[dict[str, Entry[V] | None]]:
    outcome = yield from attempt(store.transport.get_texts(keys, call))
    if isinstance(outcome.error, KvError) and outcome.error.code == "REFUSED":
        # One value that is no text, or all of them together too large, fails a bulk: then each is read alone.
        return (yield from _read_alone(store, keys, call))
    found: dict[str, Entry[V] | None] = {}
    for key, pair in outcome.unwrap().items():
        found[key] = yield from _entry(store, key, pair, call)
    return found


def _read_alone(store: ValueStore[V], keys: Sequence[str], call: Call) -> Program[dict[str, Entry[V] | None]]:
    entries = yield from all_of([_about(key, store.read(key, call)) for key in keys], _READS_AT_ONCE)
    return dict(zip(keys, entries, strict=True))


def _entry(store: ValueStore[V], key: str, pair: StoredPair, call: Call) -> Program[Entry[V] | None]:
    return (yield from _about(key, store.entry_of(pair, call)))


def _about(key: str, program: Program[Entry[V] | None]) -> Program[Entry[V] | None]:
    outcome = yield from attempt(program)
    if isinstance(outcome.error, KvError):
        raise outcome.error.about([key])
    return outcome.unwrap()

"""Removes what is left of split values: docs/kv-schema.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .effects import Program
from .endpoint import Call
from .envelope import envelope_or_none
from .errors import KvError
from .parts import PART_PREFIX, Manifest, Part, is_left_behind, manifest_in, part_in
from .value_store import ValueStore

_DEFAULT_BUDGET_SECONDS = 120


def collect_parts(store: ValueStore[Any], call: Callable[[], Call]) -> Program[int]:
    """Removes parts that nothing refers to any more. Returns how many. `call`: the bounds of each page."""
    budget_ms = (store.settings.staleness_budget_seconds or _DEFAULT_BUDGET_SECONDS) * 1000
    removed = 0
    cursor: str | None = None
    while True:
        page = yield from store.transport.list(PART_PREFIX, cursor, call())
        left: list[str] = []
        for listed in page.keys:
            part = part_in(listed.key, listed.metadata)
            if part is not None and (yield from _is_left(store, part, budget_ms, call())):
                left.append(listed.key)
        failed = (yield from store.transport.delete_many(left, call())) if left else []
        removed += len(left) - len(failed)
        cursor = page.cursor
        if cursor is None:
            return removed


def _is_left(store: ValueStore[Any], part: Part, budget_ms: float, call: Call) -> Program[bool]:
    pair = yield from store.transport.get(part.owner, call)
    envelope = None if pair is None else envelope_or_none(pair.metadata)
    manifest: Manifest | None = None
    if pair is not None and envelope is not None and envelope.is_manifest:
        try:
            manifest = manifest_in(pair.content, None)
        except KvError:
            # Of a manifest that cannot be read nobody knows what it needs.
            return False
    return is_left_behind(part, manifest, budget_ms, store.world.now_ms())

"""Writes of a key, one after the other: what a near cache keeps is what was written last."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TypeVar

from .effects import Outcome, Program, join
from .endpoint import Call

T = TypeVar("T")
_DONE: Outcome[None] = Outcome()


class Turns:
    """Of all writers of a process, by key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, Future[Outcome[None]]] = {}

    def take(self, keys: Sequence[str], work: Program[T], timeout_seconds: float) -> Program[T]:
        """Does the work once all writes of the keys that came before have ended."""
        mine: Future[Outcome[None]] = Future()
        with self._lock:
            before = list({id(last): last for key in keys if (last := self._last.get(key))}.values())
            self._last.update(dict.fromkeys(keys, mine))
        try:
            for last in before:
                yield from join(last, timeout_seconds)
            return (yield from work)
        finally:
            self._end(keys, mine, before)

    def _end(self, keys: Sequence[str], mine: Future[Outcome[None]], before: Sequence[Future[Outcome[None]]]) -> None:
        running = [last for last in before if not last.done()]
        if running:
            # Who gave up waiting leaves the turn to the next one only when it would have been its own.
            running[0].add_done_callback(lambda _: self._end(keys, mine, running[1:]))
            return
        with self._lock:
            for key in keys:
                if self._last.get(key) is mine:
                    del self._last[key]
        mine.set_result(_DONE)


def seconds_left(call: Call, now_ms: float) -> float:
    """Until the end of a call."""
    return max(0.0, (call.until_ms - now_ms) / 1000)

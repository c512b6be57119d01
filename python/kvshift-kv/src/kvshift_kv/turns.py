"""Writes of a key, one after the other: what a near cache keeps is what was written last."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from .effects import Outcome, Place, Program, here, join
from .endpoint import Call
from .errors import KvError

T = TypeVar("T")
_DONE: Outcome[None] = Outcome()


@dataclass(eq=False)
class _Turn:
    """One write. `before`: those that have not ended yet. `has_left`: done, or given up."""

    keys: Sequence[str]
    place: Place
    before: set[_Turn]
    after: list[_Turn] = field(default_factory=list["_Turn"])
    has_left: bool = False
    ended: Future[Outcome[None]] = field(default_factory=Future[Outcome[None]])


class Turns:
    """Of all writers of a process, by key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, _Turn] = {}

    def are_free(self, keys: Iterable[str]) -> bool:
        """Whether nobody writes any of the keys."""
        return not any(key in self._last for key in keys)

    def take(self, keys: Sequence[str], work: Program[T], seconds_left: Callable[[], float]) -> Program[T]:
        """Does the work once all writes of the keys that came before have ended. Raises KvError DEADLINE_EXCEEDED."""
        place = yield from here()
        mine = self._begin(keys, place)
        try:
            for turn in list(mine.before):
                yield from _awaited(turn, seconds_left())
            return (yield from work)
        finally:
            self._leave(mine)

    def _begin(self, keys: Sequence[str], place: Place) -> _Turn:
        with self._lock:
            found = {turn for key in keys if (turn := self._last.get(key)) is not None}
            # Those of a parent process, or of a loop that may have ended, may never end.
            mine = _Turn(keys, place, {turn for turn in found if turn.place == place})
            for turn in mine.before:
                turn.after.append(mine)
            self._last.update(dict.fromkeys(keys, mine))
            return mine

    def _leave(self, mine: _Turn) -> None:
        ended: list[_Turn] = []
        with self._lock:
            mine.has_left = True
            # Who gave up waiting leaves the turn to the next one only when it would have been its own. There may be
            # thousands of them: one after the other, not one inside of the other.
            ending = [] if mine.before else [mine]
            while ending:
                turn = ending.pop()
                ended.append(turn)
                for key in turn.keys:
                    if self._last.get(key) is turn:
                        del self._last[key]
                for following in turn.after:
                    following.before.discard(turn)
                    if following.has_left and not following.before:
                        ending.append(following)
        for turn in ended:
            turn.ended.set_result(_DONE)


def seconds_left(call: Call, now_ms: float) -> float:
    """Until the end of a call."""
    return max(0.0, (call.until_ms - now_ms) / 1000)


def _awaited(turn: _Turn, timeout_seconds: float) -> Program[None]:
    is_late = False
    try:
        yield from join(turn.ended, timeout_seconds)
    except KvError:
        is_late = True
    if is_late:
        # Nothing was sent.
        message = "Other writes of the key took until the deadline of the call."
        raise KvError("DEADLINE_EXCEEDED", message, is_outcome_unknown=False)

"""Reads keys into the near cache, or makes what is missing; slowly enough that nobody notices."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .effects import Outcome, Program, attempt, pause, together
from .errors import KvError
from .world import World


@dataclass(frozen=True)
class WarmResult:
    """How far it came."""

    #: Keys that were read or made.
    warmed: int
    failed: int
    #: Whether all keys were reached.
    is_complete: bool


@dataclass(frozen=True)
class WarmOptions:
    """How fast it may go."""

    #: How many keys at once.
    concurrency: int = 4
    #: How many keys a second at most. Default: no bound but the concurrency.
    per_second: float | None = None
    #: How long it may take; what is left then stays cold.
    budget_seconds: float | None = None
    on_progress: Callable[[WarmResult], None] | None = None


class Warming:
    """One run. A key that fails keeps no other from being warmed."""

    def __init__(
        self, keys: Iterable[str], warm: Callable[[str], Program[Any]], options: WarmOptions, world: World
    ) -> None:
        per_second = options.per_second
        if options.concurrency < 1 or (per_second is not None and not per_second > 0):
            raise KvError("NOT_CONFIGURED", "concurrency is 1 at least, and per_second more than 0.")
        self._keys: Iterator[str] = iter(keys)
        self._warm = warm
        self._options = options
        self._world = world
        self._lock = threading.Lock()
        self._started_ms = world.elapsed_ms()
        self._begun = 0
        self._warmed = 0
        self._failed = 0
        self._is_over = False

    def run(self) -> Program[WarmResult]:
        """What came of it."""
        lanes = [self._lane() for _ in range(self._options.concurrency)]
        outcomes: list[Outcome[None]] = yield from together(lanes, len(lanes))
        for outcome in outcomes:
            outcome.unwrap()
        return self._result()

    def _lane(self) -> Program[None]:
        while self._may_go_on():
            with self._lock:
                key = next(self._keys, None)
                due_ms = self._due_ms()
                self._begun += 1
                self._is_over = self._is_over or key is None
            if key is None:
                return
            ahead_ms = due_ms - self._world.elapsed_ms()
            if ahead_ms > 0:
                yield from pause(ahead_ms / 1000)
            outcome = yield from attempt(self._warm(key))
            with self._lock:
                self._warmed += outcome.error is None
                self._failed += outcome.error is not None
            if self._options.on_progress is not None:
                self._options.on_progress(self._result())

    def _may_go_on(self) -> bool:
        budget = self._options.budget_seconds
        return not self._is_over and (budget is None or self._world.elapsed_ms() - self._started_ms < budget * 1000)

    def _due_ms(self) -> float:
        per_second = self._options.per_second
        return self._started_ms + (0 if per_second is None else self._begun * 1000 / per_second)

    def _result(self) -> WarmResult:
        return WarmResult(self._warmed, self._failed, self._is_over)

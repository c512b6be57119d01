"""One call for all who want the same thing at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[T]] = {}

    async def run(self, key: str, make: Callable[[], Awaitable[T]]) -> T:
        """What `make` makes, or what a call of the same key that is under way makes. A failure is everybody's."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.ensure_future(_result(make))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))
        # One who gives up must not take the answer away from the others.
        return await asyncio.shield(task)


async def _result(make: Callable[[], Awaitable[T]]) -> T:
    return await make()

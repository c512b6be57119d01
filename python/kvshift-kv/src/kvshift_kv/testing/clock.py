"""Time that stands still until a test moves it."""

from __future__ import annotations

import asyncio

# 2026-11-23T00:00:00Z
_START_MS = 1_795_392_000_000


class ManualClock:
    """Milliseconds since the epoch. Pauses of the library move it, and take no time."""

    def __init__(self, now_ms: float = _START_MS) -> None:
        self._now_ms = now_ms
        self._elapsed_ms = 0.0

    def now_ms(self) -> float:
        """What it shows."""
        return self._now_ms

    def elapsed_ms(self) -> float:
        """How long it has been going."""
        return self._elapsed_ms

    def set(self, now_ms: float) -> None:
        """Somebody sets it: no time passes."""
        self._now_ms = now_ms

    def advance(self, seconds: float) -> None:
        """Goes on."""
        self._now_ms += seconds * 1000
        self._elapsed_ms += seconds * 1000

    async def sleep_async(self, seconds: float) -> None:
        """A pause, as asyncio knows it."""
        self.advance(seconds)
        # Others go on meanwhile, as they do in a real pause.
        await asyncio.sleep(0)

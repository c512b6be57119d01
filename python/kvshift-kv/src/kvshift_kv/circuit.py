"""Keeps an endpoint that fails from being asked by everybody at once."""

from __future__ import annotations

import threading

from .errors import KvError

# Calls that fail in a row until the next ones are not made.
_THRESHOLD = 10
_OPEN_MS = 2000


class Circuit:
    """After ten failures in a row one call in two seconds tries."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until_ms = 0.0

    def enter(self, now_ms: float) -> None:
        """To be called before each call. Raises KvError CIRCUIT_OPEN."""
        with self._lock:
            failures = self._failures
            is_open = failures >= _THRESHOLD and now_ms < self._open_until_ms
            if failures >= _THRESHOLD and not is_open:
                # This call tries it; the others wait for what comes of it.
                self._open_until_ms = now_ms + _OPEN_MS
        if is_open:
            raise KvError("CIRCUIT_OPEN", f"{failures} calls in a row failed: the endpoint is left alone for a moment.")

    def succeeded(self) -> None:
        """An answer came."""
        self._failures = 0

    def failed(self, now_ms: float) -> None:
        """None came, or that the endpoint fails."""
        with self._lock:
            self._failures += 1
            if self._failures >= _THRESHOLD:
                self._open_until_ms = now_ms + _OPEN_MS

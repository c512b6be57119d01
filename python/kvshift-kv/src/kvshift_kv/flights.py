"""Work that is under way in this process, by key: whoever asks for the same meanwhile joins it."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .effects import Flight, Outcome, Place

T = TypeVar("T")


@dataclass(eq=False)
class Flying(Generic[T]):
    """Something under way."""

    place: Place
    flight: Flight[T] = field(default_factory=Future[Outcome[T]])
    #: This process has changed the key meanwhile: what comes of it is for those who wait for it, and is not kept.
    is_overtaken: bool = False


class Flights(Generic[T]):
    """What is under way.

    Of what began in another process, before a fork, or on another loop nothing may ever come: nobody joins it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flying: dict[str, Flying[T]] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._flying

    def begin(self, key: str, place: Place, *, is_anew: bool = False) -> tuple[Flying[T], bool]:
        """What is under way, or a new one, which the caller is to start. `is_anew`: what began before is too old."""
        with self._lock:
            running = self._flying.get(key)
            # One that has ended and is still here never began: its loop or its thread did not take it.
            if running is not None and not is_anew and running.place == place and not running.flight.done():
                return running, False
            if running is not None:
                running.is_overtaken = True
            self._flying[key] = flying = Flying[T](place)
            return flying, True

    def overtake(self, key: str) -> None:
        """The key is being changed: what is under way is from before it."""
        with self._lock:
            running = self._flying.pop(key, None)
            if running is not None:
                running.is_overtaken = True

    def ended(self, key: str, flying: Flying[T]) -> None:
        """It is over, whatever came of it."""
        with self._lock:
            if self._flying.get(key) is flying:
                del self._flying[key]

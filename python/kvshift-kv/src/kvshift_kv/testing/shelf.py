"""The pairs of one namespace of the fake."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..environment import NamespaceSettings


@dataclass(frozen=True)
class RawPair:
    """A pair as it is stored. `expiration`: seconds since the epoch."""

    content: bytes
    metadata: Any = None
    expiration: float | None = None
    version: str = ""


class Shelf:
    """Pairs by key. What has ended is not there."""

    def __init__(self, settings: NamespaceSettings) -> None:
        self.settings = settings
        #: Answers of atomic operations by their id and key: whoever repeats one gets the first answer.
        self.operations: dict[str, tuple[str, dict[str, Any]]] = {}
        self._pairs: dict[str, RawPair] = {}
        self._writes = 0

    def get(self, key: str, now_ms: float) -> RawPair | None:
        """What is there now."""
        pair = self._pairs.get(key)
        if pair is None or (pair.expiration is not None and pair.expiration * 1000 <= now_ms):
            return None
        return pair

    def put(self, key: str, pair: RawPair) -> str:
        """Writes a pair; returns its version."""
        self._writes += 1
        version = f"{self._writes:016x}"
        self._pairs[key] = replace(pair, version=version)
        return version

    def delete(self, key: str) -> None:
        """Also what is not there."""
        self._pairs.pop(key, None)

    def listed(self, prefix: str, now_ms: float) -> list[tuple[str, RawPair]]:
        """In the order of UTF-8 bytes."""
        keys = sorted((key for key in self._pairs if key.startswith(prefix)), key=lambda key: key.encode())
        return [(key, pair) for key in keys if (pair := self.get(key, now_ms)) is not None]

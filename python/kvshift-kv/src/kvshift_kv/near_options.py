"""What the application says of a near cache, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NearCacheOptions:
    """What a near cache keeps, and for how long."""

    #: How long an answer is taken from memory.
    ttl_seconds: float
    #: Of keys and encoded values together.
    max_bytes: int = 64 * 1024 * 1024
    #: How long it is known that a key is missing. Default: a tenth of `ttl_seconds`.
    miss_ttl_seconds: float | None = None
    #: For how long after that an old answer is given while a new one is fetched behind it.
    stale_seconds: float = 0
    #: For how long after that an old answer is given where KV fails. Default: as `stale_seconds`.
    stale_on_error_seconds: float | None = None
    #: Hand the same object to everybody, who then must not change it. Else each gets its own, decoded anew.
    share: bool = False


@dataclass(frozen=True)
class NearCacheStats:
    """What a near cache did since it was made."""

    hits: int
    misses: int
    #: Old answers that were given while a new one was fetched.
    stale: int
    #: Old answers that were given because KV failed.
    stale_on_error: int
    #: Reads that joined one that was under way.
    joined: int
    entries: int
    bytes: int

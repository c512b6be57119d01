"""When a pair ends: what is asked of KV, and what its readers go by."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from .environment import NamespaceSettings
from .errors import KvError
from .limits import MIN_EXPIRATION_TTL_SECONDS

# KV keeps a pair for so much longer than it lives: it refuses an end that is less than 60 seconds away by the time that
# it reads it, on whatever clock. Readers end a pair by its metadata.
_CLOCK_MARGIN_SECONDS = 60


@dataclass(frozen=True)
class Expiry:
    """When a pair is to end; without either: the namespace's default from now."""

    #: From now; a whole number.
    ttl_seconds: int | None = None
    #: With a time zone.
    expires_at: datetime | None = None


@dataclass(frozen=True)
class StoredExpiry:
    """As KV is asked: seconds from now, or milliseconds since the epoch."""

    ttl_seconds: int | None = None
    at_ms: float | None = None

    def fields(self) -> dict[str, int]:
        """The parameter of Cloudflare's API, in whole seconds."""
        if self.ttl_seconds is not None:
            return {"expiration_ttl": self.ttl_seconds}
        if self.at_ms is not None:
            return {"expiration": math.ceil(self.at_ms / 1000) + _CLOCK_MARGIN_SECONDS}
        return {}


@dataclass(frozen=True)
class ExactExpiry:
    """What is asked of KV, and the millisecond by this process's clock."""

    stored: StoredExpiry
    at_ms: float


@dataclass(frozen=True)
class ExpiryRules:
    """`now_ms`: since the epoch. `jitter`: share of a lifetime by which it may become shorter at random."""

    settings: NamespaceSettings
    now_ms: float
    jitter: float = 0
    random: Callable[[], float] = lambda: 0.0


def expiry_of(expiry: Expiry, rules: ExpiryRules) -> ExactExpiry:
    """The end of a pair. A strong namespace counts the time itself; an eventual one gets a date.

    Raises KvError EXPIRY_UNSUPPORTED naming the limit: what KV cannot keep is never changed in silence.
    """
    settings = rules.settings
    asked = _asked(expiry, rules)
    if settings.max_ttl_seconds is not None and asked > settings.max_ttl_seconds:
        raise _unsupported(
            f"A pair of {settings.name} may live for {settings.max_ttl_seconds} s at most (maxTtlSeconds), "
            f"not {_shown(asked)} s."
        )
    is_strong = settings.consistency == "strong"
    minimum = 1 if is_strong else MIN_EXPIRATION_TTL_SECONDS
    if asked < minimum:
        why = "" if is_strong else " Workers KV keeps nothing for less; a strong namespace does, from one second."
        raise _unsupported(f"A pair of {settings.name} lives for {minimum} s at least, not {_shown(asked)} s.{why}")
    wanted = max(minimum, asked * (1 - rules.jitter * rules.random())) if rules.jitter else asked
    if is_strong:
        # It ends a pair at the second above; readers of an eventual one know the very millisecond.
        seconds = math.ceil(wanted)
        return ExactExpiry(StoredExpiry(ttl_seconds=seconds), rules.now_ms + seconds * 1000)
    at_ms = rules.now_ms + wanted * 1000
    return ExactExpiry(StoredExpiry(at_ms=at_ms), at_ms)


def _asked(expiry: Expiry, rules: ExpiryRules) -> float:
    ttl_seconds, expires_at = expiry.ttl_seconds, expiry.expires_at
    if ttl_seconds is not None and expires_at is not None:
        raise _unsupported("Give ttl_seconds or expires_at, not both.")
    if expires_at is not None:
        if not isinstance(cast("object", expires_at), datetime) or expires_at.tzinfo is None:
            raise _unsupported("expires_at has to be a datetime with a time zone.")
        # In milliseconds first: seconds as a float would lose some.
        return (round(expires_at.timestamp() * 1000) - rules.now_ms) / 1000
    if ttl_seconds is None:
        return rules.settings.default_ttl_seconds
    if type(ttl_seconds) is not int:
        raise _unsupported("ttl_seconds has to be an int: KV counts no parts of a second.")
    return ttl_seconds


def _shown(seconds: float) -> str:
    return f"{round(seconds, 3):g}" if abs(seconds) < 1e6 else str(round(seconds))  # noqa: PLR2004


def _unsupported(message: str) -> KvError:
    return KvError("EXPIRY_UNSUPPORTED", message)

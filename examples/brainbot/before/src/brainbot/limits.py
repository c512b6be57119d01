"""Refuses who asks too much."""

from __future__ import annotations

from fastapi import HTTPException

from brainbot.storage.contract import Limiter


async def require_within(limiter: Limiter, what: str, limit: int) -> None:
    """Raises HTTPException 429, with `Retry-After` in seconds, where this minute's calls are used up."""
    verdict = await limiter.count(what, limit)
    if not verdict.is_allowed:
        raise HTTPException(429, "too many requests", {"retry-after": str(verdict.retry_after_seconds)})

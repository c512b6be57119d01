"""The application's storage: one database of Upstash Redis, by two clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from redis.asyncio import Redis as BinaryRedis
from upstash_redis.asyncio import Redis as RestRedis

from brainbot.storage.contract import Clock, Lifetimes, RandomBytes
from brainbot.storage.redis_store import RedisAnswers, RedisDocuments, RedisLimiter, RedisSessions

_VARIABLES = ("UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "REDIS_URL")


class StorageNotConfigured(ValueError):
    """Variables that are not set. The message names all of them."""


@dataclass(frozen=True)
class StorageService:
    sessions: RedisSessions
    answers: RedisAnswers
    limiter: RedisLimiter
    documents: RedisDocuments
    rest: RestRedis
    binary: BinaryRedis

    async def close(self) -> None:
        """Ends the connections of both clients."""
        await self.rest.close()
        await self.binary.aclose()


async def open_storage(
    env: Mapping[str, str], lifetimes: Lifetimes, *, clock: Clock, random: RandomBytes
) -> StorageService:
    """Reads the variables and makes both clients. Raises StorageNotConfigured."""
    missing = [name for name in _VARIABLES if not env.get(name)]
    if missing:
        raise StorageNotConfigured(f"not set: {', '.join(missing)}")
    rest = RestRedis(url=env["UPSTASH_REDIS_REST_URL"], token=env["UPSTASH_REDIS_REST_TOKEN"], allow_telemetry=False)
    binary = BinaryRedis.from_url(env["REDIS_URL"])  # pyright: ignore[reportUnknownMemberType] -- its keywords
    return StorageService(
        sessions=RedisSessions(rest, random, lifetimes.session_seconds),
        answers=RedisAnswers(rest, clock, lifetimes.answer_seconds),
        limiter=RedisLimiter(rest, clock),
        documents=RedisDocuments(binary, lifetimes.document_seconds),
        rest=rest,
        binary=binary,
    )

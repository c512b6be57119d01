"""The application's storage: the two namespaces of its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kvshift_kv import AsyncKv, KvOptions, NearCacheOptions, World, raw_bytes
from kvshift_kv.sessions import sessions_in

from brainbot.storage.cloudflare_store import (
    CloudflareAnswers,
    CloudflareDocuments,
    CloudflareLimiter,
    CloudflareSessions,
)
from brainbot.storage.contract import Clock, Lifetimes, RandomBytes

STRONG_NAMESPACE = "sessions"
EVENTUAL_NAMESPACE = "cache"

# An answer is the same for everybody and seldom made anew: a process may go on with its copy for a while.
_ANSWERS_NEAR = NearCacheOptions(ttl_seconds=60, max_bytes=16 * 1024 * 1024)
# Of other processes' writes a document shows nothing for so long; it shows its own at once.
_DOCUMENTS_NEAR = NearCacheOptions(ttl_seconds=10, max_bytes=64 * 1024 * 1024)
# KV itself takes 25 MiB. Parts of this size go at the same time, and one that fails is sent again by itself; smaller
# ones cost more requests than they save.
_PART_BYTES = 4_000_000


@dataclass(frozen=True)
class StorageService:
    sessions: CloudflareSessions
    answers: CloudflareAnswers
    limiter: CloudflareLimiter
    documents: CloudflareDocuments
    kv: AsyncKv

    async def close(self) -> None:
        """Ends the connections."""
        await self.kv.close()


async def open_storage(
    env: Mapping[str, str], lifetimes: Lifetimes, *, clock: Clock, random: RandomBytes
) -> StorageService:
    """Reads the variables of the environment group. Raises KvError NOT_CONFIGURED with all that is wrong."""
    kv = AsyncKv.from_env(env, KvOptions(world=World(now_ms=lambda: clock() * 1000)))
    return storage_on(kv, lifetimes, clock=clock, random=random)


def storage_on(kv: AsyncKv, lifetimes: Lifetimes, *, clock: Clock, random: RandomBytes) -> StorageService:
    """The storage on an environment that is there. Raises KvError NOT_STRONG, UNKNOWN_NAMESPACE."""
    answers = kv.namespace(EVENTUAL_NAMESPACE, near_cache=_ANSWERS_NEAR)
    documents = kv.namespace(
        EVENTUAL_NAMESPACE, codec=raw_bytes(), near_cache=_DOCUMENTS_NEAR, split_above_bytes=_PART_BYTES
    )
    strong = kv.strong(STRONG_NAMESPACE)
    return StorageService(
        sessions=CloudflareSessions(sessions_in(strong), clock, random, lifetimes.session_seconds),
        answers=CloudflareAnswers(answers, clock, lifetimes.answer_seconds),
        limiter=CloudflareLimiter(strong, clock),
        documents=CloudflareDocuments(documents, lifetimes.document_seconds),
        kv=kv,
    )

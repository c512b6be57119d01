"""Each part of the store by itself, on the Redis of this process's environment. Nothing is mocked: it is there."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis as BinaryRedis

from brainbot.storage.contract import Lifetimes
from brainbot.storage.redis_store import WINDOW_SECONDS, answer_key, session_key
from brainbot.storage.storage_service import StorageService, open_storage
from brainbot_stage import MovedClock

pytestmark = pytest.mark.anyio
LIFETIMES = Lifetimes(session_seconds=100, answer_seconds=200, document_seconds=300)


@asynccontextmanager
async def _opened(clock: MovedClock) -> AsyncGenerator[StorageService]:
    storage = await open_storage(os.environ, LIFETIMES, clock=clock, random=secrets.token_bytes)
    try:
        yield storage
    finally:
        await storage.close()


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def storage(clock: MovedClock) -> AsyncIterator[StorageService]:
    async with _opened(clock) as storage:
        yield storage


@pytest.fixture
def redis(storage: StorageService) -> BinaryRedis:
    """Reads what the store wrote, past the store."""
    return storage.binary


async def test_a_session_is_a_hash_under_the_hash_of_its_id(storage: StorageService, redis: BinaryRedis) -> None:
    session_id = await storage.sessions.create({"user": "ada", "theme": "dark"})
    assert await redis.hgetall(session_key(session_id)) == {b"user": b"ada", b"theme": b"dark"}
    assert session_id not in session_key(session_id)


async def test_no_two_sessions_have_one_id(storage: StorageService) -> None:
    ids = {await storage.sessions.create({"user": "ada"}) for _ in range(20)}
    assert len(ids) == 20
    assert all(len(session_id) == 43 for session_id in ids)


async def test_every_use_of_a_session_begins_its_lifetime_anew(storage: StorageService, redis: BinaryRedis) -> None:
    session_id = await storage.sessions.create({"user": "ada"})
    key = session_key(session_id)
    assert 95 <= await redis.ttl(key) <= 100
    await redis.expire(key, 10)
    loaded = await storage.sessions.load(session_id)
    assert loaded is not None
    assert 95 <= await redis.ttl(key) <= 100
    await redis.expire(key, 10)
    assert await storage.sessions.change(loaded, {"theme": "dark"})
    assert 95 <= await redis.ttl(key) <= 100


async def test_a_change_writes_its_own_fields_and_no_others(storage: StorageService) -> None:
    session_id = await storage.sessions.create({"user": "ada", "theme": "dark", "draft": "x"})
    one = await storage.sessions.load(session_id)
    two = await storage.sessions.load(session_id)
    assert one is not None
    assert two is not None
    assert await storage.sessions.change(one, {"theme": "light", "draft": None})
    assert await storage.sessions.change(two, {"cart": "book"})
    changed = await storage.sessions.load(session_id)
    assert changed is not None
    assert changed.fields == {"user": "ada", "theme": "light", "cart": "book"}


async def test_a_destroyed_session_stays_dead(storage: StorageService, redis: BinaryRedis) -> None:
    session_id = await storage.sessions.create({"user": "ada"})
    loaded = await storage.sessions.load(session_id)
    assert loaded is not None
    await storage.sessions.destroy(session_id)
    assert await storage.sessions.load(session_id) is None
    assert not await storage.sessions.change(loaded, {"theme": "dark"})
    assert not await redis.exists(session_key(session_id))


async def test_an_answer_ends_in_redis_after_its_lifetime(storage: StorageService, redis: BinaryRedis) -> None:
    question = f"what is {secrets.token_hex(6)}"
    await storage.answers.answer(question, said)
    assert 195 <= await redis.ttl(answer_key(question)) <= 200


async def test_an_answer_that_ended_by_the_clock_of_the_application_is_made_anew(
    storage: StorageService, clock: MovedClock
) -> None:
    question = f"what is {secrets.token_hex(6)}"
    first = await storage.answers.answer(question, said)
    clock.move(200)
    assert (await storage.answers.answer(question, said)).made_at == first.made_at + 200


async def test_a_counter_ends_with_its_minute(storage: StorageService, redis: BinaryRedis, clock: MovedClock) -> None:
    what = f"ask:{secrets.token_hex(6)}"
    verdicts = [await storage.limiter.count(what, 2) for _ in range(3)]
    assert [verdict.is_allowed for verdict in verdicts] == [True, True, False]
    key = f"limit:{what}:{int(clock()) // WINDOW_SECONDS}"
    assert await redis.get(key) == b"3"
    assert 55 <= await redis.ttl(key) <= 60


async def test_a_document_is_kept_as_its_bytes(storage: StorageService, redis: BinaryRedis) -> None:
    owner, body = secrets.token_hex(6), bytes(range(256)) * 5_000
    await storage.documents.put(owner, "plan", body)
    assert await redis.get(f"document:{owner}:plan") == body
    assert 295 <= await redis.ttl(f"document:{owner}:plan") <= 300
    await storage.documents.delete(owner, "plan")
    assert await storage.documents.get(owner, "plan") is None


async def said(question: str) -> str:
    return f"the answer to {question}"

"""The storage of the environment's variables: both clients on one database, as a service has them."""

from __future__ import annotations

import os
import secrets
import time

import pytest
from upstash_redis.errors import UpstashError

from brainbot.storage.contract import Lifetimes
from brainbot.storage.redis_store import session_key
from brainbot.storage.storage_service import StorageNotConfigured, StorageService, open_storage

pytestmark = pytest.mark.anyio
LIFETIMES = Lifetimes(session_seconds=100, answer_seconds=200, document_seconds=300)


async def _open(**changed: str) -> StorageService:
    return await open_storage({**os.environ, **changed}, LIFETIMES, clock=time.time, random=secrets.token_bytes)


async def test_both_clients_reach_one_database() -> None:
    storage = await _open()
    try:
        session_id = await storage.sessions.create({"user": "ada"})
        assert await storage.binary.hget(session_key(session_id), "user") == b"ada"
    finally:
        await storage.close()


async def test_two_instances_share_sessions_answers_limits_and_documents() -> None:
    one, two = await _open(), await _open()
    try:
        name = secrets.token_hex(6)
        session_id = await one.sessions.create({"user": name})
        assert (await two.sessions.load(session_id)) is not None
        answer = await one.answers.answer(name, _said)
        assert await two.answers.answer(name, _never) == answer
        assert (await one.limiter.count(name, 1)).is_allowed
        assert not (await two.limiter.count(name, 1)).is_allowed
        await one.documents.put(name, "plan", b"bytes")
        assert await two.documents.get(name, "plan") == b"bytes"
    finally:
        await one.close()
        await two.close()


async def test_warming_makes_what_is_missing_and_nothing_else() -> None:
    storage = await _open()
    try:
        names = [secrets.token_hex(6) for _ in range(3)]
        await storage.answers.answer(names[0], _said)
        made: list[str] = []

        async def make(question: str) -> str:
            made.append(question)
            return await _said(question)

        assert await storage.answers.warm(names, make) == 3
        assert made == names[1:]
    finally:
        await storage.close()


async def test_a_wrong_token_is_an_error_and_no_empty_answer() -> None:
    storage = await _open(UPSTASH_REDIS_REST_TOKEN="none")  # noqa: S106 -- that is no token
    try:
        with pytest.raises(UpstashError, match="WRONGPASS"):
            await storage.sessions.destroy("any")
    finally:
        await storage.close()


async def test_variables_that_are_missing_are_named_together() -> None:
    with pytest.raises(StorageNotConfigured, match="UPSTASH_REDIS_REST_TOKEN, REDIS_URL"):
        await _open(UPSTASH_REDIS_REST_TOKEN="", REDIS_URL="")


async def _said(question: str) -> str:
    return f"the answer to {question}"


async def _never(question: str) -> str:
    raise AssertionError(f"{question} is made although it is kept")

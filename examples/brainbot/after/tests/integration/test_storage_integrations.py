"""The storage on the namespaces of an environment that was provisioned, by the variables of its environment group."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from kvshift_kv import KvError, KvOptions, World

from brainbot.storage.cloudflare_store import answer_key
from brainbot.storage.collect_parts import collect_parts
from brainbot.storage.contract import Lifetimes
from brainbot.storage.storage_service import EVENTUAL_NAMESPACE, StorageService, open_storage

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
LIFETIMES = Lifetimes(session_seconds=100, answer_seconds=200, document_seconds=300)
GROUP = {name: value for name, value in os.environ.items() if name.startswith("CLOUDFLARE_KV_")}


@asynccontextmanager
async def _opened(**changed: str) -> AsyncGenerator[StorageService]:
    storage = await open_storage(GROUP | changed, LIFETIMES, clock=time.time, random=secrets.token_bytes)
    try:
        yield storage
    finally:
        await storage.close()


async def test_two_instances_share_sessions_answers_limits_and_documents() -> None:
    name = secrets.token_hex(6)
    async with _opened() as one, _opened() as two:
        session_id = await one.sessions.create({"user": name})
        assert (await two.sessions.load(session_id)) is not None
        answer = await one.answers.answer(name, _said)
        assert await two.answers.answer(name, _never) == answer
        assert (await one.limiter.count(name, 1)).is_allowed
        assert not (await two.limiter.count(name, 1)).is_allowed
        await one.documents.put(name, "plan", b"bytes")
        assert await two.documents.get(name, "plan") == b"bytes"


async def test_a_session_that_is_destroyed_is_refused_by_another_instance_at_once() -> None:
    async with _opened() as one, _opened() as two:
        session_id = await one.sessions.create({"user": "ada"})
        loaded = await two.sessions.load(session_id)
        assert loaded is not None
        await one.sessions.destroy(session_id)
        assert await two.sessions.load(session_id) is None
        assert not await two.sessions.change(loaded, {"theme": "dark"})


async def test_kv_is_told_when_an_answer_ends() -> None:
    name = secrets.token_hex(6)
    async with _opened() as storage:
        before = time.time()
        await storage.answers.answer(name, _said)
        entry = await storage.kv.namespace(EVENTUAL_NAMESPACE).get_entry(answer_key(name))
        assert entry is not None
        assert entry.expires_at is not None
        assert 199 <= entry.expires_at.timestamp() - before <= 230


async def test_warming_makes_what_is_missing_and_nothing_else() -> None:
    names = [secrets.token_hex(6) for _ in range(3)]
    made: list[str] = []

    async def make(question: str) -> str:
        made.append(question)
        return await _said(question)

    async with _opened() as storage:
        await storage.answers.answer(names[0], _said)
        assert await storage.answers.warm(names, make) == 3
        assert sorted(made) == sorted(names[1:])


async def test_what_a_replaced_document_left_is_collected_and_the_document_stays() -> None:
    owner, body = secrets.token_hex(6), secrets.token_bytes(4_500_000)
    # Parts are left alone for an hour: somebody may still read them.
    later = KvOptions(world=World(now_ms=lambda: (time.time() + 2 * 3600) * 1000))
    async with _opened() as storage:
        await storage.documents.put(owner, "plan", secrets.token_bytes(5_000_000))
        await storage.documents.put(owner, "plan", body)
    assert await collect_parts(GROUP) == 0
    assert await collect_parts(GROUP, later) >= 2
    async with _opened() as another:
        assert await another.documents.get(owner, "plan") == body


async def test_a_wrong_token_is_an_error_and_no_empty_answer() -> None:
    async with _opened(CLOUDFLARE_KV_API_TOKEN="none") as storage:  # noqa: S106 -- that is no token
        with pytest.raises(KvError) as raised:
            await storage.sessions.load("any")
        assert raised.value.code == "UNAUTHORIZED"


async def test_variables_that_are_missing_are_named_together() -> None:
    with pytest.raises(KvError, match="CLOUDFLARE_KV_API_TOKEN, CLOUDFLARE_KV_NAMESPACES") as raised:
        async with _opened(CLOUDFLARE_KV_API_TOKEN="", CLOUDFLARE_KV_NAMESPACES=""):
            pass
    assert raised.value.code == "NOT_CONFIGURED"


async def _said(question: str) -> str:
    return f"the answer to {question}"


async def _never(question: str) -> str:
    raise AssertionError(f"{question} is made although it is kept")


def test_the_example_of_the_environment_names_what_the_environment_group_gives() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = {line.partition("=")[0] for line in lines if line.startswith("CLOUDFLARE_KV_")}
    assert named == set(GROUP)

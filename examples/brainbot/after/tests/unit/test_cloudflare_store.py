"""Each part of the store by itself, on the library's own fake: all of the library runs, KV is in memory."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator

import pytest
from kvshift_kv import KvError
from kvshift_kv.testing import FakeKv, RawPair

from brainbot.storage.cloudflare_store import WINDOW_SECONDS, answer_key, document_key
from brainbot.storage.contract import Lifetimes
from brainbot.storage.storage_service import EVENTUAL_NAMESPACE, STRONG_NAMESPACE, StorageService, storage_on

pytestmark = pytest.mark.anyio
LIFETIMES = Lifetimes(session_seconds=100, answer_seconds=200, document_seconds=300)
NEAR_DOCUMENT_SECONDS = 10


@pytest.fixture
def fake() -> FakeKv:
    return FakeKv()


@pytest.fixture
async def storage(fake: FakeKv) -> AsyncIterator[StorageService]:
    async for opened in instance_on(fake):
        yield opened


@pytest.fixture
async def another(fake: FakeKv) -> AsyncIterator[StorageService]:
    """The storage of another process on the same environment."""
    async for opened in instance_on(fake):
        yield opened


async def instance_on(fake: FakeKv) -> AsyncIterator[StorageService]:
    def clock() -> float:
        return fake.clock.now_ms() / 1000

    storage = storage_on(fake.async_kv(), LIFETIMES, clock=clock, random=secrets.token_bytes)
    yield storage
    await storage.close()


async def test_a_session_is_an_object_under_the_hash_of_its_id(storage: StorageService, fake: FakeKv) -> None:
    session_id = await storage.sessions.create({"user": "ada", "theme": "dark"})
    [key] = fake.keys(STRONG_NAMESPACE)
    assert key.startswith("session:")
    assert session_id not in key
    pair = fake.raw(STRONG_NAMESPACE, key)
    assert pair is not None
    assert json.loads(pair.content) == {"user": "ada", "theme": "dark", "renewed_at": str(fake.clock.now_ms() / 1000)}


async def test_no_two_sessions_have_one_id(storage: StorageService) -> None:
    ids = {await storage.sessions.create({"user": "ada"}) for _ in range(20)}
    assert len(ids) == 20
    assert all(len(session_id) == 43 for session_id in ids)


async def test_what_must_not_be_stale_is_on_the_strong_namespace(storage: StorageService, fake: FakeKv) -> None:
    await storage.sessions.create({"user": "ada"})
    await storage.limiter.count("ask:ada", 1)
    await storage.answers.answer("what is a key", said)
    await storage.documents.put("ada", "plan", b"bytes")
    assert sorted(key.partition(":")[0] for key in fake.keys(STRONG_NAMESPACE)) == ["limit", "session"]
    assert sorted(key.partition(":")[0] for key in fake.keys(EVENTUAL_NAMESPACE)) == ["answer", "document"]


async def test_every_use_of_a_session_begins_its_lifetime_anew(storage: StorageService, fake: FakeKv) -> None:
    session_id = await storage.sessions.create({"user": "ada"})
    for _ in range(3):
        fake.clock.advance(90)
        assert await storage.sessions.load(session_id) is not None
    fake.clock.advance(101)
    assert await storage.sessions.load(session_id) is None


async def test_a_session_that_was_used_a_moment_ago_costs_one_request(storage: StorageService, fake: FakeKv) -> None:
    session_id = await storage.sessions.create({"user": "ada"})
    fake.requests.clear()
    fake.clock.advance(9)
    assert await storage.sessions.load(session_id) is not None
    assert fake.requests == ["GET values"]


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


async def test_a_destroyed_session_stays_dead(storage: StorageService, another: StorageService) -> None:
    session_id = await storage.sessions.create({"user": "ada"})
    loaded = await another.sessions.load(session_id)
    assert loaded is not None
    await storage.sessions.destroy(session_id)
    assert await another.sessions.load(session_id) is None
    assert not await another.sessions.change(loaded, {"theme": "dark"})
    assert await storage.sessions.load(session_id) is None


async def test_an_answer_ends_after_its_lifetime(storage: StorageService, fake: FakeKv) -> None:
    first = await storage.answers.answer("what is a key", said)
    fake.clock.advance(199)
    assert await storage.answers.answer("what is a key", said) == first
    fake.clock.advance(1)
    assert (await storage.answers.answer("what is a key", said)).made_at == first.made_at + 200


async def test_a_warm_answer_costs_no_request(storage: StorageService, another: StorageService, fake: FakeKv) -> None:
    await another.answers.answer("made before", said)
    assert await storage.answers.warm(["made before", "not yet made"], said) == 2
    fake.requests.clear()
    for question in ("made before", "not yet made"):
        assert (await storage.answers.answer(question, never)).text == await said(question)
    assert fake.requests == []


async def test_a_counter_ends_with_its_minute(storage: StorageService, fake: FakeKv) -> None:
    verdicts = [await storage.limiter.count("ask:ada", 2) for _ in range(3)]
    assert [verdict.is_allowed for verdict in verdicts] == [True, True, False]
    [key] = fake.keys(STRONG_NAMESPACE)
    assert key == f"limit:ask:ada:{int(fake.clock.now_ms()) // 1000 // WINDOW_SECONDS}"
    fake.clock.advance(WINDOW_SECONDS)
    assert fake.keys(STRONG_NAMESPACE) == []


async def test_a_large_document_is_split_and_comes_back_whole(
    storage: StorageService, another: StorageService, fake: FakeKv
) -> None:
    body = secrets.token_bytes(8_000_001)
    await storage.documents.put("ada", "plan", body)
    parts = [key for key in fake.keys(EVENTUAL_NAMESPACE) if key.startswith("kvshift:part:")]
    assert len(parts) == 3
    assert await another.documents.get("ada", "plan") == body


async def test_a_part_that_is_missing_is_an_error_and_no_shorter_document(
    storage: StorageService, another: StorageService, fake: FakeKv
) -> None:
    await storage.documents.put("ada", "plan", secrets.token_bytes(8_000_001))
    part = next(key for key in fake.keys(EVENTUAL_NAMESPACE) if key.startswith("kvshift:part:"))
    fake.write(EVENTUAL_NAMESPACE, part, RawPair(b"", expiration=0))
    with pytest.raises(KvError) as raised:
        await another.documents.get("ada", "plan")
    assert raised.value.code == "PART_MISSING"


async def test_a_process_sees_its_own_document_while_kv_still_gives_the_old_one(
    storage: StorageService, fake: FakeKv
) -> None:
    await storage.documents.put("ada", "plan", b"old")
    old = fake.raw(EVENTUAL_NAMESPACE, document_key("ada", "plan"))
    assert old is not None
    await storage.documents.put("ada", "plan", b"new")
    # What a location of Cloudflare's does that has not seen the write.
    fake.write(EVENTUAL_NAMESPACE, document_key("ada", "plan"), old)
    fake.clock.advance(NEAR_DOCUMENT_SECONDS + 1)
    assert await storage.documents.get("ada", "plan") == b"new"


async def test_a_document_of_another_process_is_old_for_the_time_of_the_near_cache_and_no_longer(
    storage: StorageService, another: StorageService, fake: FakeKv
) -> None:
    await storage.documents.put("ada", "plan", b"old")
    assert await another.documents.get("ada", "plan") == b"old"
    await storage.documents.put("ada", "plan", b"new")
    fake.clock.advance(NEAR_DOCUMENT_SECONDS - 1)
    assert await another.documents.get("ada", "plan") == b"old"
    fake.clock.advance(2)
    assert await another.documents.get("ada", "plan") == b"new"


async def test_a_call_that_fails_once_is_repeated_and_counts_once(storage: StorageService, fake: FakeKv) -> None:
    fake.fail_next("unavailable")
    session_id = await storage.sessions.create({"user": "ada"})
    fake.fail_next("no answer")
    assert await storage.sessions.load(session_id) is not None
    fake.fail_next("lost answer")
    assert (await storage.limiter.count("ask:ada", 1)).is_allowed
    assert not (await storage.limiter.count("ask:ada", 1)).is_allowed


async def test_an_answer_is_kept_as_what_every_client_reads(storage: StorageService, fake: FakeKv) -> None:
    answer = await storage.answers.answer("what is a key", said)
    pair = fake.raw(EVENTUAL_NAMESPACE, answer_key("what is a key"))
    assert pair is not None
    assert json.loads(pair.content) == {"text": answer.text, "made_at": answer.made_at}


async def said(question: str) -> str:
    return f"the answer to {question}"


async def never(question: str) -> str:
    raise AssertionError(f"{question} is made although it is kept")

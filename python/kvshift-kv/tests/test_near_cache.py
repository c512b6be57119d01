"""What a process keeps in memory, and what it never hands out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from kvshift_kv import AsyncKv, Kv, KvError, KvOptions, NearCacheOptions
from kvshift_kv.exchange import HttpAnswer, HttpRequest
from kvshift_kv.testing import FakeKv


def done_here(work: Callable[[], None]) -> None:
    """What goes on behind is done at once: then a test can look at it."""
    work()


NEAR = NearCacheOptions(ttl_seconds=10, miss_ttl_seconds=2, stale_seconds=20)


def inline(fake: FakeKv) -> FakeKv:
    fake.world = replace(fake.world, start_thread=done_here)
    return fake


def test_answers_from_memory_for_as_long_as_it_was_said_to_and_counts_it() -> None:
    fake = inline(FakeKv())
    other, kv = fake.kv().namespace("cache"), fake.kv().namespace("cache", near_cache=NEAR)
    other.put("k", "old")
    assert (kv.get("k"), kv.get("k")) == ("old", "old")
    other.put("k", "new")
    fake.requests.clear()
    fake.clock.advance(9)
    assert (kv.get("k"), fake.requests) == ("old", [])
    fake.clock.advance(2)
    assert (kv.get("k"), kv.get("k")) == ("old", "new")
    fake.clock.advance(31)
    other.put("k", "newer")
    assert kv.get("k") == "newer"
    stats = kv.stats
    assert stats is not None
    assert (stats.hits, stats.misses, stats.stale, stats.entries) == (3, 2, 1, 1)


def test_knows_for_a_while_that_a_key_is_missing() -> None:
    fake = FakeKv()
    other, kv = fake.kv().namespace("cache"), fake.kv().namespace("cache", near_cache=NEAR)
    assert kv.get("k") is None
    other.put("k", 1)
    assert kv.get("k") is None
    fake.clock.advance(2)
    assert kv.get("k") == 1


def test_sees_what_this_process_wrote_at_once_and_for_as_long_as_kv_may_give_what_was_before() -> None:
    fake = FakeKv()
    kv = fake.kv().namespace("cache", near_cache=NEAR)
    kv.put("k", 1)
    kv.put_many({"many": [1]})
    fake.requests.clear()
    fake.clock.advance(59)
    assert (kv.get("k"), kv.get("many"), fake.requests) == (1, [1], [])
    kv.delete("k")
    fake.clock.advance(59)
    assert (kv.get("k"), fake.requests) == (None, ["DELETE values"])


def test_gives_an_old_answer_where_kv_fails_and_only_for_as_long_as_was_said() -> None:
    fake = FakeKv()
    near = NearCacheOptions(ttl_seconds=1, stale_on_error_seconds=60)
    other = fake.kv().namespace("cache")
    kv = fake.kv(KvOptions(repeats=0, tracer=None)).namespace("cache", near_cache=near)
    other.put("k", "kept")
    assert kv.get("k") == "kept"
    fake.clock.advance(30)
    fake.fail_next("unavailable")
    assert kv.get("k") == "kept"
    fake.fail_next("unauthorized")
    with pytest.raises(KvError, match="credential"):
        kv.get("k")
    fake.clock.advance(40)
    fake.fail_next("unavailable")
    with pytest.raises(KvError, match="503"):
        kv.get("k")


def test_never_gives_a_pair_that_has_ended() -> None:
    fake = FakeKv()
    kv = fake.kv().namespace("cache", near_cache=NearCacheOptions(ttl_seconds=1000, stale_seconds=1000))
    kv.put("k", 1, ttl_seconds=60)
    fake.clock.advance(59.999)
    assert kv.get("k") == 1
    fake.clock.advance(0.001)
    assert kv.get("k") is None


def test_hands_everybody_a_value_of_their_own_unless_it_is_shared() -> None:
    fake = FakeKv()
    kv = fake.kv().namespace("cache", near_cache=NEAR)
    written = {"list": [1]}
    kv.put("k", written)
    written["list"].append(2)
    first: Any = kv.get("k")
    first["list"].append(3)
    assert kv.get("k") == {"list": [1]}
    shared = fake.kv().namespace("cache", near_cache=replace(NEAR, share=True))
    assert shared.get("k") is shared.get("k")


def test_keeps_no_more_bytes_than_it_may_and_drops_what_was_not_used_for_longest() -> None:
    fake = FakeKv()
    kv = fake.kv().namespace("cache", near_cache=replace(NEAR, max_bytes=10_000))
    for number in range(5):
        kv.put(f"k{number}", "x" * 2000)
        kv.get("k0")
    kv.put("too large", "x" * 20_000)
    stats = kv.stats
    assert stats is not None
    assert stats.bytes <= 10_000
    fake.requests.clear()
    assert [len(kv.get(key, "")) for key in ("k0", "k4", "k1")] == [2000, 2000, 2000]
    assert fake.requests == ["GET values"]


class Held:
    """Answers of reads wait until they are let go."""

    def __init__(self, fake: FakeKv) -> None:
        self._inner = fake.world.exchange
        self._inner_async = fake.world.exchange_async
        self.gate = threading.Event()
        self.reads = 0

    def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
        assert self._inner is not None
        answer = self._inner.send(request, timeout_seconds)
        if request.method == "GET":
            self.reads += 1
            self.gate.wait(10)
        return answer

    def close(self) -> None:
        pass


class HeldTasks:
    """The same for asyncio."""

    def __init__(self, fake: FakeKv) -> None:
        self._inner = fake.world.exchange_async
        self.gate = asyncio.Event()
        self.reads = 0

    async def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
        assert self._inner is not None
        answer = await self._inner.send(request, timeout_seconds)
        if request.method == "GET":
            self.reads += 1
            await self.gate.wait()
        return answer

    async def close(self) -> None:
        pass


def test_threads_that_ask_at_once_are_one_read() -> None:
    fake = FakeKv()
    fake.kv().namespace("cache").put("k", {"n": 1})
    held = Held(fake)
    world = replace(fake.world, exchange=held)
    kv = Kv(fake.settings, KvOptions(world=world, tracer=None)).namespace("cache", near_cache=NEAR)
    with ThreadPoolExecutor(8) as threads:
        running = [threads.submit(kv.get, "k") for _ in range(8)]
        while (stats := kv.stats) is None or stats.joined < 7:
            pass
        held.gate.set()
        values = [done.result() for done in running]
    assert (held.reads, values) == (1, [{"n": 1}] * 8)
    assert len({id(value) for value in values}) == 8


async def test_tasks_that_ask_at_once_are_one_read_and_one_that_is_cancelled_takes_no_other_along() -> None:
    fake = FakeKv()
    await fake.async_kv().namespace("cache").put("k", [1])
    held = HeldTasks(fake)
    world = replace(fake.world, exchange_async=held)
    kv = AsyncKv(fake.settings, KvOptions(world=world, tracer=None)).namespace("cache", near_cache=NEAR)
    tasks = [asyncio.create_task(kv.get("k")) for _ in range(5)]
    while held.reads == 0:
        await asyncio.sleep(0)
    tasks[0].cancel()
    await asyncio.sleep(0)
    held.gate.set()
    values: list[Any] = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(values[0], asyncio.CancelledError)
    assert (values[1:], held.reads) == ([[1]] * 4, 1)


async def test_a_read_that_a_write_overtakes_is_not_kept() -> None:
    fake = FakeKv()
    await fake.async_kv().namespace("cache").put("k", "before")
    held = HeldTasks(fake)
    world = replace(fake.world, exchange_async=held)
    kv = AsyncKv(fake.settings, KvOptions(world=world, tracer=None)).namespace("cache", near_cache=NEAR)
    reading = asyncio.create_task(kv.get("k"))
    while held.reads == 0:
        await asyncio.sleep(0)
    await kv.put("k", "after")
    held.gate.set()
    assert await reading == "before"
    assert await kv.get("k") == "after"


async def test_writes_of_a_key_come_one_after_the_other_and_the_last_one_stays() -> None:
    fake = FakeKv()
    kv = fake.async_kv().namespace("cache", near_cache=NEAR)
    await asyncio.gather(*(kv.put("k", number) for number in range(20)), kv.put_many({"k": 20, "other": 1}))
    raw = fake.raw("cache", "k")
    assert raw is not None
    assert str(await kv.get("k")).encode() == raw.content == b"20"


def test_forgets_what_nobody_knows_and_keeps_what_was_not_written() -> None:
    fake = FakeKv()
    kv = fake.kv(KvOptions(repeats=0, tracer=None)).namespace("cache", near_cache=NEAR)
    kv.put("k", 1)
    fake.fail_next("unauthorized")
    with pytest.raises(KvError):
        kv.put("k", 2)
    fake.requests.clear()
    assert (kv.get("k"), fake.requests) == (1, [])
    fake.fail_next("lost answer")
    with pytest.raises(KvError):
        kv.put("k", 3)
    assert kv.get("k") == 3
    strong = fake.kv().strong("sessions", near_cache=NEAR)
    strong.put("n", 1)
    assert strong.increment("n") == 2
    assert strong.get("n") == 2

"""Values that are made where they are missing: `wrap`, `@cached` and `warm`."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from kvshift_kv import KvError, NearCacheOptions, cached
from kvshift_kv.testing import FakeKv, RawPair


class Maker:
    """Counts what it makes."""

    def __init__(self) -> None:
        self.made = 0
        self.fails = False

    def __call__(self, key: str) -> str:
        self.made += 1
        if self.fails:
            raise RuntimeError("the maker is down")
        return f"{key} {self.made}"


def done_here(work: Callable[[], None]) -> None:
    work()


def fake_inline() -> FakeKv:
    fake = FakeKv()
    fake.world = replace(fake.world, start_thread=done_here)
    return fake


def test_makes_what_is_missing_once_and_again_when_it_has_ended() -> None:
    fake, load = FakeKv(), Maker()
    kv = fake.kv().namespace("cache")
    assert [kv.wrap("k", load, ttl_seconds=60) for _ in range(3)] == ["k 1"] * 3
    fake.clock.advance(60)
    assert kv.wrap("k", load, ttl_seconds=60) == "k 2"
    assert kv.wrap("k", load, refresh=True) == "k 3"
    assert kv.get("k") == "k 3"


def test_hands_out_an_old_value_while_a_new_one_is_made_behind_it() -> None:
    fake, load = fake_inline(), Maker()
    kv = fake.kv().namespace("cache")
    assert kv.wrap("k", load, ttl_seconds=60, stale_seconds=600) == "k 1"
    fake.clock.advance(100)
    assert kv.wrap("k", load, ttl_seconds=60, stale_seconds=600) == "k 1"
    assert kv.wrap("k", load, ttl_seconds=60, stale_seconds=600) == "k 2"
    assert load.made == 2


async def test_hands_out_an_old_value_in_asyncio_while_a_task_makes_a_new_one() -> None:
    fake, load = FakeKv(), Maker()
    kv = fake.async_kv().namespace("cache")
    await kv.wrap("k", load, ttl_seconds=60, stale_seconds=600)
    fake.clock.advance(100)
    assert await kv.wrap("k", load, ttl_seconds=60, stale_seconds=600) == "k 1"
    while load.made < 2:
        await asyncio.sleep(0)
    while await kv.get("k") != "k 2":
        await asyncio.sleep(0)


def test_gives_the_old_value_where_a_new_one_cannot_be_made_if_that_was_asked_for() -> None:
    fake, load = FakeKv(), Maker()
    kv = fake.kv().namespace("cache")
    kv.wrap("k", load)
    load.fails = True
    assert kv.wrap("k", load, refresh=True, on_error="stale") == "k 1"
    with pytest.raises(RuntimeError, match="the maker is down"):
        kv.wrap("k", load, refresh=True)


def test_makes_anew_what_cannot_be_read_and_gives_what_could_not_be_kept() -> None:
    fake, load = FakeKv(), Maker()
    kv = fake.kv().namespace("cache")
    fake.write("cache", "k", RawPair(b"{", {"kvs": 1, "c": "json"}))
    assert kv.wrap("k", load) == "k 1"
    fake.clock.advance(4000)
    # The read succeeds, and all repeats of the write fail.
    served: list[str] = []

    def break_writes(key: str) -> str:
        fake.fail_next("unavailable", "unavailable", "unavailable", "unavailable")
        served.append(key)
        return "made"

    assert kv.wrap("k", break_writes) == "made"
    assert (kv.get("k"), served) == (None, ["k"])


def test_refuses_what_cannot_be_stored_also_from_a_maker() -> None:
    kv = FakeKv().kv().namespace("cache")
    with pytest.raises(KvError) as caught:
        kv.wrap("k", lambda _: {1, 2})
    assert caught.value.code == "VALUE_NOT_ENCODABLE"


def test_threads_that_ask_at_once_are_one_making() -> None:
    kv, gate, made = FakeKv().kv().namespace("cache"), threading.Barrier(9), list[int]()

    def load(_: str) -> list[int]:
        made.append(1)
        gate.wait(10)
        return [1]

    def ask() -> list[int]:
        return kv.wrap("k", load)

    with ThreadPoolExecutor(8) as threads:
        running = [threads.submit(ask) for _ in range(8)]
        waiting = [threading.Thread(target=gate.wait, args=(10,)) for _ in range(8)]
        for thread in waiting:
            thread.start()
        values = [done.result() for done in running]
    assert made == [1]
    assert len({id(value) for value in values}) == 8


async def test_who_is_cancelled_while_it_waits_ends_no_making() -> None:
    kv, gate, load = FakeKv().async_kv().namespace("cache"), asyncio.Event(), Maker()

    async def slow(key: str) -> str:
        await gate.wait()
        return load(key)

    tasks = [asyncio.create_task(kv.wrap("k", slow)) for _ in range(3)]
    for _ in range(10):
        await asyncio.sleep(0)
    tasks[0].cancel()
    gate.set()
    assert (await asyncio.gather(*tasks, return_exceptions=True))[1:] == ["k 1", "k 1"]
    assert await kv.get("k") == "k 1"


async def test_with_a_lease_one_process_makes_it_and_the_others_get_it() -> None:
    fake, made = FakeKv(), list[str]()
    processes = [fake.async_kv().strong("sessions") for _ in range(4)]

    async def load(key: str) -> str:
        made.append(key)
        for _ in range(20):
            await asyncio.sleep(0)
        return f"made {len(made)}"

    values = await asyncio.gather(*(kv.wrap("k", load, lease_seconds=30) for kv in processes))
    assert (values, made) == (["made 1"] * 4, ["k"])
    fake.clock.advance(2)
    assert [key for key in fake.keys("sessions") if "lease" in key] == []


def test_a_lease_is_refused_on_an_eventual_namespace() -> None:
    with pytest.raises(KvError, match="A lease needs a strong namespace"):
        FakeKv().kv().namespace("cache").wrap("k", Maker(), lease_seconds=5)


def test_keeps_the_results_of_a_function_under_keys_that_no_two_calls_share() -> None:
    fake, calls = FakeKv(), list[tuple[object, ...]]()
    cache = fake.kv().namespace("cache")

    @cached(cache, "sum:{left}:{right}", ttl_seconds=60)
    def joined(left: str, right: str = "-") -> str | None:
        calls.append((left, right))
        return None if left == "none" else left + right

    assert (joined("a:b", "c"), joined("a", "b:c"), joined("a:b", right="c")) == ("a:bc", "ab:c", "a:bc")
    assert (joined("none"), joined("none")) == (None, None)
    assert calls == [("a:b", "c"), ("a", "b:c"), ("none", "-")]
    assert joined.key("a:b", "c") == "sum:a%3Ab:c"
    joined.forget("none")
    assert joined("none") is None
    assert joined.refresh("a:b", "c") == "a:bc"
    assert len(calls) == 5


async def test_keeps_the_results_of_a_coroutine_under_the_hash_of_what_is_long() -> None:
    cache, calls = FakeKv().async_kv().namespace("cache"), list[str]()

    @cached(cache, "answer:{user}:{question:sha256}")
    async def answer(user: uuid.UUID, question: str) -> dict[str, int]:
        calls.append(question)
        return {"length": len(question) + user.int % 1}

    user, question = uuid.UUID(int=1), "why? " * 1000
    assert await answer(user, question) == await answer(user, question) == {"length": 5000}
    assert len(calls) == 1
    await answer.forget(user, question)
    await answer(user, question)
    assert len(calls) == 2


def test_refuses_keys_of_functions_that_could_meet() -> None:
    cache = FakeKv().kv().namespace("cache")

    def one(value: object) -> str:
        return str(value)

    with pytest.raises(KvError, match="names no parameter"):
        cached(cache, "k:{other}")(one)
    with pytest.raises(KvError, match="no str, int or UUID"):
        cached(cache, "k:{value}")(one)([1])


def test_warms_what_is_missing_at_the_speed_that_was_asked_for_and_minds_no_failure() -> None:
    fake = FakeKv()
    kv = fake.kv().namespace("cache", near_cache=NearCacheOptions(ttl_seconds=600))
    kv.put("there", "kept")
    progress: list[int] = []

    def load(key: str) -> str:
        if key == "bad":
            raise RuntimeError("no")
        return f"made {key}"

    begun = fake.clock.now_ms()
    result = kv.warm(
        ["there", "a", "bad", "b"],
        load,
        concurrency=1,
        per_second=2,
        on_progress=lambda so_far: progress.append(so_far.warmed + so_far.failed),
    )
    assert (result.warmed, result.failed, result.is_complete) == (3, 1, True)
    assert (fake.clock.now_ms() - begun, progress) == (1500, [1, 2, 3, 4])
    assert kv.get_many(["a", "there", "b"]) == {"a": "made a", "there": "kept", "b": "made b"}


async def test_warms_many_at_once_within_its_budget() -> None:
    fake = FakeKv()
    kv = fake.async_kv().namespace("cache", near_cache=NearCacheOptions(ttl_seconds=600))

    def slow(key: str) -> str:
        fake.clock.advance(1)
        return key

    result = await kv.warm((f"k{number}" for number in range(100)), slow, concurrency=4, budget_seconds=10)
    assert (result.is_complete, result.failed) == (False, 0)
    assert 10 <= result.warmed <= 14

"""Work that others join: what becomes of them where it dies, fails, or was begun by who waits for less."""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from kvshift_kv import AsyncKv, Kv, KvError, KvOptions, NearCacheOptions
from kvshift_kv.exchange import HttpAnswer, HttpRequest, NoAnswer
from kvshift_kv.testing import FakeKv

NEAR = NearCacheOptions(ttl_seconds=10, stale_seconds=60)


def stopped_after(loop: asyncio.AbstractEventLoop, work: Any, is_enough: Callable[[], bool]) -> None:
    """Begins work on a loop, and leaves it there as it is."""

    async def begin() -> None:
        task = asyncio.create_task(work)
        while not is_enough():
            await asyncio.sleep(0)
        assert not task.done()

    loop.run_until_complete(begin())


def test_what_began_on_a_loop_that_stands_still_is_joined_by_no_other_loop() -> None:
    fake, made = FakeKv(), list[str]()
    kv = fake.async_kv()
    cache = kv.namespace("cache", near_cache=NEAR)

    async def hanging(key: str) -> str:
        made.append(key)
        await asyncio.Event().wait()
        return ""

    loop = asyncio.new_event_loop()
    stopped_after(loop, cache.wrap("k", hanging), lambda: bool(made))
    assert asyncio.run(asyncio.wait_for(cache.wrap("k", lambda _: "made"), 10)) == "made"

    async def closed() -> None:
        # The tasks of the other loop are not this one's to wait for.
        await asyncio.wait_for(kv.close(), 10)

    asyncio.run(closed())
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def test_a_write_that_began_on_a_loop_that_stands_still_keeps_no_other_waiting() -> None:
    fake, begun = FakeKv(), list[str]()
    inner = fake.world.exchange_async

    class HangsOnce:
        async def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
            assert inner is not None
            begun.append(request.url)
            if len(begun) == 1:
                await asyncio.Event().wait()
            return await inner.send(request, timeout_seconds)

        async def close(self) -> None:
            pass

    world = replace(fake.world, exchange_async=HangsOnce())
    cache = AsyncKv(fake.settings, KvOptions(world=world, tracer=None)).namespace("cache", near_cache=NEAR)
    loop = asyncio.new_event_loop()
    stopped_after(loop, cache.put("k", 1), lambda: bool(begun))
    asyncio.run(asyncio.wait_for(cache.put("k", 2), 5))
    assert asyncio.run(cache.get("k")) == 2
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


async def test_a_making_that_was_cancelled_before_its_first_step_keeps_nobody_waiting() -> None:
    fake = FakeKv()
    kv = fake.async_kv()
    cache = kv.namespace("cache")
    await cache.wrap("k", lambda _: "old", ttl_seconds=60, stale_seconds=600)
    fake.clock.advance(100)
    # The new one is to be made behind it, and the client is closed at once.
    assert await cache.wrap("k", lambda _: "never", ttl_seconds=60, stale_seconds=600) == "old"
    await kv.close()
    await cache.delete("k")
    assert await asyncio.wait_for(cache.wrap("k", lambda _: "new"), 5) == "new"


def test_where_no_thread_can_be_started_the_old_value_is_given_and_the_next_one_tries_again() -> None:
    fake = FakeKv()
    begun: list[Callable[[], None]] = []

    def start_thread(work: Callable[[], None]) -> None:
        begun.append(work)
        if len(begun) <= 2:
            raise RuntimeError("can't start new thread")
        work()

    fake.world = replace(fake.world, start_thread=start_thread)
    near, plain = fake.kv().namespace("cache", near_cache=NEAR), fake.kv().namespace("cache")
    near.put("near", 1)
    plain.wrap("k", lambda _: "old", ttl_seconds=60, stale_seconds=600)
    fake.clock.advance(65)
    assert plain.wrap("k", lambda _: "new", ttl_seconds=60, stale_seconds=600) == "old"
    assert near.get("near") == 1
    assert plain.wrap("k", lambda _: "new", ttl_seconds=60, stale_seconds=600) == "old"
    assert plain.wrap("k", lambda _: "newer", ttl_seconds=60, stale_seconds=600) == "new"
    assert (near.get("near"), len(begun)) == (1, 4)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_what_a_thread_makes_during_a_fork_is_made_anew_in_the_child() -> None:
    fake, begun, gate = FakeKv(), threading.Event(), threading.Event()
    cache = fake.kv().namespace("cache")

    def slow(_: str) -> str:
        begun.set()
        gate.wait(30)
        return "the parent's"

    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()
    with ThreadPoolExecutor(1) as threads:
        making = threads.submit(cache.wrap, "k", slow)
        begun.wait(10)
        child = context.Process(target=lambda: told.put(cache.wrap("k", lambda _: "the child's")))
        child.start()
        child.join(10)
        is_stuck = child.is_alive()
        child.kill()
        gate.set()
        making.result()
    assert not is_stuck
    assert told.get() == "the child's"


async def test_each_of_those_who_wait_gets_an_error_of_its_own() -> None:
    cache, gate = FakeKv().async_kv().namespace("cache"), asyncio.Event()

    async def failing(_: str) -> str:
        await gate.wait()
        raise RuntimeError("the maker is down", 5)

    tasks = [asyncio.create_task(cache.wrap("k", failing)) for _ in range(20)]
    for _ in range(10):
        await asyncio.sleep(0)
    gate.set()
    errors: list[Any] = await asyncio.gather(*tasks, return_exceptions=True)
    assert {error.args for error in errors} == {("the maker is down", 5)}
    assert len({id(error) for error in errors}) == 20
    assert len({len(traceback.extract_tb(error.__traceback__)) for error in errors}) == 1
    # It still says where it was raised at first.
    assert all(frame[-1].name == "failing" for frame in map(traceback.extract_tb, [e.__traceback__ for e in errors]))


def test_a_caller_that_waits_for_less_fails_none_of_those_who_joined_its_read() -> None:
    fake, begun, gate = FakeKv(), threading.Event(), threading.Event()
    fake.kv().namespace("cache").put("k", "there")
    inner = fake.world.exchange

    class ShortOnce:
        def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
            assert inner is not None
            if timeout_seconds < 5:
                begun.set()
                gate.wait(10)
                return NoAnswer("timeout", is_timeout=True)
            return inner.send(request, timeout_seconds)

        def close(self) -> None:
            pass

    world = replace(fake.world, exchange=ShortOnce())
    kv = Kv(fake.settings, KvOptions(world=world, tracer=None)).namespace("cache", near_cache=NEAR)
    with ThreadPoolExecutor(2) as threads:
        short = threads.submit(kv.get, "k", deadline_seconds=1)
        begun.wait(10)
        long = threads.submit(kv.get, "k")
        while (stats := kv.stats) is None or stats.joined < 1:
            pass
        gate.set()
        assert long.result() == "there"
        with pytest.raises(KvError, match="deadline"):
            short.result()

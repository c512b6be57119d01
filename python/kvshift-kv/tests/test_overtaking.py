"""What is made by `wrap` while this process changes the key."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from kvshift_kv import AsyncKv, AsyncNamespace, KvError, KvOptions, NearCacheOptions, cached
from kvshift_kv.exchange import HttpAnswer, HttpRequest
from kvshift_kv.testing import FakeKv

NEARS = [None, NearCacheOptions(ttl_seconds=10)]
CHANGES: dict[str, Callable[[AsyncNamespace[Any]], Awaitable[object]]] = {
    "put": lambda kv: kv.put("k", "written"),
    "put_many": lambda kv: kv.put_many({"k": "written"}),
    "delete": lambda kv: kv.delete("k"),
    "delete_many": lambda kv: kv.delete_many(["k"]),
}


@pytest.mark.parametrize("near", NEARS, ids=["without a near cache", "with one"])
@pytest.mark.parametrize("change", CHANGES)
async def test_what_was_changed_meanwhile_stays_as_it_was_changed(change: str, near: NearCacheOptions | None) -> None:
    fake = FakeKv()
    kv, gate, made = fake.async_kv().namespace("cache", near_cache=near), asyncio.Event(), list[int]()

    async def load(_: str) -> str:
        made.append(1)
        await gate.wait()
        return f"made {len(made)}"

    making = asyncio.create_task(kv.wrap("k", load))
    while not made:
        await asyncio.sleep(0)
    await CHANGES[change](kv)
    gate.set()
    # It is good for who waits for it, and for nobody else.
    assert await making == "made 1"
    expected = "written" if change.startswith("put") else None
    assert (await kv.get("k"), await fake.async_kv().namespace("cache").get("k")) == (expected, expected)
    assert await kv.wrap("k", load) == (expected or "made 2")


@pytest.mark.parametrize("near", NEARS, ids=["without a near cache", "with one"])
async def test_a_change_that_comes_while_the_made_value_is_written_is_the_last(near: NearCacheOptions | None) -> None:
    fake = FakeKv()
    inner, gate, puts = fake.world.exchange_async, asyncio.Event(), list[str]()

    class Held:
        async def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
            assert inner is not None
            if request.method == "PUT":
                puts.append(request.url)
                await gate.wait()
            return await inner.send(request, timeout_seconds)

        async def close(self) -> None:
            pass

    world = replace(fake.world, exchange_async=Held())
    kv = AsyncKv(fake.settings, KvOptions(world=world, tracer=None)).namespace("cache", near_cache=near)
    making = asyncio.create_task(kv.wrap("k", lambda _: "made"))
    while not puts:
        await asyncio.sleep(0)
    deleting = asyncio.create_task(kv.delete("k"))
    for _ in range(10):
        await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(making, deleting)
    assert fake.raw("cache", "k") is None


async def test_what_a_function_made_is_not_kept_where_its_result_was_forgotten_meanwhile() -> None:
    fake, gate, made = FakeKv(), asyncio.Event(), list[int]()

    @cached(fake.async_kv().namespace("cache"), "answer:{user}")
    async def answer(user: int) -> str:
        made.append(user)
        await gate.wait()
        return f"answer {len(made)}"

    asking = asyncio.create_task(answer(1))
    while not made:
        await asyncio.sleep(0)
    await answer.forget(1)
    gate.set()
    assert (await asking, await answer(1)) == ("answer 1", "answer 2")


def test_what_is_asked_for_anew_is_not_what_began_before_and_stays() -> None:
    fake, begun, gate = FakeKv(), threading.Event(), threading.Event()
    kv = fake.kv().namespace("cache")

    def slow(_: str) -> str:
        begun.set()
        gate.wait(10)
        return "old"

    with ThreadPoolExecutor(1) as threads:
        earlier = threads.submit(kv.wrap, "k", slow)
        begun.wait(10)
        try:
            assert kv.wrap("k", lambda _: "new", refresh=True) == "new"
        finally:
            gate.set()
        assert earlier.result() == "old"
    assert kv.get("k") == "new"


@pytest.mark.parametrize(("ttl", "stale"), [(59, 0), (60, 31 * 24 * 3600)])
def test_nothing_is_made_that_could_not_be_kept(ttl: int, stale: int) -> None:
    fake, made = FakeKv(), list[str]()
    with pytest.raises(KvError) as caught:
        fake.kv().namespace("cache").wrap("k", made.append, ttl_seconds=ttl, stale_seconds=stale)
    assert (caught.value.code, made, fake.requests) == ("EXPIRY_UNSUPPORTED", [], [])

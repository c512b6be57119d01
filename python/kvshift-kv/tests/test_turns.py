"""Writes of one key that wait for each other."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from kvshift_kv import AsyncKv, AsyncNamespace, KvError, KvOptions, NearCacheOptions
from kvshift_kv.exchange import HttpAnswer, HttpRequest
from kvshift_kv.testing import FakeKv

NEAR = NearCacheOptions(ttl_seconds=10)


class HeldWrites:
    """Writes wait until they are let go."""

    def __init__(self, fake: FakeKv) -> None:
        self._inner = fake.world.exchange_async
        self.gate = asyncio.Event()
        self.begun = 0

    async def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
        assert self._inner is not None
        if request.method == "PUT":
            self.begun += 1
            await self.gate.wait()
        return await self._inner.send(request, timeout_seconds)

    async def close(self) -> None:
        pass


async def one_under_way() -> tuple[AsyncNamespace[Any], HeldWrites, asyncio.Task[None]]:
    """A namespace with a near cache on which the first write of `k` is held."""
    fake = FakeKv()
    held = HeldWrites(fake)
    kv = AsyncKv(fake.settings, KvOptions(world=replace(fake.world, exchange_async=held), tracer=None))
    cache: AsyncNamespace[Any] = kv.namespace("cache", near_cache=NEAR)
    first = asyncio.create_task(cache.put("k", "first"))
    while not held.begun:
        await asyncio.sleep(0)
    return cache, held, first


async def test_a_key_that_two_thousand_writes_gave_up_waiting_for_can_be_written() -> None:
    kv, held, first = await one_under_way()
    waiting = [asyncio.create_task(kv.put("k", number)) for number in range(2000)]
    for _ in range(3):
        await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    outcomes: list[Any] = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {asyncio.CancelledError}
    held.gate.set()
    await first
    await kv.put("k", "last")
    assert await kv.get("k") == "last"


async def test_a_write_that_gave_up_waiting_for_its_turn_was_not_done_and_says_so() -> None:
    kv, held, first = await one_under_way()
    code, is_unknown = "", True
    try:
        await kv.put("k", "second", deadline_seconds=0.01)
    except KvError as error:
        code, is_unknown = error.code, error.is_outcome_unknown
    assert (code, is_unknown, held.begun) == ("DEADLINE_EXCEEDED", False, 1)
    held.gate.set()
    await first
    # What was known before of the key still is.
    assert await kv.get("k") == "first"

"""A wall clock that somebody sets changes dates, and nothing that is a length of time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kvshift_kv import Kv, KvError, KvOptions, NearCacheOptions, Secret
from kvshift_kv.testing import FakeKv

DAY_MS = 24 * 3600 * 1000


@pytest.mark.parametrize("days", [-1, 1])
def test_a_circuit_that_is_open_is_tried_after_two_seconds_whatever_the_wall_clock_says(days: int) -> None:
    fake = FakeKv()
    kv = fake.kv(KvOptions(repeats=0, tracer=None)).namespace("cache")
    for _ in range(10):
        fake.fail_next("unavailable")
        with pytest.raises(KvError):
            kv.get("k")
    fake.clock.set(fake.clock.now_ms() + days * DAY_MS)
    with pytest.raises(KvError) as caught:
        kv.get("k")
    assert caught.value.code == "CIRCUIT_OPEN"
    fake.clock.advance(2)
    assert kv.get("k") is None


def test_an_answer_in_memory_is_kept_for_as_long_as_it_was_said_where_the_wall_clock_is_set_back() -> None:
    fake = FakeKv()
    other = fake.kv().namespace("cache")
    kv = fake.kv().namespace("cache", near_cache=NearCacheOptions(ttl_seconds=10))
    other.put("k", "old")
    assert kv.get("k") == "old"
    other.put("k", "new")
    fake.clock.set(fake.clock.now_ms() - DAY_MS)
    fake.clock.advance(11)
    assert kv.get("k") == "new"


def test_the_budget_of_an_account_comes_back_after_five_minutes_where_the_wall_clock_is_set_back() -> None:
    fake = FakeKv()
    settings = replace(fake.settings, api_token=Secret("a token of Cloudflare's"))
    kv = Kv(settings, KvOptions(world=fake.world, tracer=None)).namespace("cache")
    for _ in range(1080):
        kv.delete("k")
    fake.clock.set(fake.clock.now_ms() - DAY_MS)
    fake.clock.advance(301)
    kv.delete("k")


def test_a_deadline_is_no_date() -> None:
    fake = FakeKv()

    def pause(_: float) -> None:
        fake.clock.set(fake.clock.now_ms() + DAY_MS)

    fake.world = replace(fake.world, sleep=pause)
    fake.fail_next("rate limited")
    # The repeat comes within the deadline, though a day has passed on the wall.
    assert fake.kv().namespace("cache").get("k") is None
    assert len(fake.requests) == 2

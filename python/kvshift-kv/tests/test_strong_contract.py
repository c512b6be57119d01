"""What the library promises on a strong namespace alone."""

from __future__ import annotations

import asyncio

from .stages import Stage, code_of, fresh


async def test_writes_where_there_is_nothing_and_where_nothing_has_changed(strong_stage: Stage) -> None:
    kv, key = strong_stage.strong(), fresh()
    first = await kv.put_if_absent(key, "me", ttl_seconds=60, metadata={"by": 1})
    assert first.applied
    assert not (await kv.put_if_absent(key, "you")).applied
    entry = await kv.get_entry(key)
    assert entry is not None
    assert (entry.value, entry.metadata, entry.version) == ("me", {"by": 1}, first.version)
    assert (await kv.put_if_unchanged(key, "mine again", entry.version or "")).applied
    assert not (await kv.put_if_unchanged(key, "late", entry.version or "")).applied
    assert await kv.get(key) == "mine again"


async def test_counts_what_many_add_at_once(strong_stage: Stage) -> None:
    kv, key = strong_stage.strong(), fresh()
    totals = await asyncio.gather(*(kv.increment(key) for _ in range(20)))
    assert sorted(totals) == list(range(1, 21))
    assert await kv.increment(key, -5) == 15
    assert await kv.get(key) == 15
    word = fresh()
    await kv.put(word, "no number")
    assert await code_of(kv.increment(word)) == "REFUSED"


async def test_hands_a_value_out_to_one_caller_alone(strong_stage: Stage) -> None:
    kv, key = strong_stage.strong(), fresh()
    await kv.put(key, "yours")
    found = await asyncio.gather(*(kv.get_and_delete(key) for _ in range(5)))
    assert [entry.value for entry in found if entry is not None] == ["yours"]
    assert await kv.get(key) is None


async def test_changes_when_a_pair_ends_and_nothing_else(strong_stage: Stage) -> None:
    kv, key = strong_stage.strong(), fresh()
    await kv.put(key, "x", metadata={"kept": True})
    assert await kv.touch(key, ttl_seconds=1000) is True
    entry = await kv.get_entry(key)
    assert entry is not None
    assert (entry.value, entry.metadata) == ("x", {"kept": True})
    assert await kv.touch(fresh()) is False


async def test_does_nothing_twice_where_an_answer_is_lost(strong_stage: Stage) -> None:
    kv, key, once = strong_stage.strong(), fresh(), fresh()
    strong_stage.lose_answer()
    assert await kv.increment(key) == 1
    strong_stage.lose_answer()
    assert (await kv.put_if_absent(once, 1)).applied
    strong_stage.lose_answer()
    entry = await kv.get_and_delete(once)
    assert entry is not None
    assert entry.value == 1

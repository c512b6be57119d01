"""What the library promises on every namespace, however it is reached; the fake for applications' tests too."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterable
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from kvshift_kv import raw_bytes, text

from .stages import Stage, code_of, fresh

T = TypeVar("T")


async def listed(entries: AsyncIterable[T]) -> list[T]:
    return [entry async for entry in entries]


async def test_gives_back_json_as_it_was_with_its_metadata_and_nothing_for_what_is_not_there(stage: Stage) -> None:
    kv, key = stage.namespace(), fresh()
    value = {"name": "Ада", "list": [1, None, {"deep": True}], "text": "\0 \u2028 😀"}
    await kv.put(key, value, metadata={"tag": "ü"})
    assert await kv.get(key) == value
    entry = await kv.get_entry(key)
    assert entry is not None
    assert (entry.value, entry.metadata) == (value, {"tag": "ü"})
    assert await kv.get(fresh()) is None
    assert await kv.get(fresh(), "nothing") == "nothing"


async def test_tells_a_stored_null_from_nothing(stage: Stage) -> None:
    kv, key = stage.namespace(), fresh()
    await kv.put(key, None)
    assert await kv.get(key, "nothing") is None
    assert await kv.get_many([key, fresh()]) == {key: None}


async def test_gives_back_bytes_and_text_as_they_were_also_of_length_nothing(stage: Stage) -> None:
    raw, plain = stage.namespace(codec=raw_bytes()), stage.namespace(codec=text())
    one, two, three = fresh(), fresh(), fresh()
    await raw.put(one, bytes(range(256)))
    await raw.put(two, b"")
    await plain.put(three, "\r\n--x")
    assert await raw.get(one) == bytes(range(256))
    assert await raw.get(two) == b""
    assert await plain.get(three) == "\r\n--x"
    assert list(await raw.get_many([two, one, fresh()])) == [two, one]


async def test_reads_many_at_once_in_the_order_that_was_asked_for(stage: Stage) -> None:
    kv = stage.namespace()
    keys = [fresh() for _ in range(130)]
    await kv.put_many([(key, number) for number, key in enumerate(keys)])
    found = await kv.get_many([*reversed(keys), fresh()])
    assert list(found.items()) == [(key, number) for number, key in reversed(list(enumerate(keys)))]


async def test_deletes_one_and_many_and_what_was_never_there(stage: Stage) -> None:
    kv = stage.namespace()
    keys = [fresh(), fresh(), fresh()]
    await kv.put_many(dict.fromkeys(keys, "x"))
    await kv.delete(keys[0])
    await kv.delete_many([*keys[1:], fresh()])
    await kv.delete(fresh())
    assert await kv.get_many(keys) == {}


async def test_lists_what_is_there_by_prefix_page_by_page_with_the_applications_metadata(stage: Stage) -> None:
    kv, prefix = stage.namespace(), f"{fresh()}:"
    keys = [f"{prefix}{number:04}" for number in range(1020)]
    await kv.put_many(dict.fromkeys(keys, 1), metadata={"made": 1})
    found = await listed(kv.list(prefix))
    assert [entry.key for entry in found] == keys
    assert found[0].metadata == {"made": 1}
    assert (found[0].expires_at_ms or 0) > 0


async def test_refuses_what_it_cannot_keep_and_writes_nothing(stage: Stage) -> None:
    kv, key = stage.namespace(), fresh()
    cycle: list[object] = []
    cycle.append(cycle)
    later = datetime.now(tz=timezone.utc) + timedelta(days=3000)
    refused = [
        (kv.put("", 1), "KEY_INVALID"),
        (kv.put("kvshift:x", 1), "KEY_INVALID"),
        (kv.put("k" * 513, 1), "KEY_INVALID"),
        (kv.put("\ud800", 1), "KEY_INVALID"),
        (kv.put(key, {1, 2}), "VALUE_NOT_ENCODABLE"),
        (kv.put(key, {"at": later}), "VALUE_NOT_ENCODABLE"),
        (kv.put(key, {1: "x"}), "VALUE_NOT_ENCODABLE"),
        (kv.put(key, [math.nan]), "VALUE_NOT_ENCODABLE"),
        (kv.put(key, 2**53), "VALUE_NOT_ENCODABLE"),
        (kv.put(key, "\ud800"), "VALUE_NOT_ENCODABLE"),
        (kv.put(key, b"bytes"), "VALUE_NOT_ENCODABLE"),
        (kv.put(key, cycle), "VALUE_NOT_ENCODABLE"),
        (kv.put(key, 1, metadata="m" * 1024), "METADATA_TOO_LARGE"),
        (kv.put(key, 1, ttl_seconds=0), "EXPIRY_UNSUPPORTED"),
        (kv.put(key, 1, ttl_seconds=2_592_001), "EXPIRY_UNSUPPORTED"),
        (kv.put(key, 1, ttl_seconds=60.5), "EXPIRY_UNSUPPORTED"),  # pyright: ignore[reportArgumentType] -- a wrong call
        (kv.put(key, 1, ttl_seconds=100, expires_at=later), "EXPIRY_UNSUPPORTED"),
        (kv.put(key, 1, expires_at=later.replace(tzinfo=None)), "EXPIRY_UNSUPPORTED"),
        (kv.put_many({key: 1, fresh(): {2}}), "VALUE_NOT_ENCODABLE"),
    ]
    assert [await code_of(work) for work, _ in refused] == [code for _, code in refused]
    assert await kv.get(key) is None


async def test_packs_values_which_another_reader_of_the_namespace_unpacks(stage: Stage) -> None:
    kv = stage.namespace(pack_from_bytes=1000)
    small, large = fresh(), fresh()
    await kv.put(small, "x")
    await kv.put(large, "x" * 100_000)
    assert await kv.get(large) == "x" * 100_000
    reader = stage.namespace(pack_from_bytes=10**9)
    assert list((await reader.get_many([small, large])).values()) == ["x", "x" * 100_000]


async def test_makes_a_value_once_for_all_who_ask_at_once(stage: Stage) -> None:
    kv, key, made = stage.namespace(), fresh(), list[str]()

    def load(name: str) -> str:
        made.append(name)
        return f"made {len(made)}"

    assert set(await asyncio.gather(*(kv.wrap(key, load, ttl_seconds=300) for _ in range(3)))) <= {"made 1", "made 2"}
    before = len(made)
    assert await kv.wrap(key, load) == await kv.get(key)
    assert len(made) == before

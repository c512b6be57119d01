"""Values that are larger than KV takes."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvshift_kv import KvError, raw_bytes
from kvshift_kv.packing import packed, unpacked
from kvshift_kv.testing import FakeKv, RawPair


@given(st.binary(max_size=400), st.integers(1, 60), st.none() | st.just(1))
def test_comes_back_whole_however_it_was_cut(content: bytes, size: int, pack: int | None) -> None:
    fake = FakeKv()
    kv = fake.kv().namespace("cache", codec=raw_bytes(), split_above_bytes=size, pack_from_bytes=pack)
    kv.put("k", content)
    assert kv.get("k") == content
    assert all(
        len(pair.content) <= size for key in fake.keys("cache") if key != "k" and (pair := fake.raw("cache", key))
    )


def test_a_document_over_the_limit_of_kv_is_split_by_itself_and_refused_on_a_strong_namespace() -> None:
    fake, content = FakeKv(), random.Random(1).randbytes(26 * 1024 * 1024)
    kv = fake.kv().namespace("cache", codec=raw_bytes())
    kv.put("k", content)
    assert len(fake.keys("cache")) == 3
    assert kv.get("k") == content
    for work in (
        lambda: fake.kv().strong("sessions", codec=raw_bytes()).put("k", content),
        lambda: kv.put_many({"k": content}),
    ):
        with pytest.raises(KvError, match="takes 27262976 bytes; KV takes 26214400"):
            work()


def test_never_gives_a_value_that_was_not_written_as_a_whole() -> None:
    fake = FakeKv()
    kv = fake.kv().namespace("cache", codec=raw_bytes(), split_above_bytes=5)
    kv.put("k", b"abcdefghij")
    parts = [key for key in fake.keys("cache") if key != "k"]
    kept = fake.raw("cache", parts[1])
    assert kept is not None
    fake.write("cache", parts[1], replace(kept, content=b"xxxxx"))
    with pytest.raises(KvError) as caught:
        kv.get("k")
    assert caught.value.code == "VALUE_INVALID"
    fake.write("cache", parts[1], replace(kept, expiration=1.0))
    with pytest.raises(KvError) as caught:
        kv.get("k")
    assert (caught.value.code, caught.value.retryable) == ("PART_MISSING", True)


@pytest.mark.parametrize(
    "change", [{"count": 10**9}, {"bytes": 10**18}, {"count": 0}, {"write": 1}, {"count": 5000, "bytes": 10**9}]
)
def test_believes_no_manifest_that_names_what_cannot_be(change: dict[str, int]) -> None:
    fake = FakeKv()
    kv = fake.kv().namespace("cache", codec=raw_bytes(), split_above_bytes=5)
    kv.put("k", b"abcdefghij")
    pair = fake.raw("cache", "k")
    assert pair is not None
    fake.write("cache", "k", replace(pair, content=json.dumps({**json.loads(pair.content), **change}).encode()))
    with pytest.raises(KvError) as caught:
        kv.get("k")
    assert caught.value.code == "VALUE_INVALID"


def test_removes_the_parts_that_nothing_refers_to_once_no_reader_can_see_them() -> None:
    fake = FakeKv()
    kv = fake.kv().namespace("cache", codec=raw_bytes(), split_above_bytes=5)
    for key in ("kept", "replaced", "deleted", "damaged"):
        kv.put(key, b"abcdefghij", ttl_seconds=100_000)
    fake.clock.advance(10)
    kv.put("replaced", b"small", ttl_seconds=100_000)
    kv.delete("deleted")
    damaged = fake.raw("cache", "damaged")
    assert damaged is not None
    fake.write("cache", "damaged", replace(damaged, content=b"{"))
    assert (kv.collect_parts(), len(fake.keys("cache"))) == (0, 11)
    fake.clock.advance(3720)
    assert kv.collect_parts() == 4
    assert kv.get("kept") == b"abcdefghij"
    assert len([key for key in fake.keys("cache") if key.startswith("kvshift:part:")]) == 4
    assert [entry.key for entry in kv.list()] == ["damaged", "kept", "replaced"]


def test_a_value_that_would_unpack_to_more_than_may_be_is_not_unpacked() -> None:
    small = packed(b"x" * 1_000_000)
    assert unpacked(small, 1_000_000) == b"x" * 1_000_000
    with pytest.raises(KvError, match="unpacks to more than 999999 bytes"):
        unpacked(small, 999_999)


def test_what_says_that_it_is_packed_and_is_not_is_refused() -> None:
    fake = FakeKv()
    kv = fake.kv().namespace("cache", codec=raw_bytes(), pack_from_bytes=1)
    kv.put("k", b"x" * 100)
    pair = fake.raw("cache", "k")
    assert pair is not None
    for content in (pair.content[:-1], pair.content + b"x", b"not packed"):
        fake.write("cache", "k", RawPair(content, pair.metadata))
        with pytest.raises(KvError, match="says that it is packed, and is not"):
            kv.get("k")

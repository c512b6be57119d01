"""Calls about many keys, and what they cost."""

from __future__ import annotations

import hashlib
import json
from typing import Any, cast

import pytest

from kvshift_kv import KvError, raw_bytes
from kvshift_kv.testing import FakeKv, RawPair


async def test_keys_of_a_generator_are_read_and_deleted() -> None:
    fake = FakeKv()
    kv, tasks = fake.kv().namespace("cache"), fake.async_kv().namespace("cache")
    kv.put_many({"a": 1, "b": 2, "c": 3})
    assert kv.get_many(key for key in "ab") == {"a": 1, "b": 2}
    kv.delete_many(key for key in "ab")
    await tasks.delete_many(key for key in "c")
    assert (fake.keys("cache"), await tasks.get_many(iter(["a"]))) == ([], {})


def test_one_key_is_not_taken_for_the_keys_of_its_letters() -> None:
    fake = FakeKv()
    kv = fake.kv().namespace("cache")
    kv.put_many({"a": 1, "ab": 2})
    for call in (kv.get_many, kv.delete_many):
        for keys in ("ab", cast("Any", b"ab")):
            with pytest.raises(KvError) as caught:
                call(keys)
            assert caught.value.code == "KEY_INVALID"
    assert fake.keys("cache") == ["a", "ab"]


def test_an_error_of_one_value_of_many_names_its_key() -> None:
    fake = FakeKv()
    kv = fake.kv().namespace("cache")
    kv.put_many({"a": 1, "b": 2})
    fake.write("cache", "torn", RawPair(b"{", {"kvs": 1, "c": "json"}))
    with pytest.raises(KvError) as caught:
        kv.get_many(["a", "torn", "b"])
    assert (caught.value.code, caught.value.keys) == ("VALUE_INVALID", ("torn",))
    with pytest.raises(KvError) as caught:
        fake.kv().namespace("cache", codec=raw_bytes()).get_many(["torn"])
    assert caught.value.keys == ("torn",)


@pytest.mark.parametrize("size", [1, 10, 100])
def test_a_manifest_that_names_more_parts_than_its_value_needs_costs_two_requests(size: int) -> None:
    fake = FakeKv()
    manifest = {"kvshift": "parts", "write": "w", "count": 10_000, "bytes": size, "sha256": "0" * 64, "at": 1}
    fake.write("cache", "k", RawPair(json.dumps(manifest).encode(), {"kvs": 1, "c": "json", "m": 1}))
    fake.write("cache", "kvshift:part:w:0", RawPair(b"x" * size))
    with pytest.raises(KvError, match="not those that its manifest names"):
        fake.kv().namespace("cache").get("k")
    assert len(fake.requests) == 2


def test_after_a_part_that_is_missing_no_others_are_fetched() -> None:
    fake = FakeKv()
    whole = b"x" * 100
    digest = hashlib.sha256(whole).hexdigest()
    manifest = {"kvshift": "parts", "write": "w", "count": 100, "bytes": 100, "sha256": digest, "at": 1}
    fake.write("cache", "k", RawPair(json.dumps(manifest).encode(), {"kvs": 1, "c": "json", "m": 1}))
    fake.write("cache", "kvshift:part:w:0", RawPair(b"x"))
    with pytest.raises(KvError) as caught:
        fake.kv().namespace("cache").get("k")
    assert caught.value.code == "PART_MISSING"
    # The manifest, the first part, and three tries of each of those that are fetched at once.
    assert len(fake.requests) <= 2 + 3 * 3

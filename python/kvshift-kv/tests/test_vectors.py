"""What is stored is what the vectors say, for every language: tests/vectors of the repository."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from kvshift_kv import Codec, KvError, NamespaceSettings, raw_bytes, text
from kvshift_kv import json as json_codec
from kvshift_kv.sessions import merge_sessions, session_key, sessions_in
from kvshift_kv.testing import FakeKv, ManualClock, RawPair

from .conftest import VECTORS

CODECS: dict[str, Codec[Any]] = {"json": json_codec(), "text": text(), "bytes": raw_bytes()}


def vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def names(found: list[dict[str, Any]]) -> list[str]:
    return [vector["name"] for vector in found]


def content_of(stored: dict[str, Any]) -> bytes:
    if "base64" in stored:
        return base64.b64decode(stored["base64"])
    if "json" in stored:
        return json.dumps(stored["json"], separators=(",", ":")).encode()
    return stored["text"].encode()


VALUES: list[dict[str, Any]] = vectors("values")
READS: list[dict[str, Any]] = vectors("reads")


@pytest.mark.parametrize("vector", VALUES, ids=names(VALUES))
def test_a_value_is_stored_as_the_vector_says_and_comes_back(vector: dict[str, Any]) -> None:
    put = vector["put"]
    settings = NamespaceSettings("n", "1" * 32, vector["consistency"], vector.get("defaultTtlSeconds", 3600))
    fake = FakeKv([settings], clock=ManualClock(vector["nowMs"]))
    codec = CODECS[vector["codec"]]
    if "schemaVersion" in vector:
        codec = replace(codec, version=vector["schemaVersion"])
    kv = fake.kv().namespace("n", codec=codec)
    value = base64.b64decode(put["valueBase64"]) if "valueBase64" in put else put["value"]
    at_ms = put.get("expiresAtMs")
    expires_at = None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, tz=timezone.utc)
    kv.put(put["key"], value, ttl_seconds=put.get("ttlSeconds"), expires_at=expires_at, metadata=put.get("metadata"))
    raw, stored = fake.raw("n", put["key"]), vector["stored"]
    assert raw is not None
    assert (raw.content, raw.metadata, raw.expiration) == (content_of(stored), stored["metadata"], stored["expiration"])
    entry = kv.get_entry(put["key"])
    assert entry is not None
    assert (entry.value, entry.metadata) == (value, put.get("metadata"))


@pytest.mark.parametrize("vector", READS, ids=names(READS))
def test_a_stored_pair_is_read_as_the_vector_says(vector: dict[str, Any]) -> None:
    fake = FakeKv(clock=ManualClock(vector.get("nowMs", 1_795_392_000_000)))
    fake.write("cache", "k", RawPair(content_of(vector["stored"]), vector["stored"].get("metadata")))
    kv = fake.kv().namespace("cache", codec=CODECS[vector["codec"]])
    if "error" in vector:
        with pytest.raises(KvError) as caught:
            kv.get("k")
        assert caught.value.code == vector["error"]
        return
    entry = kv.get_entry("k")
    found = None if entry is None else {"value": entry.value, "metadata": entry.metadata}
    expected = vector["found"]
    assert found == (None if expected is None else {"metadata": None, **expected})


def test_a_split_value_is_stored_as_the_vector_says_and_comes_back() -> None:
    vector = vectors("parts")
    put = vector["put"]
    fake = FakeKv(clock=ManualClock(vector["nowMs"]))
    fake.world = replace(fake.world, unique_id=lambda: vector["writeId"])
    kv = fake.kv().namespace("cache", codec=CODECS[put["codec"]], split_above_bytes=vector["splitAboveBytes"])
    kv.put(put["key"], put["value"], ttl_seconds=put["ttlSeconds"])
    for stored in vector["stored"]:
        raw = fake.raw("cache", stored["key"])
        assert raw is not None
        expected = (content_of(stored), stored["metadata"], stored["expiration"])
        assert (raw.content, raw.metadata, raw.expiration) == expected
    assert fake.keys("cache") == sorted(stored["key"] for stored in vector["stored"])
    assert kv.get(put["key"]) == put["value"]


SESSIONS: dict[str, Any] = vectors("sessions")


def test_the_key_of_a_session_is_the_hash_of_its_id() -> None:
    assert [session_key(vector["id"]) for vector in SESSIONS["keys"]] == [vector["key"] for vector in SESSIONS["keys"]]


@pytest.mark.parametrize("vector", SESSIONS["merges"], ids=names(SESSIONS["merges"]))
def test_two_requests_are_merged_as_the_vector_says(vector: dict[str, Any]) -> None:
    assert merge_sessions(vector["base"], vector["mine"], vector["theirs"]) == vector["merged"]


def test_a_session_on_a_strong_namespace_is_json_and_leaves_a_grave() -> None:
    stored, destroyed, fake = SESSIONS["stored"], SESSIONS["destroyed"], FakeKv()
    key = SESSIONS["keys"][0]["key"]
    sessions = sessions_in(fake.kv().strong("sessions"))
    sessions.save(stored["id"], stored["data"], 600)
    living = fake.raw("sessions", key)
    assert living is not None
    assert (living.content.decode(), living.metadata) == (stored["text"], stored["metadata"])
    sessions.destroy(stored["id"])
    dead = fake.raw("sessions", key)
    assert dead is not None
    assert (dead.content.decode(), dead.metadata) == (destroyed["strong"]["text"], destroyed["strong"]["metadata"])


def test_a_session_on_an_eventual_namespace_is_gone_with_a_record_of_its_end() -> None:
    stored, destroyed, fake = SESSIONS["stored"], SESSIONS["destroyed"], FakeKv()
    key = SESSIONS["keys"][0]["key"]
    sessions = sessions_in(fake.kv().namespace("cache"), accept_stale_logout=True)
    sessions.save(stored["id"], stored["data"], 600)
    living = fake.raw("cache", key)
    assert living is not None
    assert living.content.decode() == stored["text"]
    sessions.destroy(stored["id"])
    assert fake.raw("cache", key) is None
    record = fake.raw("cache", destroyed["eventualKey"])
    assert record is not None
    assert record.content.decode() == destroyed["eventualText"]

"""Arguments that are none: each is refused by a KvError, before anything is sent, and harms nobody else."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kvshift_kv import Kv, KvError, KvOptions
from kvshift_kv.endpoint import EndpointRequest
from kvshift_kv.exchange import HttpRequest, NoAnswer
from kvshift_kv.expiry import StoredExpiry
from kvshift_kv.sessions import LoadedSession
from kvshift_kv.sessions.cookie import CookieSigner
from kvshift_kv.testing import FakeKv, RawPair
from kvshift_kv.transport import StoredPair, WritePair

NO_TEXT: Any = b"0123456789abcdef"
NO_NUMBER: Any = "5"

CALLS: dict[str, Callable[[Kv], object]] = {
    "a deadline without an end": lambda kv: kv.namespace("cache").get("k", deadline_seconds=math.inf),
    "a deadline that is no number": lambda kv: kv.namespace("cache").get("k", deadline_seconds=math.nan),
    "a deadline that is text": lambda kv: kv.namespace("cache").get("k", deadline_seconds=NO_NUMBER),
    "a deadline of years": lambda kv: kv.namespace("cache").get("k", deadline_seconds=1e12),
    "a prefix that is too long": lambda kv: list(kv.namespace("cache").list("x" * 513)),
    "a prefix with a lone surrogate": lambda kv: list(kv.namespace("cache").list("\ud800")),
    "parts of no bytes": lambda kv: kv.namespace("cache", split_above_bytes=0),
    "parts of less": lambda kv: kv.namespace("cache", split_above_bytes=-1),
    "no key a second": lambda kv: kv.namespace("cache").warm(["k"], per_second=0),
    "no key at once": lambda kv: kv.namespace("cache").warm(["k"], concurrency=0),
    "a secret that is bytes": lambda _: CookieSigner([NO_TEXT]),
}


@pytest.mark.parametrize("name", CALLS)
def test_is_refused_by_name_as_often_as_it_is_given(name: str) -> None:
    fake = FakeKv()
    kv = fake.kv()
    for _ in range(12):
        with pytest.raises(KvError) as caught:
            CALLS[name](kv)
        assert (caught.value.retryable, caught.value.code in ("NOT_CONFIGURED", "KEY_INVALID")) == (False, True)
    assert fake.requests == []
    assert kv.namespace("cache").get("k") is None


def test_what_was_never_sent_opens_no_circuit_for_others() -> None:
    fake = FakeKv()

    class Refuses:
        def send(self, request: HttpRequest, timeout_seconds: float) -> NoAnswer:  # noqa: ARG002
            return NoAnswer("InvalidURL", is_sent=False)

        def close(self) -> None:
            pass

    kv = Kv(fake.settings, KvOptions(world=replace(fake.world, exchange=Refuses()), tracer=None)).namespace("cache")
    for _ in range(12):
        with pytest.raises(KvError) as caught:
            kv.put("k", 1)
        assert (caught.value.code, caught.value.is_outcome_unknown) == ("REFUSED", False)


def test_a_manifest_with_what_no_key_can_hold_is_an_invalid_value() -> None:
    fake = FakeKv()
    manifest = {"kvshift": "parts", "write": "\ud800", "count": 1, "bytes": 1, "sha256": "0" * 64, "at": 1}
    fake.write("cache", "k", RawPair(json.dumps(manifest).encode(), {"kvs": 1, "c": "json", "m": 1}))
    fake.write("cache", "kvshift:part:w:0", RawPair(b"x", {"o": "x" * 600, "t": 1}))
    cache = fake.kv().namespace("cache")
    with pytest.raises(KvError) as caught:
        cache.get("k")
    assert caught.value.code == "VALUE_INVALID"
    assert cache.collect_parts() == 0


def test_nothing_that_is_printed_holds_a_key_a_value_or_an_address() -> None:
    fake = FakeKv()
    kv = fake.kv().strong("sessions")
    kv.put("k", "hidden")
    things = [
        kv.get_entry("k"),
        HttpRequest("GET", "https://hidden", {"authorization": "hidden"}, b"hidden"),
        EndpointRequest("get", "GET", "hidden", b"hidden"),
        WritePair("hidden", b"hidden", {"u": "hidden"}, StoredExpiry()),
        StoredPair(b"hidden", {"u": "hidden"}),
        LoadedSession.of({"user": "hidden"}, None),
    ]
    assert [thing for thing in things if "hidden" in repr(thing)] == []

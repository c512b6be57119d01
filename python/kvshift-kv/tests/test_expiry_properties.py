"""Lifetimes: what is asked of KV never ends before readers end the pair, and what it cannot keep is refused."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvshift_kv import KvError, NamespaceSettings
from kvshift_kv.expiry import Expiry, ExpiryRules, expiry_of
from kvshift_kv.testing import FakeKv

NOW = st.integers(1_700_000_000_000, 1_900_000_000_000)
JITTER = st.floats(0, 1)
EVENTUAL = NamespaceSettings("n", "1", "eventual", 3600, 86_400)
STRONG = NamespaceSettings("n", "1", "strong", 3600, 86_400)


@given(NOW, st.integers(60, 86_400), JITTER, JITTER)
def test_on_an_eventual_namespace_kv_keeps_a_pair_for_at_least_as_long_as_readers_take_it(
    now_ms: int, ttl: int, jitter: float, drawn: float
) -> None:
    end = expiry_of(Expiry(ttl_seconds=ttl), ExpiryRules(EVENTUAL, now_ms, jitter, lambda: drawn))
    kept_until_ms = end.stored.fields()["expiration"] * 1000
    assert now_ms + 60_000 <= end.at_ms <= now_ms + ttl * 1000
    assert 60_000 <= kept_until_ms - end.at_ms < 61_001
    assert end.at_ms >= now_ms + max(60, ttl * (1 - jitter)) * 1000 - 1


@given(NOW, st.integers(1, 86_400), JITTER, JITTER)
def test_on_a_strong_namespace_a_lifetime_is_whole_seconds_and_never_longer_than_asked(
    now_ms: int, ttl: int, jitter: float, drawn: float
) -> None:
    seconds = expiry_of(Expiry(ttl_seconds=ttl), ExpiryRules(STRONG, now_ms, jitter, lambda: drawn)).stored.fields()
    assert 1 <= seconds["expiration_ttl"] <= ttl


@given(NOW, st.integers(60_000, 86_400_000))
def test_a_date_is_kept_to_the_millisecond(now_ms: int, life_ms: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=now_ms + life_ms)
    assert round(expiry_of(Expiry(expires_at=moment), ExpiryRules(EVENTUAL, now_ms)).at_ms) == now_ms + life_ms


@pytest.mark.parametrize(
    ("settings", "ttl", "message"),
    [
        (EVENTUAL, 59, "A pair of n lives for 60 s at least, not 59 s. Workers KV keeps nothing for less"),
        (EVENTUAL, 86_401, r"A pair of n may live for 86400 s at most \(maxTtlSeconds\), not 86401 s."),
        (STRONG, 0, "A pair of n lives for 1 s at least, not 0 s."),
        (STRONG, True, "ttl_seconds has to be an int"),
        (STRONG, "60", "ttl_seconds has to be an int"),
    ],
)
def test_names_the_limit_that_is_not_kept(settings: NamespaceSettings, ttl: Any, message: str) -> None:
    with pytest.raises(KvError, match=message):
        expiry_of(Expiry(ttl_seconds=ttl), ExpiryRules(settings, 0))


def test_jitter_makes_lifetimes_shorter_by_its_share_at_most() -> None:
    draws = iter([0.0, 0.5, 1.0])
    fake = FakeKv(random=lambda: next(draws))
    kv = fake.kv().namespace("cache", jitter=0.1)
    ends: list[float] = []
    for key in ("a", "b", "c"):
        kv.put(key, 1, ttl_seconds=1000)
        entry = kv.get_entry(key)
        assert entry is not None
        assert entry.expires_at_ms is not None
        ends.append((entry.expires_at_ms - fake.clock.now_ms()) / 1000)
    assert ends == [1000, 950, 900]
    with pytest.raises(KvError, match="jitter is a share"):
        fake.kv().namespace("cache", jitter=2)

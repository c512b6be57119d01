"""The variables of a service, and everything that can be wrong with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kvshift_kv import Kv, KvError, settings_from

NAMESPACES = {
    "sessions": {"id": "1", "consistency": "strong", "defaultTtlSeconds": 60, "maxTtlSeconds": 600},
    "cache": {"id": "2", "consistency": "eventual", "defaultTtlSeconds": 60, "stalenessBudgetSeconds": 120},
}
ENV = {
    "CLOUDFLARE_KV_API_URL": "https://gateway.test/client/v4/",
    "CLOUDFLARE_KV_ACCOUNT_ID": "account",
    "CLOUDFLARE_KV_API_TOKEN": "kvs_dev-application-a1_secret",
    "CLOUDFLARE_KV_NAMESPACES": json.dumps(NAMESPACES),
    "RENDER_SERVICE_ID": "srv-1",
    "RENDER_INSTANCE_ID": "srv-1-abc",
}


def test_reads_what_the_environment_group_gives_and_shows_no_credential() -> None:
    settings = settings_from(ENV)
    assert (settings.api_url, settings.client) == ("https://gateway.test/client/v4", "srv-1/srv-1-abc")
    assert [(one.name, one.consistency, one.max_ttl_seconds) for one in settings.namespaces] == [
        ("sessions", "strong", 600),
        ("cache", "eventual", None),
    ]
    assert "secret" not in repr(settings).replace("[secret]", "")
    assert Kv.from_env(ENV).names == ("sessions", "cache")


def test_says_everything_that_is_missing() -> None:
    with pytest.raises(KvError, match="CLOUDFLARE_KV_API_URL, CLOUDFLARE_KV_API_TOKEN are not set") as caught:
        settings_from({**ENV, "CLOUDFLARE_KV_API_URL": "", "CLOUDFLARE_KV_API_TOKEN": ""})
    assert caught.value.code == "NOT_CONFIGURED"


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("API_URL", "gateway", "is no URL"),
        ("API_URL", "http://gateway.test", "has to begin with https"),
        ("API_URL", "http://[::1", "is no URL"),
        ("NAMESPACES", "[]", "is no JSON object"),
        ("NAMESPACES", "{", "is no JSON object"),
    ],
)
def test_refuses_what_cannot_be_used(variable: str, value: str, message: str) -> None:
    with pytest.raises(KvError, match=message):
        settings_from({**ENV, f"CLOUDFLARE_KV_{variable}": value})


@pytest.mark.parametrize(
    "change",
    [{"id": 1}, {"consistency": "other"}, {"defaultTtlSeconds": 0}, {"defaultTtlSeconds": 1.5}, {"maxTtlSeconds": "9"}],
)
def test_takes_no_limit_that_cannot_be_read_for_an_absent_one(change: dict[str, Any]) -> None:
    namespaces = {"cache": {**NAMESPACES["cache"], **change}}
    with pytest.raises(KvError, match=r"CLOUDFLARE_KV_NAMESPACES\.cache needs an id"):
        settings_from({**ENV, "CLOUDFLARE_KV_NAMESPACES": json.dumps(namespaces)})


def test_refuses_atomic_operations_to_an_eventual_namespace_and_names_the_namespaces_that_there_are() -> None:
    kv = Kv.from_env(ENV)
    with pytest.raises(KvError, match="eventual: it has no atomic operations") as caught:
        kv.strong("cache")
    assert caught.value.code == "NOT_STRONG"
    with pytest.raises(KvError, match="no namespace none; there are sessions, cache"):
        kv.namespace("none")
    assert not hasattr(kv.namespace("sessions"), "increment")

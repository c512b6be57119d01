"""Repeats, deadlines, the circuit, the budget, and what errors say."""

from __future__ import annotations

import asyncio
import pickle
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from kvshift_kv import AsyncKv, Kv, KvError, KvOptions, Secret
from kvshift_kv.exchange import HttpAnswer, HttpRequest, HttpResponse, NoAnswer
from kvshift_kv.testing import FakeKv, RawPair
from kvshift_kv.testing.fake_kv import Fault

from .sockets import hanging_server, header_trickling_server, trickling_server


def failing(work: Callable[[], Any]) -> KvError:
    with pytest.raises(KvError) as caught:
        work()
    return caught.value


class Scripted:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self, answer: Callable[[HttpRequest, float], HttpAnswer]) -> None:
        self.requests: list[HttpRequest] = []
        self._answer = answer

    def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
        self.requests.append(request)
        return self._answer(request, timeout_seconds)

    def close(self) -> None:
        pass


def kv_on(fake: FakeKv, answer: Callable[[HttpRequest, float], HttpAnswer], **options: Any) -> tuple[Kv, Scripted]:
    scripted = Scripted(answer)
    world = replace(fake.world, exchange=scripted)
    return Kv(fake.settings, KvOptions(world=world, tracer=None, **options)), scripted


def ok(result: str = "null") -> HttpResponse:
    return HttpResponse(200, {}, f'{{"success":true,"result":{result}}}'.encode())


@pytest.mark.parametrize("fault", ["no answer", "lost answer", "unavailable", "rate limited"])
def test_repeats_what_may_pass_and_is_done_once(fault: Fault) -> None:
    fake = FakeKv()
    kv = fake.kv().strong("sessions")
    fake.fail_next(fault, fault)
    assert kv.increment("n") == 1
    assert kv.get("n") == 1


def test_repeats_nothing_that_was_refused() -> None:
    fake = FakeKv()
    fake.fail_next("unauthorized")
    error = failing(lambda: fake.kv().namespace("cache").get("k"))
    assert (error.code, error.retryable, error.status, len(fake.requests)) == ("UNAUTHORIZED", False, 401, 1)


def test_gives_up_after_its_repeats_with_the_last_error_and_says_that_the_outcome_is_unknown() -> None:
    fake = FakeKv()
    fake.fail_next("no answer", "rate limited", "rate limited", "rate limited")
    error = failing(lambda: fake.kv().namespace("cache").put("k", 1))
    assert (error.code, error.is_outcome_unknown, len(fake.requests)) == ("RATE_LIMITED", True, 4)
    fake.fail_next("rate limited", "rate limited", "rate limited", "rate limited")
    assert failing(lambda: fake.kv().namespace("cache").put("k", 1)).is_outcome_unknown is False


@pytest.mark.parametrize("header", ["2", "Mon, 23 Nov 2026 00:00:02 GMT"])
def test_waits_as_long_as_the_endpoint_asks_for(header: str) -> None:
    fake = FakeKv()
    answers = [HttpResponse(429, {"retry-after": header}, b""), ok()]
    kv, _ = kv_on(fake, lambda _, __: answers.pop(0))
    before = fake.clock.now_ms()
    kv.namespace("cache").delete("k")
    assert fake.clock.now_ms() - before == 2000


def test_does_not_wait_for_what_comes_after_the_deadline() -> None:
    fake = FakeKv()
    kv, scripted = kv_on(fake, lambda _, __: HttpResponse(429, {"retry-after": "60"}, b""))
    before = fake.clock.now_ms()
    assert failing(lambda: kv.namespace("cache").delete("k")).code == "RATE_LIMITED"
    assert (fake.clock.now_ms() - before, len(scripted.requests)) == (0, 1)


def test_one_deadline_is_for_all_requests_of_a_call() -> None:
    fake = FakeKv()
    timeouts: list[float] = []

    def slow(_: HttpRequest, timeout_seconds: float) -> HttpAnswer:
        timeouts.append(timeout_seconds)
        fake.clock.advance(3)
        return ok('{"successful_key_count":1000,"unsuccessful_keys":[]}')

    kv, _ = kv_on(fake, slow)
    pairs = {f"k{number}": 1 for number in range(5000)}
    error = failing(lambda: kv.namespace("cache").put_many(pairs))
    assert (error.code, error.retryable, timeouts) == ("DEADLINE_EXCEEDED", True, [10, 7, 4, 1])
    timeouts.clear()
    kv.namespace("cache").put_many(pairs, deadline_seconds=60)
    assert timeouts == [60, 57, 54, 51, 48]


def test_leaves_an_endpoint_alone_that_fails_and_tries_it_every_two_seconds() -> None:
    fake = FakeKv()
    kv, scripted = kv_on(fake, lambda _, __: NoAnswer("ConnectError"), repeats=0)
    namespace = kv.namespace("cache")
    codes = [failing(lambda: namespace.get("k")).code for _ in range(12)]
    assert codes == ["UNAVAILABLE"] * 10 + ["CIRCUIT_OPEN"] * 2
    fake.clock.advance(2)
    assert [failing(lambda: namespace.get("k")).code for _ in range(2)] == ["UNAVAILABLE", "CIRCUIT_OPEN"]
    assert len(scripted.requests) == 11


def test_under_rest_all_clients_of_a_process_share_the_budget_of_an_account() -> None:
    fake = FakeKv()
    asked: list[str] = []

    def answer(request: HttpRequest, _: float) -> HttpAnswer:
        asked.append(request.url)
        return ok()

    def client(account: str) -> Kv:
        settings = replace(fake.settings, api_token=Secret("a token of Cloudflare's"), account_id=account)
        return Kv(settings, KvOptions(world=replace(fake.world, exchange=Scripted(answer)), tracer=None))

    one, two, other = client("a"), client("a"), client("b")
    for number in range(1080):
        (one if number % 2 else two).namespace("cache").delete("k")
        fake.clock.advance(0.2)
    error = failing(lambda: one.namespace("cache").delete("k"))
    assert (error.code, error.retryable, len(asked)) == ("BUDGET_EXHAUSTED", True, 1080)
    other.namespace("cache").delete("k")
    fake.clock.advance(300 - 1079 * 0.2)
    two.namespace("cache").delete("k")
    assert len(asked) == 1082


def test_tells_the_gateway_who_asks_and_sends_the_credential_to_nobody_else() -> None:
    fake = FakeKv()
    kv, scripted = kv_on(fake, lambda _, __: HttpResponse(302, {"location": "https://elsewhere.test"}, b""))
    assert failing(lambda: kv.namespace("cache").get("k")).code == "REFUSED"
    [request] = scripted.requests
    assert request.headers["kvshift-client"] == "srv-test/one"
    assert request.headers["authorization"] == f"Bearer {fake.settings.api_token.reveal()}"


def test_takes_no_answer_of_something_else_for_kv() -> None:
    kv, _ = kv_on(FakeKv(), lambda _, __: HttpResponse(200, {}, b"<html>"))
    assert failing(lambda: kv.namespace("cache").put("k", 1)).code == "UNAVAILABLE"
    kv, _ = kv_on(FakeKv(), lambda _, __: HttpResponse(404, {}, b'{"success":false,"errors":[{"code":10013}]}'))
    assert failing(lambda: kv.namespace("cache").get("k")).code == "UNKNOWN_NAMESPACE"


def test_repeats_the_keys_of_a_bulk_that_failed_and_names_those_that_still_do() -> None:
    bodies: list[bytes] = []

    def answer(request: HttpRequest, _: float) -> HttpAnswer:
        bodies.append(request.body or b"")
        failed = '["b","c"]' if len(bodies) == 1 else '["c"]'
        return ok(f'{{"successful_key_count":1,"unsuccessful_keys":{failed}}}')

    kv, _ = kv_on(FakeKv(), answer)
    error = failing(lambda: kv.namespace("cache").delete_many(["a", "b", "c"]))
    assert bodies == [b'["a","b","c"]', b'["b","c"]', b'["c"]']
    assert (error.code, error.keys, error.retryable) == ("INCOMPLETE", ("c",), True)
    assert str(error) == "1 of 3 keys were not deleted; the others were."


def test_splits_a_bulk_by_its_pairs_and_by_its_bytes() -> None:
    fake = FakeKv()
    cache = fake.kv().namespace("cache")
    cache.put_many({f"k{number}": 1 for number in range(2500)})
    assert fake.requests == ["PUT bulk"] * 3
    fake.requests.clear()
    cache.put_many({f"large{number}": "x" * 3_000_000 for number in range(4)})
    assert fake.requests == ["PUT bulk"] * 2
    assert cache.get("large3") == "x" * 3_000_000


def test_no_error_holds_a_key_a_value_or_the_credential_and_none_brings_one_along() -> None:
    fake = FakeKv()
    secrets = ("the-key", "the-value", fake.settings.api_token.reveal())

    def raising(_: HttpRequest, __: float) -> HttpAnswer:
        return NoAnswer("ReadError")

    kv, _ = kv_on(fake, raising)
    fake.write("cache", "the-key", RawPair(b'"the-value', {"kvs": 1, "c": "json"}))
    namespace = fake.kv().namespace("cache")
    errors = [
        failing(lambda: kv.namespace("cache").get("the-key")),
        failing(lambda: namespace.get("the-key")),
        failing(lambda: namespace.put("the-key", {"the-value": {1}})),
        failing(lambda: namespace.put("the-key" * 100, 1)),
        failing(lambda: namespace.put("k", 1, metadata="the-value" * 200)),
    ]
    for error in errors:
        told = "".join([str(error), repr(error), repr(fake.settings), *traceback.format_exception_only(error)])
        assert not any(secret in told for secret in secrets)
        assert (error.__cause__, error.__context__) == (None, None)


def test_an_error_goes_through_pickle_as_it_is() -> None:
    error = KvError("INCOMPLETE", "message", status=503, keys=["a"])
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own
    assert (copy.code, copy.status, copy.keys, str(copy)) == ("INCOMPLETE", 503, ("a",), "message")


def test_over_real_sockets_a_deadline_ends_a_call_that_hangs_in_threads_and_in_asyncio() -> None:
    with hanging_server() as url:
        settings = replace(FakeKv().settings, api_url=f"{url}/client/v4")
        begun = time.monotonic()
        with Kv(settings) as kv:
            assert failing(lambda: kv.namespace("cache").get("k", deadline_seconds=0.2)).code == "DEADLINE_EXCEEDED"

        async def asynchronous() -> None:
            async with AsyncKv(settings) as kv:
                with pytest.raises(KvError, match="deadline"):
                    await kv.namespace("cache").get("k", deadline_seconds=0.2)

        asyncio.run(asynchronous())
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize("server", [trickling_server, header_trickling_server])
def test_over_real_sockets_an_answer_that_trickles_ends_with_the_deadline_too(
    server: Callable[[], AbstractContextManager[str]],
) -> None:
    with server() as url, Kv(replace(FakeKv().settings, api_url=f"{url}/client/v4")) as kv:
        begun = time.monotonic()
        assert failing(lambda: kv.namespace("cache").get("k", deadline_seconds=0.3)).code == "DEADLINE_EXCEEDED"
        assert time.monotonic() - begun < 10

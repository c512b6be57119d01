"""Sessions of several requests at once, and of requests that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kvshift_kv import KvError, World
from kvshift_kv.sessions import new_session_id, sessions_in
from kvshift_kv.sessions.cookie import CookieSigner
from kvshift_kv.sessions.flask import KvSessionInterface
from kvshift_kv.sessions.starlette import session_of
from kvshift_kv.testing import FakeKv

from .test_flask_sessions import app_on as flask_on
from .test_starlette_sessions import SECRET, app_on, browser, identity_in


def app_with(fake: FakeKv, path: str, handler: Callable[[Request], Awaitable[Response]]) -> Any:
    app = app_on(fake)
    app.router.routes.append(Route(path, handler))
    return app


async def test_a_new_id_revives_no_session_that_was_destroyed_meanwhile() -> None:
    fake = FakeKv()

    async def sign_in_slowly(request: Request) -> Response:
        session_of(request).regenerate()
        await client.get("/out")
        return Response()

    async with browser(app_with(fake, "/slow", sign_in_slowly)) as client:
        await client.get("/in")
        response = await client.get("/slow")
        assert response.headers["set-cookie"].startswith("session=; Max-Age=0; ")
        assert [data async for data in sessions_in(fake.async_kv().strong("sessions")).all()] == []


async def test_a_new_id_keeps_the_fields_that_other_requests_changed_meanwhile() -> None:
    fake = FakeKv()

    async def sign_in_slowly(request: Request) -> Response:
        request.session["user"] = "grace"
        session_of(request).regenerate()
        await client.post("/put", json={"cart": ["tea"]})
        return Response()

    async with browser(app_with(fake, "/slow", sign_in_slowly)) as client:
        await client.get("/in")
        await client.get("/slow")
        assert (await client.get("/")).json() == {"user": "grace", "cart": ["tea"]}


def test_an_old_id_has_ended_whatever_fails_after_it() -> None:
    fake = FakeKv()
    app = flask_on(fake)
    client = app.test_client()
    old = client.post("/put", json={"cart": 1}).headers["Set-Cookie"].partition("=")[2].partition(";")[0]

    fake.requests.clear()
    client.get("/in")
    # The grave, conditional on its version, and then the new session.
    assert fake.requests == ["GET values", "POST atomic", "POST atomic"]
    client.set_cookie("session", old)
    assert client.get("/").get_json() == {}


async def test_a_sign_out_counts_also_where_the_handler_fails() -> None:
    fake = FakeKv()

    async def failing(request: Request) -> Response:
        session_of(request).destroy()
        raise RuntimeError("the page is down")

    async with browser(app_with(fake, "/fail", failing)) as client:
        first = await client.get("/in")
        with pytest.raises(RuntimeError, match="the page is down"):
            await client.get("/fail")
    assert await sessions_in(fake.async_kv().strong("sessions")).load(identity_in(first)) is None


async def test_a_sign_out_counts_also_where_the_client_goes_away() -> None:
    fake = FakeKv()
    inner, gate, writes = fake.world.exchange_async, asyncio.Event(), list[str]()

    class Held:
        async def send(self, request: Any, timeout_seconds: float) -> Any:
            assert inner is not None
            if request.method != "GET":
                writes.append(request.url)
                if len(writes) > 1:
                    await gate.wait()
            return await inner.send(request, timeout_seconds)

        async def close(self) -> None:
            pass

    fake.world = replace(fake.world, exchange_async=Held())
    async with browser(app_on(fake)) as client:
        first = await client.get("/in")
        leaving = asyncio.create_task(client.get("/out"))
        while len(writes) < 2:
            await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
    gate.set()
    for _ in range(10):
        await asyncio.sleep(0)
    assert await sessions_in(fake.async_kv().strong("sessions")).load(identity_in(first)) is None


async def test_a_request_costs_three_reads_at_most_whatever_cookies_it_brings() -> None:
    fake = FakeKv()
    signer = CookieSigner([SECRET])
    cookies = [f"session={signer.signed(new_session_id())}" for _ in range(50)]
    async with browser(app_on(fake)) as client:
        await client.get("/", headers={"cookie": "; ".join([cookies[0], *cookies])})
    assert fake.requests == ["GET values"] * 3


async def test_an_answer_that_depends_on_a_session_is_kept_for_nobody_else() -> None:
    async def has_user(request: Request) -> Response:
        return JSONResponse("user" in request.session)

    async def plain(_: Request) -> Response:
        return Response()

    app = app_with(FakeKv(), "/has", has_user)
    app.router.routes.append(Route("/plain", plain))
    async with browser(app) as client:
        assert (await client.get("/has")).headers["vary"] == "Cookie"
        assert (await client.get("/")).headers["vary"] == "Cookie"
        assert "vary" not in (await client.get("/plain")).headers


async def test_a_hundred_requests_at_once_that_change_one_session_are_all_done() -> None:
    fake = FakeKv()
    # Pauses are real ones here, so that they part those who meet.
    fake.world = replace(fake.world, sleep_async=World().sleep_async, random=World().random)
    inner = fake.world.exchange_async

    class TakesATurn:
        async def send(self, request: Any, timeout_seconds: float) -> Any:
            assert inner is not None
            await asyncio.sleep(0)
            answer = await inner.send(request, timeout_seconds)
            await asyncio.sleep(0)
            return answer

        async def close(self) -> None:
            pass

    fake.world = replace(fake.world, exchange_async=TakesATurn())
    sessions, identity = sessions_in(fake.async_kv().strong("sessions")), new_session_id()
    await sessions.save(identity, {}, 600)
    base = await sessions.load(identity)
    await asyncio.gather(*(sessions.save(identity, {f"f{number}": 1}, 600, base) for number in range(100)))
    after = await sessions.load(identity)
    assert after is not None
    assert len(after.data) == 100


def test_flask_is_told_at_its_first_request_which_lifetime_its_namespace_keeps() -> None:
    app = Flask("app")
    app.secret_key = SECRET
    app.session_interface = KvSessionInterface(sessions_in(FakeKv().kv().strong("sessions")))
    app.testing = True
    with pytest.raises(KvError, match=r"PERMANENT_SESSION_LIFETIME is 2678400 s .* set it to 2592000 or less"):
        app.test_client().get("/")


def test_where_a_session_of_flask_cannot_be_read_that_is_the_only_error(caplog: pytest.LogCaptureFixture) -> None:
    fake = FakeKv()
    app = flask_on(fake)
    client = app.test_client()
    client.get("/in")
    app.testing = False
    fake.fail_next("unavailable", "unavailable", "unavailable", "unavailable")
    assert client.get("/").status_code == 500
    assert [record.getMessage() for record in caplog.records] == ["Exception on / [GET]"]

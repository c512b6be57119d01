"""Sessions of a Starlette application, as a browser meets them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from kvshift_kv import KvError
from kvshift_kv.sessions import session_key, sessions_in
from kvshift_kv.sessions.cookie import CookieOptions, CookieSigner
from kvshift_kv.sessions.starlette import SessionMiddleware, session_of
from kvshift_kv.testing import FakeKv

SECRET = "a secret of a test, and no other"
OLD_SECRET = "the secret before that one was made"


async def show(request: Request) -> Response:
    return JSONResponse(dict(request.session))


async def put(request: Request) -> Response:
    request.session.update(await request.json())
    return JSONResponse(dict(request.session))


async def sign_in(request: Request) -> Response:
    request.session["user"] = "ada"
    session_of(request).regenerate()
    return Response()


async def sign_out(request: Request) -> Response:
    session_of(request).destroy()
    return Response()


async def late(request: Request) -> Response:
    async def body() -> AsyncIterator[bytes]:
        yield b"begun"
        request.session["late"] = True

    return StreamingResponse(body())


def app_on(fake: FakeKv, secrets: tuple[str, ...] = (SECRET,), **options: Any) -> Starlette:
    routes = [
        Route("/", show),
        Route("/put", put, methods=["POST"]),
        Route("/in", sign_in),
        Route("/out", sign_out),
        Route("/late", late),
    ]
    app = Starlette(routes=routes)
    sessions = sessions_in(fake.async_kv().strong("sessions"))
    app.add_middleware(SessionMiddleware, sessions=sessions, secrets=secrets, **options)
    return app


def browser(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://app.test")


def identity_in(response: httpx.Response) -> str:
    found = re.match(r"session=([0-9a-f]{64})\.", response.headers["set-cookie"])
    assert found is not None
    return found[1]


async def test_a_request_that_stores_nothing_gets_no_cookie_and_asks_nothing_of_kv() -> None:
    fake = FakeKv()
    async with browser(app_on(fake)) as client:
        response = await client.get("/")
    assert (response.json(), response.headers.get("set-cookie"), fake.requests) == ({}, None, [])


async def test_what_a_request_stores_the_next_one_has_and_the_cookie_holds_the_id_alone() -> None:
    fake = FakeKv()
    async with browser(app_on(fake, ttl_seconds=600)) as client:
        first = await client.post("/put", json={"cart": ["tea"]})
        second = await client.get("/")
    assert second.json() == {"cart": ["tea"]}
    cookie = first.headers["set-cookie"]
    pattern = r"session=[0-9a-f]{64}\.[\w-]{43}; Max-Age=600; Path=/; SameSite=Lax; HttpOnly; Secure"
    assert re.fullmatch(pattern, cookie)
    assert first.headers["vary"] == "Cookie"
    assert fake.keys("sessions") == [session_key(identity_in(first))]


async def test_a_cookie_that_nobody_here_signed_is_not_taken_up() -> None:
    fake = FakeKv()
    strange = CookieSigner(["another secret, of another one"]).signed("0" * 64)
    async with browser(app_on(fake)) as client:
        for cookie in (strange, "0" * 64, "x.y", ".", "", f"{'0' * 64}.ü"):
            response = await client.get("/", headers=[(b"cookie", f"session={cookie}".encode())])
            assert response.json() == {}
    assert fake.requests == []


async def test_a_signed_id_that_is_not_stored_never_becomes_valid() -> None:
    fake = FakeKv()
    fixed = CookieSigner([SECRET]).signed("0" * 64)
    async with browser(app_on(fake)) as client:
        response = await client.post("/put", json={"user": "ada"}, headers={"cookie": f"session={fixed}"})
        assert identity_in(response) != "0" * 64
        gone = await client.get("/", headers={"cookie": f"session={fixed}"})
    assert gone.json() == {}


async def test_signing_in_changes_the_id_and_ends_the_old_one() -> None:
    fake = FakeKv()
    async with browser(app_on(fake)) as client:
        before = await client.post("/put", json={"cart": 1})
        old_cookie = before.headers["set-cookie"].partition(";")[0]
        after = await client.get("/in")
        assert identity_in(after) != identity_in(before)
        assert (await client.get("/")).json() == {"cart": 1, "user": "ada"}
        stolen = await client.get("/", headers={"cookie": old_cookie})
    assert stolen.json() == {}


async def test_signing_out_ends_the_session_and_takes_the_cookie_away() -> None:
    fake = FakeKv()
    async with browser(app_on(fake)) as client:
        kept = (await client.get("/in")).headers["set-cookie"].partition(";")[0]
        response = await client.get("/out")
        assert response.headers["set-cookie"].startswith("session=; Max-Age=0; ")
        assert (await client.get("/", headers={"cookie": kept})).json() == {}


async def test_a_request_that_ends_after_its_session_was_destroyed_does_not_bring_it_back() -> None:
    fake = FakeKv()
    sessions = sessions_in(fake.async_kv().strong("sessions"))

    async def destroyed_meanwhile(request: Request) -> Response:
        await sessions.destroy(session_of(request).identity or "")
        request.session["seen"] = True
        return Response()

    app = app_on(fake)
    app.router.routes.append(Route("/slow", destroyed_meanwhile))
    async with browser(app) as client:
        await client.get("/in")
        response = await client.get("/slow")
        assert response.headers["set-cookie"].startswith("session=; Max-Age=0; ")
        assert (await client.get("/")).json() == {}


async def test_two_requests_at_once_lose_no_field_of_each_other() -> None:
    fake = FakeKv()
    app = app_on(fake)

    async def outer(request: Request) -> Response:
        request.session["outer"] = 1
        inner = await client.post("/put", json={"inner": 2})
        assert inner.status_code == 200
        return Response()

    app.router.routes.append(Route("/outer", outer))
    async with browser(app) as client:
        await client.get("/in")
        await client.get("/outer")
        assert (await client.get("/")).json() == {"user": "ada", "inner": 2, "outer": 1}


async def test_what_is_changed_after_the_answer_began_is_stored_too() -> None:
    fake = FakeKv()
    async with browser(app_on(fake)) as client:
        await client.get("/in")
        await client.get("/late")
        assert (await client.get("/")).json() == {"user": "ada", "late": True}


async def test_a_session_that_is_used_lives_on_and_one_that_is_not_ends() -> None:
    fake = FakeKv()
    async with browser(app_on(fake, ttl_seconds=600)) as client:
        await client.get("/in")
        for _ in range(4):
            fake.clock.advance(400)
            assert (await client.get("/")).json() == {"user": "ada"}
        fake.clock.advance(601)
        assert (await client.get("/")).json() == {}


async def test_without_rolling_a_session_ends_when_it_was_said_to() -> None:
    fake = FakeKv()
    async with browser(app_on(fake, ttl_seconds=600, rolling=False)) as client:
        await client.get("/in")
        fake.clock.advance(400)
        assert "set-cookie" not in (await client.get("/")).headers
        fake.clock.advance(201)
        assert (await client.get("/")).json() == {}


async def test_reading_costs_one_request_and_makes_it_live_longer_once_in_a_tenth_of_its_life() -> None:
    fake = FakeKv()
    async with browser(app_on(fake, ttl_seconds=600)) as client:
        await client.get("/in")
        await client.post("/put", json={"n": 1})
        fake.requests.clear()
        for _ in range(3):
            await client.get("/")
    assert fake.requests == ["GET values"] * 3


async def test_a_secret_is_replaced_while_sessions_go_on() -> None:
    fake = FakeKv()
    async with browser(app_on(fake, (OLD_SECRET,))) as client:
        await client.get("/in")
        kept = client.cookies
    async with browser(app_on(fake, (SECRET, OLD_SECRET))) as client:
        client.cookies = kept
        response = await client.get("/")
        assert response.json() == {"user": "ada"}
    async with browser(app_on(fake, (SECRET,))) as client:
        again = response.headers["set-cookie"].partition(";")[0]
        assert (await client.get("/", headers={"cookie": again})).json() == {"user": "ada"}


async def test_a_failure_of_kv_fails_the_request_and_takes_nobody_for_signed_out() -> None:
    fake = FakeKv()
    async with browser(app_on(fake)) as client:
        await client.get("/in")
        fake.fail_next("unavailable", "unavailable", "unavailable", "unavailable")
        with pytest.raises(KvError, match="503"):
            await client.get("/")
        assert (await client.get("/")).json() == {"user": "ada"}


def test_cookies_and_secrets_that_protect_nobody_are_refused() -> None:
    for secrets in ([], ["short"], [SECRET, ""]):
        with pytest.raises(KvError, match="secrets of 16 bytes"):
            CookieSigner(secrets)
    with pytest.raises(KvError, match="has to be secure"):
        CookieOptions(same_site="none", secure=False)
    with pytest.raises(KvError, match="name of the cookie"):
        CookieOptions(name="a;b")

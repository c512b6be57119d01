from __future__ import annotations

import asyncio

import pytest

from brainbot.signed_in import SESSION_COOKIE
from brainbot_stage import Stage, ask, questions_in, sign_in

pytestmark = pytest.mark.anyio


async def test_who_knows_the_password_is_signed_in(stage: Stage) -> None:
    async with stage.instance() as instance, instance.browser() as browser:
        assert (await sign_in(browser, stage.ada)).json() == {"user": stage.ada, "messages": 0}
        assert (await browser.get("/me")).json() == {"user": stage.ada, "messages": 0}


async def test_nobody_is_signed_in_without_a_session(stage: Stage) -> None:
    async with stage.instance() as instance, instance.browser() as browser:
        assert (await browser.get("/me")).status_code == 401
        browser.cookies.set(SESSION_COOKIE, "made-up")
        assert (await browser.get("/me")).status_code == 401


async def test_a_wrong_password_and_an_unknown_user_are_refused_alike(stage: Stage) -> None:
    async with stage.instance() as instance, instance.browser() as browser:
        wrong = await sign_in(browser, stage.ada, "not the password")
        unknown = await sign_in(browser, stage.unique("nobody"))
        assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
        assert wrong.status_code == 401
        assert not browser.cookies


async def test_the_cookie_is_for_this_site_alone_and_holds_nothing_but_an_id(stage: Stage) -> None:
    async with stage.instance() as instance, instance.browser() as browser:
        cookie = (await sign_in(browser, stage.ada)).headers["set-cookie"]
        name, _, attributes = cookie.partition("=")
        assert name == SESSION_COOKIE
        assert stage.ada not in cookie
        assert {part.strip().lower() for part in attributes.split(";")[1:]} == {
            "httponly",
            "secure",
            "samesite=lax",
            "path=/",
        }


async def test_a_destroyed_session_stays_dead(stage: Stage) -> None:
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        kept = browser.cookies[SESSION_COOKIE]
        assert (await browser.delete("/session")).status_code == 204
        assert SESSION_COOKIE not in browser.cookies
        browser.cookies.set(SESSION_COOKIE, kept)
        assert (await browser.get("/me")).status_code == 401


async def test_a_request_that_ends_after_the_sign_out_does_not_bring_the_session_back(stage: Stage) -> None:
    model_works, signed_out = asyncio.Event(), asyncio.Event()
    question = stage.unique("slow")

    async def slow_model(asked: str) -> str:
        if asked == question:
            model_works.set()
            await signed_out.wait()
        return await stage.model(asked)

    async with stage.instance(slow_model) as instance, instance.signed_in(stage.ada) as browser:
        kept = browser.cookies[SESSION_COOKIE]
        late = asyncio.ensure_future(ask(browser, question))
        await model_works.wait()
        await browser.delete("/session")
        signed_out.set()
        assert (await late).status_code == 401
        browser.cookies.set(SESSION_COOKIE, kept)
        assert (await browser.get("/me")).status_code == 401


async def test_signing_in_anew_ends_the_session_before(stage: Stage) -> None:
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        before = browser.cookies[SESSION_COOKIE]
        await sign_in(browser, stage.grace)
        assert browser.cookies[SESSION_COOKIE] != before
        assert (await browser.get("/me")).json()["user"] == stage.grace
        async with instance.browser() as other:
            other.cookies.set(SESSION_COOKIE, before)
            assert (await other.get("/me")).status_code == 401


async def test_every_instance_knows_a_session_and_its_end_at_once(stage: Stage) -> None:
    question = stage.unique("known everywhere")
    async with (
        stage.instance() as one,
        stage.instance() as two,
        one.signed_in(stage.ada) as browser,
        two.browser() as elsewhere,
    ):
        elsewhere.cookies.set(SESSION_COOKIE, browser.cookies[SESSION_COOKIE])
        await ask(browser, question)
        assert await questions_in(elsewhere) == [question]
        await browser.delete("/session")
        assert (await elsewhere.get("/me")).status_code == 401


async def test_two_sessions_of_one_person_are_apart(stage: Stage) -> None:
    async with (
        stage.instance() as instance,
        instance.signed_in(stage.ada) as laptop,
        instance.signed_in(stage.ada) as phone,
    ):
        await laptop.delete("/session")
        assert (await phone.get("/me")).status_code == 200


async def test_too_many_sign_ins_are_refused_until_the_next_minute(stage: Stage) -> None:
    stage.change(sign_ins_per_minute=2)
    async with stage.instance() as instance, instance.browser() as browser:
        statuses = [(await sign_in(browser, stage.ada, "guess")).status_code for _ in range(3)]
        assert statuses == [401, 401, 429]
        # The right password does not help: who guesses would learn that it is the right one.
        refused = await sign_in(browser, stage.ada)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert (await sign_in(browser, stage.grace)).status_code == 200
        stage.clock.move(int(refused.headers["retry-after"]))
        assert (await sign_in(browser, stage.ada)).status_code == 200

from __future__ import annotations

import asyncio

import pytest

from brainbot.conversation import MAX_MESSAGES
from brainbot.signed_in import SESSION_COOKIE
from brainbot_stage import Stage, ask, questions_in

pytestmark = pytest.mark.anyio


async def test_a_conversation_keeps_what_was_asked_and_said_in_its_order(stage: Stage) -> None:
    asked = [stage.unique(text) for text in ("first", "second", "third")]
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        said: list[dict[str, str]] = []
        for question in asked:
            said.append((await ask(browser, question)).json())
            stage.clock.move(1)
        assert (await browser.get("/conversations/main")).json() == {"messages": said}
        assert [message["question"] for message in said] == asked
        assert (await browser.get("/me")).json()["messages"] == 3


async def test_two_questions_at_once_are_both_kept(stage: Stage) -> None:
    asked = [stage.unique(f"at once {number}") for number in range(6)]
    async with (
        stage.instance() as one,
        stage.instance() as two,
        one.signed_in(stage.ada) as browser,
        two.browser() as elsewhere,
    ):
        elsewhere.cookies.set(SESSION_COOKIE, browser.cookies[SESSION_COOKIE])
        answers = [ask(client, text) for client, text in zip([browser, elsewhere] * 3, asked, strict=True)]
        assert [answer.status_code for answer in await asyncio.gather(*answers)] == [200] * 6
        assert sorted(await questions_in(browser)) == sorted(asked)


async def test_conversations_of_one_session_are_apart(stage: Stage) -> None:
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        await ask(browser, "about work", "work")
        await ask(browser, "about home", "home")
        assert await questions_in(browser, "work") == ["about work"]
        assert await questions_in(browser, "home") == ["about home"]
        assert await questions_in(browser, "nothing-yet") == []


async def test_the_oldest_messages_make_room(stage: Stage) -> None:
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        for number in range(MAX_MESSAGES + 2):
            assert (await ask(browser, f"question {number}")).status_code == 200
            stage.clock.move(1)
        assert await questions_in(browser) == [f"question {number}" for number in range(2, MAX_MESSAGES + 2)]


async def test_a_question_without_a_word_is_refused(stage: Stage) -> None:
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        assert (await ask(browser, "  ")).status_code == 422
        assert await questions_in(browser) == []


async def test_questions_beyond_the_limit_are_refused_until_the_next_minute(stage: Stage) -> None:
    stage.change(questions_per_minute=2)
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        answers = [await ask(browser, "again") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        async with instance.signed_in(stage.grace) as another:
            assert (await ask(another, "again")).status_code == 200
        stage.clock.move(int(answers[-1].headers["retry-after"]))
        assert (await ask(browser, "again")).status_code == 200


async def test_the_limit_holds_over_all_instances_at_once(stage: Stage) -> None:
    stage.change(questions_per_minute=5)
    async with (
        stage.instance() as one,
        stage.instance() as two,
        one.signed_in(stage.ada) as here,
        two.signed_in(stage.ada) as there,
    ):
        answers = await asyncio.gather(*(ask(client, "at once") for client in [here, there] * 4))
        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 3

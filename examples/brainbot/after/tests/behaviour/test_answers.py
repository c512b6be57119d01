from __future__ import annotations

import asyncio

import pytest

from brainbot_stage import Stage, ask

pytestmark = pytest.mark.anyio


async def test_popular_answers_are_ready_before_the_first_request(stage: Stage) -> None:
    async with stage.instance() as instance, instance.browser() as browser:
        assert sorted(stage.model.asked) == sorted(stage.settings.popular_questions)
        listed = (await browser.get("/popular")).json()["questions"]
        assert listed == list(stage.settings.popular_questions)
        answers = [(await browser.get(f"/popular/{number}")).json() for number in range(len(listed))]
        assert [answer["question"] for answer in answers] == listed
        assert len(stage.model.asked) == len(listed)


async def test_an_answer_is_made_once_and_then_kept_for_every_instance(stage: Stage) -> None:
    async with stage.instance() as one:
        async with one.browser() as browser:
            first = (await browser.get("/popular/0")).json()
        stage.clock.move(60)
        async with stage.instance() as two, two.browser() as browser:
            assert (await browser.get("/popular/0")).json() == first
    assert len(stage.model.asked) == len(stage.settings.popular_questions)


async def test_an_answer_is_made_once_for_all_who_ask_at_once(stage: Stage) -> None:
    question = stage.unique("at once")
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        answers = await asyncio.gather(*(ask(browser, question) for _ in range(8)))
        assert len({answer.json()["answer"] for answer in answers}) == 1
        assert stage.model.asked.count(question) == 1


async def test_one_question_in_two_spellings_has_one_answer(stage: Stage) -> None:
    question = stage.unique("what is a key")
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        plain = (await ask(browser, question)).json()
        loud = (await ask(browser, f"  {question.upper().replace(' ', '   ')}")).json()
        assert plain["answer"] == loud["answer"]
        assert stage.model.asked.count(question) == 1


async def test_an_answer_is_made_anew_after_its_lifetime(stage: Stage) -> None:
    async with stage.instance() as instance, instance.browser() as browser:
        first = (await browser.get("/popular/0")).json()
        stage.clock.move(stage.settings.answer_ttl_seconds - 1)
        assert (await browser.get("/popular/0")).json() == first
        stage.clock.move(2)
        second = (await browser.get("/popular/0")).json()
        assert second["made_at"] > first["made_at"]
        assert stage.model.asked.count(stage.settings.popular_questions[0]) == 2


async def test_a_model_that_fails_leaves_nothing_behind(stage: Stage) -> None:
    question = stage.unique("fails once")
    fails = [True]

    async def failing_model(asked: str) -> str:
        if asked == question and fails:
            fails.pop()
            raise RuntimeError("the model has no answer")
        return await stage.model(asked)

    async with stage.instance(failing_model) as instance, instance.signed_in(stage.ada) as browser:
        assert (await ask(browser, question)).status_code == 500
        assert (await ask(browser, question)).status_code == 200
        assert (await browser.get("/me")).json()["messages"] == 1


async def test_an_instance_starts_although_an_answer_cannot_be_made(stage: Stage) -> None:
    fails = [True]

    async def failing_model(asked: str) -> str:
        if asked == stage.settings.popular_questions[0] and fails:
            fails.pop()
            raise RuntimeError("the model has no answer")
        return await stage.model(asked)

    async with stage.instance(failing_model) as instance, instance.browser() as browser:
        assert stage.model.asked == [stage.settings.popular_questions[1]]
        assert (await browser.get("/popular/0")).status_code == 200


async def test_only_popular_questions_are_answered_to_everybody(stage: Stage) -> None:
    async with stage.instance() as instance, instance.browser() as browser:
        assert (await browser.get("/popular/2")).status_code == 404
        assert (await browser.get("/popular/-1")).status_code == 404
        assert (await ask(browser, "not signed in")).status_code == 401

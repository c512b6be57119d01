from __future__ import annotations

import pytest

from brainbot.model import model_of_cost

pytestmark = pytest.mark.anyio


async def test_one_question_always_has_the_same_answer() -> None:
    assert await model_of_cost(10)("what is a cache") == await model_of_cost(10)("what is a cache")


async def test_two_questions_have_two_answers() -> None:
    model = model_of_cost(10)
    answers = {await model(f"question {number}") for number in range(50)}
    assert len(answers) == 50

"""Answers to what many people ask: for everybody, and ready at start-up."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

from brainbot.questions import one_spelling
from brainbot.request_state import Bot

router = APIRouter(prefix="/popular")


class Popular(BaseModel):
    questions: list[str]


class PopularAnswer(BaseModel):
    question: str
    answer: str
    made_at: float


@router.get("")
async def questions(bot: Bot) -> Popular:
    return Popular(questions=list(bot.settings.popular_questions))


@router.get("/{number}")
async def answer(number: int, bot: Bot) -> PopularAnswer:
    """By the number of the question, from 0 on: nobody can make the model work by asking something else."""
    if not 0 <= number < len(bot.settings.popular_questions):
        raise HTTPException(404, "no such question")
    question = bot.settings.popular_questions[number]
    found = await bot.storage.answers.answer(one_spelling(question), bot.model)
    return PopularAnswer(question=question, answer=found.text, made_at=found.made_at)

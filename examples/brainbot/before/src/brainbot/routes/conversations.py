"""Asking, and what was asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from pydantic import BaseModel, Field

from brainbot.conversation import Message, message_field, message_text, messages_of, surplus
from brainbot.limits import require_within
from brainbot.questions import one_spelling
from brainbot.request_state import Bot
from brainbot.signed_in import SignedIn

router = APIRouter(prefix="/conversations")
ConversationName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
_RANDOM_BYTES = 4


class Question(BaseModel):
    question: str = Field(min_length=1, max_length=500, pattern=r"\S")


class Exchange(BaseModel):
    question: str
    answer: str


class Conversation(BaseModel):
    messages: list[Exchange]


@router.post("/{conversation}")
async def ask(conversation: ConversationName, asked: Question, bot: Bot, session: SignedIn) -> Exchange:
    """An answer, which is kept in the session and, for all who ask the same, in the cache."""
    user = session.fields["user"]
    await require_within(bot.storage.limiter, f"ask:{user}", bot.settings.questions_per_minute)
    answer = await bot.storage.answers.answer(one_spelling(asked.question), bot.model)
    message = Message(question=asked.question, answer=answer.text)
    changes: dict[str, str | None] = dict.fromkeys(surplus(session.fields))
    changes[message_field(conversation, bot.clock(), bot.random(_RANDOM_BYTES))] = message_text(message)
    if not await bot.storage.sessions.change(session, changes):
        raise HTTPException(401, "signed out meanwhile")
    return Exchange(**asdict(message))


@router.get("/{conversation}")
async def read(conversation: ConversationName, session: SignedIn) -> Conversation:
    messages = messages_of(session.fields, conversation)
    return Conversation(messages=[Exchange(**asdict(message)) for message in messages])

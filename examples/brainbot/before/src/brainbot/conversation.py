"""Conversations inside of a session: a field for each message, so that two at once are both kept.

A field is named `message:<conversation>:<milliseconds, 15 digits>-<random>`: in the order of their names messages are
in the order of their times.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

MAX_MESSAGES = 50
"""Of a session; the oldest make room."""
_PREFIX = "message:"


@dataclass(frozen=True)
class Message:
    question: str
    answer: str


def message_field(conversation: str, now: float, random: bytes) -> str:
    """`now`: seconds since the epoch."""
    return f"{_PREFIX}{conversation}:{round(now * 1000):015d}-{random.hex()}"


def message_text(message: Message) -> str:
    return json.dumps({"question": message.question, "answer": message.answer}, ensure_ascii=False)


def messages_of(fields: Mapping[str, str], conversation: str) -> list[Message]:
    """In the order in which they were asked."""
    names = sorted(name for name in fields if name.startswith(f"{_PREFIX}{conversation}:"))
    found = [json.loads(fields[name]) for name in names]
    return [Message(question=str(one["question"]), answer=str(one["answer"])) for one in found]


def count_messages(fields: Mapping[str, str]) -> int:
    return sum(1 for name in fields if name.startswith(_PREFIX))


def surplus(fields: Mapping[str, str]) -> list[str]:
    """Fields that make room for one more message: the oldest of all conversations."""
    names = [name for name in fields if name.startswith(_PREFIX)]
    by_age = sorted(names, key=lambda name: name.rsplit(":", 1)[-1])
    return by_age[: max(0, len(names) + 1 - MAX_MESSAGES)]

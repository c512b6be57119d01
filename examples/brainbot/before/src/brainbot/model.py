"""The part that answers: a deterministic function of the question, with a cost that can be set.

It stands where a team's call to a language model stands. It is slow enough to be worth a cache, and what it says can be
checked: the same question always has the same answer.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

Model = Callable[[str], Awaitable[str]]
"""Makes the answer to a question."""

_OPENINGS = ("As far as I know,", "In short,", "It depends, but", "Most people would say that")
_SUBJECTS = ("a cache", "a session", "an index", "a queue", "a log", "a key", "a replica", "a lock")
_VERBS = ("remembers", "forgets", "orders", "hides", "repeats", "shares", "delays", "protects")
_OBJECTS = ("what was read last", "who came first", "every write", "the oldest page", "one copy", "its neighbours")


def model_of_cost(rounds: int) -> Model:
    """A model that hashes a question `rounds` times, in a thread, and makes a sentence of what comes out."""

    async def answer(question: str) -> str:
        digest = await asyncio.to_thread(hashlib.pbkdf2_hmac, "sha256", question.encode(), b"brainbot", rounds)
        words = (_OPENINGS, _SUBJECTS, _VERBS, _OBJECTS)
        said = " ".join(choices[byte % len(choices)] for choices, byte in zip(words, digest, strict=False))
        return f"{said}. ({digest[4:8].hex()})"

    return answer

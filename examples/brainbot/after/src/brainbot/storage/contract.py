"""What the application asks of its storage, whatever that is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

Clock = Callable[[], float]
"""Seconds since the epoch."""
RandomBytes = Callable[[int], bytes]
MakeAnswer = Callable[[str], Awaitable[str]]

SESSION_ID_BYTES = 32


@dataclass(frozen=True)
class Session:
    """Somebody's session as a request loaded it."""

    id: str
    fields: Mapping[str, str]
    loaded: object = field(default=None, compare=False, repr=False)
    """What the store needs to tell later what has changed."""


@dataclass(frozen=True)
class Answer:
    text: str
    made_at: float
    """Seconds since the epoch."""


@dataclass(frozen=True)
class Verdict:
    """Of a limiter on one call."""

    is_allowed: bool
    retry_after_seconds: int
    """Until the next window begins."""


@dataclass(frozen=True)
class Lifetimes:
    """Whole seconds."""

    session_seconds: int
    answer_seconds: int
    document_seconds: int


class Sessions(Protocol):
    async def create(self, fields: Mapping[str, str]) -> str:
        """A new session under an id that nobody can guess, which it returns."""
        ...

    async def load(self, session_id: str) -> Session | None:
        """A session that is neither over nor destroyed. Its lifetime begins anew."""
        ...

    async def change(self, session: Session, changes: Mapping[str, str | None]) -> bool:
        """Writes single fields; None removes one. Other fields keep what others wrote meanwhile.

        False where the session is gone: it does not come back.
        """
        ...

    async def destroy(self, session_id: str) -> None: ...


class Answers(Protocol):
    async def answer(self, question: str, make: MakeAnswer) -> Answer:
        """The kept answer, or what `make` makes, which is then kept. In one process it is made once at a time."""
        ...

    async def warm(self, questions: Iterable[str], make: MakeAnswer) -> int:
        """Has answers ready before somebody asks; one that fails keeps no other. Returns how many are ready."""
        ...


class Limiter(Protocol):
    async def count(self, what: str, limit: int) -> Verdict:
        """Counts one call of `what` in this minute."""
        ...


class Documents(Protocol):
    async def put(self, owner: str, name: str, body: bytes) -> None: ...

    async def get(self, owner: str, name: str) -> bytes | None: ...

    async def delete(self, owner: str, name: str) -> None: ...


class Storage(Protocol):
    @property
    def sessions(self) -> Sessions: ...

    @property
    def answers(self) -> Answers: ...

    @property
    def limiter(self) -> Limiter: ...

    @property
    def documents(self) -> Documents: ...

    async def close(self) -> None:
        """Ends connections."""
        ...


OpenStorage = Callable[[], Awaitable[Storage]]

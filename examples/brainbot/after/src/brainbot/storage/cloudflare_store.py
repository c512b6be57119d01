"""Sessions, answers, limits and documents in Cloudflare KV, by `kvshift_kv`.

What must not be stale, sessions and limits, is on the strong namespace: a read sees every write that was answered. What
may be, answers and documents, is on the eventual one, with a near cache in this process.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import TypedDict, cast

from kvshift_kv import AsyncNamespace, AsyncStrongNamespace
from kvshift_kv.sessions import AsyncSessions, LoadedSession

from brainbot.storage.contract import (
    SESSION_ID_BYTES,
    Answer,
    Clock,
    MakeAnswer,
    RandomBytes,
    Session,
    Verdict,
)

WINDOW_SECONDS = 60
# A lifetime begins anew with a write, and not every read is worth one.
_RENEW_SHARE = 0.1
_RENEWED_AT = "renewed_at"


class KeptAnswer(TypedDict):
    text: str
    made_at: float


class CloudflareSessions:
    """A JSON object each. Two requests at once are merged field by field; a destroyed one leaves a grave."""

    def __init__(self, sessions: AsyncSessions, clock: Clock, random: RandomBytes, ttl_seconds: int) -> None:
        self._sessions = sessions
        self._clock = clock
        self._random = random
        self._ttl_seconds = ttl_seconds

    async def create(self, fields: Mapping[str, str]) -> str:
        session_id = urlsafe_b64encode(self._random(SESSION_ID_BYTES)).decode().rstrip("=")
        await self._sessions.save(session_id, self._renewed(fields), self._ttl_seconds)
        return session_id

    async def load(self, session_id: str) -> Session | None:
        loaded = await self._sessions.load(session_id)
        if loaded is None:
            return None
        fields = cast("dict[str, str]", loaded.data)
        if self._clock() - float(fields[_RENEWED_AT]) >= self._ttl_seconds * _RENEW_SHARE:
            loaded = await self._sessions.save(session_id, self._renewed(fields), self._ttl_seconds, loaded)
        return None if loaded is None else _session(session_id, loaded)

    async def change(self, session: Session, changes: Mapping[str, str | None]) -> bool:
        base = cast("LoadedSession", session.loaded)
        removed = {name for name, value in changes.items() if value is None}
        kept = {name: value for name, value in session.fields.items() if name not in removed}
        written = {name: value for name, value in changes.items() if value is not None}
        data = self._renewed({**kept, **written})
        return await self._sessions.save(session.id, data, self._ttl_seconds, base) is not None

    async def destroy(self, session_id: str) -> None:
        await self._sessions.destroy(session_id)

    def _renewed(self, fields: Mapping[str, str]) -> dict[str, str]:
        return {**fields, _RENEWED_AT: str(self._clock())}


class CloudflareAnswers:
    """`wrap` keeps what was made, once in this process for all who wait; the near cache gives it without a request."""

    def __init__(self, namespace: AsyncNamespace[KeptAnswer], clock: Clock, ttl_seconds: int) -> None:
        self._namespace = namespace
        self._clock = clock
        self._ttl_seconds = ttl_seconds

    async def answer(self, question: str, make: MakeAnswer) -> Answer:
        async def made(_key: str) -> KeptAnswer:
            return await self._made(question, make)

        kept = await self._namespace.wrap(answer_key(question), made, ttl_seconds=self._ttl_seconds)
        return Answer(text=kept["text"], made_at=kept["made_at"])

    async def warm(self, questions: Iterable[str], make: MakeAnswer) -> int:
        by_key = {answer_key(question): question for question in questions}

        async def made(key: str) -> KeptAnswer:
            return await self._made(by_key[key], make)

        return (await self._namespace.warm(by_key, made, ttl_seconds=self._ttl_seconds)).warmed

    async def _made(self, question: str, make: MakeAnswer) -> KeptAnswer:
        return {"text": await make(question), "made_at": self._clock()}


class CloudflareLimiter:
    """A counter for each minute, which ends a minute after its first call."""

    def __init__(self, namespace: AsyncStrongNamespace[int], clock: Clock) -> None:
        self._namespace = namespace
        self._clock = clock

    async def count(self, what: str, limit: int) -> Verdict:
        window, into = divmod(int(self._clock()), WINDOW_SECONDS)
        calls = await self._namespace.increment(f"limit:{what}:{window}", ttl_seconds=WINDOW_SECONDS)
        return Verdict(is_allowed=calls <= limit, retry_after_seconds=WINDOW_SECONDS - into)


class CloudflareDocuments:
    """Bytes as they are, under `document:<owner>:<name>`; what is longer than a part is split."""

    def __init__(self, namespace: AsyncNamespace[bytes], ttl_seconds: int) -> None:
        self._namespace = namespace
        self._ttl_seconds = ttl_seconds

    async def put(self, owner: str, name: str, body: bytes) -> None:
        await self._namespace.put(document_key(owner, name), body, ttl_seconds=self._ttl_seconds)

    async def get(self, owner: str, name: str) -> bytes | None:
        return await self._namespace.get(document_key(owner, name))

    async def delete(self, owner: str, name: str) -> None:
        await self._namespace.delete(document_key(owner, name))


def _session(session_id: str, loaded: LoadedSession) -> Session:
    fields = {name: str(value) for name, value in loaded.data.items() if name != _RENEWED_AT}
    return Session(session_id, fields, loaded)


def answer_key(question: str) -> str:
    return f"answer:{hashlib.sha256(question.encode()).hexdigest()}"


def document_key(owner: str, name: str) -> str:
    return f"document:{owner}:{name}"

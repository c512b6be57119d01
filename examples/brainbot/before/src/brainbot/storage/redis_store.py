"""Sessions, answers, limits and documents in Redis.

Small things go over Upstash's REST API (`upstash-redis`), which needs no connection of its own for each instance.
Documents are megabytes of bytes: they go over Redis's own protocol (`redis-py`), which sends them as they are.
"""

from __future__ import annotations

import hashlib
import json
import logging
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import cast

from redis.asyncio import Redis as BinaryRedis
from upstash_redis.asyncio import Redis as RestRedis

from brainbot.storage.contract import (
    SESSION_ID_BYTES,
    Answer,
    Clock,
    MakeAnswer,
    RandomBytes,
    Session,
    Verdict,
)
from brainbot.storage.single_flight import SingleFlight

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60

# A session that is gone must stay gone: HSET alone would make it anew.
_CHANGE_SESSION = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
for at = 2, #ARGV, 3 do
  if ARGV[at] == 'set' then redis.call('HSET', KEYS[1], ARGV[at + 1], ARGV[at + 2])
  else redis.call('HDEL', KEYS[1], ARGV[at + 1]) end
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
"""

# In one step: a counter without an end would lock somebody out for ever.
_COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""


class RedisSessions:
    """A hash for each session, so that two requests at once lose no field of each other."""

    def __init__(self, redis: RestRedis, random: RandomBytes, ttl_seconds: int) -> None:
        self._redis = redis
        self._random = random
        self._ttl_seconds = ttl_seconds

    async def create(self, fields: Mapping[str, str]) -> str:
        session_id = urlsafe_b64encode(self._random(SESSION_ID_BYTES)).decode().rstrip("=")
        key = session_key(session_id)
        both = self._redis.multi()
        both.hset(key, values=dict(fields))
        both.expire(key, self._ttl_seconds)
        await both.exec()  # pyright: ignore[reportUnknownMemberType] -- upstash-redis leaves its lists open
        return session_id

    async def load(self, session_id: str) -> Session | None:
        key = session_key(session_id)
        both = self._redis.pipeline()
        both.hgetall(key)
        both.expire(key, self._ttl_seconds)
        found, _ = cast("tuple[dict[str, str], int]", await both.exec())  # pyright: ignore[reportUnknownMemberType] -- upstash-redis leaves its lists open
        return Session(session_id, found) if found else None

    async def change(self, session: Session, changes: Mapping[str, str | None]) -> bool:
        steps: list[str] = []
        for name, value in changes.items():
            steps += ["delete", name, ""] if value is None else ["set", name, value]
        arguments = [str(self._ttl_seconds), *steps]
        return await self._redis.eval(_CHANGE_SESSION, [session_key(session.id)], arguments) == 1

    async def destroy(self, session_id: str) -> None:
        await self._redis.delete(session_key(session_id))


class RedisAnswers:
    """JSON under `answer:<hash of the question>`; Redis ends it after its lifetime."""

    def __init__(self, redis: RestRedis, clock: Clock, ttl_seconds: int) -> None:
        self._redis = redis
        self._clock = clock
        self._ttl_seconds = ttl_seconds
        self._under_way: SingleFlight[Answer] = SingleFlight()

    async def answer(self, question: str, make: MakeAnswer) -> Answer:
        key = answer_key(question)
        return await self._under_way.run(key, lambda: self._kept_or_made(key, question, make))

    async def warm(self, questions: Iterable[str], make: MakeAnswer) -> int:
        ready = 0
        for question in questions:
            try:
                await self.answer(question, make)
            except Exception:
                # Whoever asks for it makes it: no reason not to start.
                logger.warning("an answer could not be made ready", exc_info=True)
            else:
                ready += 1
        return ready

    async def _kept_or_made(self, key: str, question: str, make: MakeAnswer) -> Answer:
        kept = await self._redis.get(key)
        if kept is not None:
            found = json.loads(kept)
            answer = Answer(text=str(found["text"]), made_at=float(found["made_at"]))
            # Redis ends it by its own clock; this one decides, so that both say the same.
            if self._clock() < answer.made_at + self._ttl_seconds:
                return answer
        answer = Answer(text=await make(question), made_at=self._clock())
        value = json.dumps({"text": answer.text, "made_at": answer.made_at})
        await self._redis.set(key, value, ex=self._ttl_seconds)
        return answer


class RedisLimiter:
    """A counter for each minute, which Redis ends a minute after its first call."""

    def __init__(self, redis: RestRedis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock

    async def count(self, what: str, limit: int) -> Verdict:
        window, into = divmod(int(self._clock()), WINDOW_SECONDS)
        key = f"limit:{what}:{window}"
        calls = cast("int", await self._redis.eval(_COUNT, [key], [str(WINDOW_SECONDS)]))
        return Verdict(is_allowed=calls <= limit, retry_after_seconds=WINDOW_SECONDS - into)


class RedisDocuments:
    """Bytes as they are, under `document:<owner>:<name>`."""

    def __init__(self, redis: BinaryRedis, ttl_seconds: int) -> None:
        self._redis = redis
        self._ttl_seconds = ttl_seconds

    async def put(self, owner: str, name: str, body: bytes) -> None:
        await self._redis.set(_document_key(owner, name), body, ex=self._ttl_seconds)

    async def get(self, owner: str, name: str) -> bytes | None:
        return cast("bytes | None", await self._redis.get(_document_key(owner, name)))

    async def delete(self, owner: str, name: str) -> None:
        await self._redis.delete(_document_key(owner, name))


def session_key(session_id: str) -> str:
    """Without the id itself: who reads the store cannot take over a session."""
    return f"session:{hashlib.sha256(session_id.encode()).hexdigest()}"


def answer_key(question: str) -> str:
    return f"answer:{hashlib.sha256(question.encode()).hexdigest()}"


def _document_key(owner: str, name: str) -> str:
    return f"document:{owner}:{name}"

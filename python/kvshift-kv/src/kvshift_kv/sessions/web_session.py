"""The session of one request: what the application sees of it, and what becomes of it when the request ends."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..effects import Program
from ..json_text import json_text
from .cookie import CookieSigner
from .reading_dict import ReadingDict
from .session_core import SessionCore
from .session_data import LoadedSession, session_key
from .sessions import new_session_id

# Of the lifetime that has to be over before a session that nothing changed is touched anew.
_TOUCH_SHARE = 0.1
_REMEMBERED_TOUCHES = 10_000
# Cookies of one name that a request may bring along, for other paths and domains; each costs a read.
_MOST_TRIED = 3


class WebSession(ReadingDict):
    """A dict of JSON; what is put into it is stored when the request ends."""

    def __init__(self, identity: str | None = None, loaded: LoadedSession | None = None) -> None:
        super().__init__({} if loaded is None else loaded.data)
        #: Its id, where it is stored. Whoever has it has the session: it belongs into no log.
        self.identity = identity if loaded is not None else None
        self.loaded = loaded
        #: Ids that are to end with this request.
        self.ended: list[str] = []
        self.wants_new_id = False

    @property
    def is_changed(self) -> bool:
        """Whether it differs from what is stored."""
        before = "{}" if self.loaded is None else self.loaded.text
        return json_text(self.plain()) != before

    def plain(self) -> dict[str, Any]:
        """What is stored of it."""
        return self.unseen()

    def regenerate(self) -> None:
        """Goes on under a new id, and ends the old one: to be called where somebody signs in."""
        self.wants_new_id = True

    def destroy(self) -> None:
        """Ends it. What is put into it afterwards becomes a new session."""
        if self.identity is not None:
            self.ended.append(self.identity)
        self.clear()
        self.identity, self.loaded, self.wants_new_id = None, None, False

    def stored(self, identity: str, loaded: LoadedSession) -> None:
        """What stands in the store now, other requests' changes among it."""
        self.identity, self.loaded, self.wants_new_id = identity, loaded, False
        if json_text(self.plain()) != loaded.text:
            self.clear()
            self.update(loaded.data)


@dataclass(frozen=True)
class CookieChange:
    """The cookie that the answer is to set; without a value: to take away."""

    value: str | None = field(repr=False)


class Touches:
    """When this process last changed the end of a session that nothing else changed: not at every request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last_ms: OrderedDict[str, float] = OrderedDict()

    def is_due(self, identity: str, ttl_seconds: int, now_ms: float) -> bool:
        """Whether it is to be touched now; notes it."""
        key = session_key(identity)
        with self._lock:
            last_ms = self._last_ms.get(key)
            if last_ms is not None and now_ms - last_ms < ttl_seconds * 1000 * _TOUCH_SHARE:
                return False
            self._last_ms[key] = now_ms
            self._last_ms.move_to_end(key)
            if len(self._last_ms) > _REMEMBERED_TOUCHES:
                self._last_ms.popitem(last=False)
            return True


class RequestSessions:
    """Begins and ends the sessions of requests. `is_rolling`: each request makes a session live longer."""

    def __init__(self, core: SessionCore, signer: CookieSigner, *, is_rolling: bool) -> None:
        self._core = core
        self._signer = signer
        self._is_rolling = is_rolling
        self._touches = Touches()

    def begin(self, cookies: Sequence[str]) -> Program[tuple[str, LoadedSession] | None]:
        """The session of the first cookie that was signed here and has one; a few are tried.

        An id that is unknown is never taken up.
        """
        found = dict.fromkeys(map(self._signer.identity_in, dict.fromkeys(cookies)))
        for identity in [identity for identity in found if identity is not None][:_MOST_TRIED]:
            loaded = yield from self._core.load(identity, self._core.call())
            if loaded is not None:
                return identity, loaded
        return None

    def end(
        self, session: WebSession, *, had_cookie: bool, ttl_seconds: int, now_ms: float
    ) -> Program[CookieChange | None]:
        """Stores what the request made of its session, and says what becomes of the cookie."""
        call = self._core.call()
        yield from self.end_destroyed(session)
        before, loaded = session.identity, session.loaded
        if before is None or loaded is None:
            if not session.is_changed:
                return CookieChange(None) if had_cookie else None
            return (yield from self._begun(session, session.plain(), ttl_seconds))
        if session.wants_new_id:
            # The old id ends first: whatever fails then, nobody who knows it has the session.
            fields = yield from self._core.bury(before, session.plain(), loaded, call)
            return _gone(session) if fields is None else (yield from self._begun(session, fields, ttl_seconds))
        if session.is_changed:
            stored = yield from self._core.save(before, session.plain(), ttl_seconds, loaded, call)
            if stored is None:
                return _gone(session)
            session.stored(before, stored)
            self._touches.is_due(before, ttl_seconds, now_ms)
        elif self._is_rolling and self._touches.is_due(before, ttl_seconds, now_ms):
            yield from self._core.touch(before, ttl_seconds, call)
        return CookieChange(self._signer.signed(before)) if self._is_rolling else None

    def end_late(self, session: WebSession, ttl_seconds: int) -> Program[None]:
        """What was changed after the answer had begun, and can set no cookie any more."""
        call = self._core.call()
        yield from self.end_destroyed(session)
        if session.identity is not None and session.is_changed:
            yield from self._core.save(session.identity, session.plain(), ttl_seconds, session.loaded, call)

    def end_destroyed(self, session: WebSession) -> Program[None]:
        """What is done whatever became of the request: who signed out stays so."""
        call = self._core.call()
        while session.ended:
            identity = session.ended.pop()
            try:
                yield from self._core.destroy(identity, call)
            except BaseException:
                # For a later try.
                session.ended.append(identity)
                raise

    def _begun(self, session: WebSession, fields: dict[str, Any], ttl_seconds: int) -> Program[CookieChange]:
        identity = new_session_id()
        stored = yield from self._core.save(identity, fields, ttl_seconds, None, self._core.call())
        if stored is not None:
            session.stored(identity, stored)
        return CookieChange(self._signer.signed(identity))


def _gone(session: WebSession) -> CookieChange:
    """Destroyed by another request, or over: it stays so."""
    session.destroy()
    session.ended.clear()
    return CookieChange(None)

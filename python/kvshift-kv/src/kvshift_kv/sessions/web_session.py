"""The session of one request: what the application sees of it, and what becomes of it when the request ends."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..effects import Program
from ..json_text import json_text
from .cookie import CookieSigner
from .session_core import SessionCore
from .session_data import LoadedSession, session_key
from .sessions import new_session_id

# Of the lifetime that has to be over before a session that nothing changed is touched anew.
_TOUCH_SHARE = 0.1
_REMEMBERED_TOUCHES = 10_000


class WebSession(dict[str, Any]):
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
        return dict(self)

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

    value: str | None


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
        """The session of the first cookie that was signed here and has one. An id that is unknown is never taken up."""
        for cookie in cookies:
            identity = self._signer.identity_in(cookie)
            if identity is None:
                continue
            loaded = yield from self._core.load(identity, self._core.call())
            if loaded is not None:
                return identity, loaded
        return None

    def end(
        self, session: WebSession, *, had_cookie: bool, ttl_seconds: int, now_ms: float
    ) -> Program[CookieChange | None]:
        """Stores what the request made of its session, and says what becomes of the cookie."""
        call = self._core.call()
        for identity in session.ended:
            yield from self._core.destroy(identity, call)
        session.ended.clear()
        before = session.identity
        if before is None:
            if not session.is_changed:
                return CookieChange(None) if had_cookie else None
            return (yield from self._begun(session, ttl_seconds))
        if session.wants_new_id:
            change = yield from self._begun(session, ttl_seconds)
            yield from self._core.destroy(before, call)
            return change
        if session.is_changed:
            stored = yield from self._core.save(before, session.plain(), ttl_seconds, session.loaded, call)
            if stored is None:
                # Destroyed by another request, or over: it stays so.
                session.destroy()
                session.ended.clear()
                return CookieChange(None)
            session.stored(before, stored)
            self._touches.is_due(before, ttl_seconds, now_ms)
        elif self._is_rolling and self._touches.is_due(before, ttl_seconds, now_ms):
            yield from self._core.touch(before, ttl_seconds, call)
        return CookieChange(self._signer.signed(before)) if self._is_rolling else None

    def end_late(self, session: WebSession, ttl_seconds: int) -> Program[None]:
        """What was changed after the answer had begun, and can set no cookie any more."""
        call = self._core.call()
        for identity in session.ended:
            yield from self._core.destroy(identity, call)
        session.ended.clear()
        if session.identity is not None and session.is_changed:
            yield from self._core.save(session.identity, session.plain(), ttl_seconds, session.loaded, call)

    def _begun(self, session: WebSession, ttl_seconds: int) -> Program[CookieChange]:
        identity = new_session_id()
        stored = yield from self._core.save(identity, session.plain(), ttl_seconds, None, self._core.call())
        if stored is not None:
            session.stored(identity, stored)
        return CookieChange(self._signer.signed(identity))

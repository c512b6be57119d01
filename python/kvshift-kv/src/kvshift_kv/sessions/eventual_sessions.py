"""Sessions on an eventual namespace, for those who accept what it cannot do.

A destroyed session may be accepted for as long as caches keep it, and of two requests at once the later one wins where
neither sees the other. That a session was destroyed stands under a key of its own, which no late write of it replaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..effects import Program, all_of
from ..endpoint import Call
from ..errors import KvError
from ..expiry import Expiry
from ..namespace_core import NamespaceCore
from ..value_store import WriteFields
from .session_core import all_keys, json_core
from .session_data import SESSION_PREFIX, LoadedSession, is_session, merge_sessions, session_key

_ENDED_PREFIX = "ended:"
# Of the lifetime that has to be over before `touch` writes the session anew.
_TOUCH_SHARE = 0.1
_DAY_SECONDS = 86_400
# Where the namespace names no maximum.
_LONGEST_SECONDS = 30 * _DAY_SECONDS
_AT_ONCE = 8


class EventualSessions:
    """A session is a pair, and the record of its end another one."""

    def __init__(self, core: NamespaceCore[Any]) -> None:
        settings = core.store.settings
        self._core = json_core(core)
        # The same keys, where what was destroyed is remembered for longer than any session lives.
        self._records = json_core(core, has_maximum=False)
        self._longest_seconds = settings.max_ttl_seconds or _LONGEST_SECONDS

    def call(self) -> Call:
        """The bounds of one call, with all its requests."""
        return self._core.call(None)

    def load(self, identity: str, call: Call) -> Program[LoadedSession | None]:
        """`None`: there is none, or it has ended, or it is known here that it was destroyed."""
        data = yield from self._there(session_key(identity), call)
        return None if data is None else LoadedSession.of(data, None)

    def save(
        self, identity: str, data: Mapping[str, Any], ttl_seconds: int, base: LoadedSession | None, call: Call
    ) -> Program[LoadedSession | None]:
        """What is stored now; `None` where the session was destroyed or has ended meanwhile."""
        self._require_lifetime(ttl_seconds)
        key = session_key(identity)
        found = yield from self._records.get_many([key, _ended_key(key)], call)
        there = found.get(key)
        if _ended_key(key) in found or (base is not None and not is_session(there)):
            return None
        wanted = dict(data)
        if base is not None and is_session(there):
            wanted = merge_sessions(base.at_first(), data, there)
        yield from self._core.put(key, wanted, WriteFields(Expiry(ttl_seconds=ttl_seconds)), call)
        return LoadedSession.of(wanted, None)

    def touch(self, identity: str, ttl_seconds: int, call: Call) -> Program[None]:
        """Workers KV changes no end without the value: it is written anew, but not at every request."""
        self._require_lifetime(ttl_seconds)
        key = session_key(identity)
        entry = yield from self._core.get_entry(key, call)
        if entry is None or not is_session(entry.value):
            return
        left = ((entry.expires_at_ms or 0) - self._core.store.world.now_ms()) / 1000
        if abs(ttl_seconds - left) >= ttl_seconds * _TOUCH_SHARE:
            yield from self._core.put(key, entry.value, WriteFields(Expiry(ttl_seconds=ttl_seconds)), call)

    def destroy(self, identity: str, call: Call) -> Program[None]:
        """Ends a session; its id never becomes valid again."""
        yield from self._end(session_key(identity), call)

    def bury(
        self, identity: str, data: Mapping[str, Any], base: LoadedSession, call: Call
    ) -> Program[dict[str, Any] | None]:
        """What is written between its read and its end is lost: an eventual namespace has no versions."""
        key = session_key(identity)
        there = yield from self._there(key, call)
        if there is None:
            return None
        yield from self._end(key, call)
        return merge_sessions(base.at_first(), data, there)

    def living(self) -> Program[list[str]]:
        """Keys of the sessions that were not destroyed, as far as the lists of this location know."""
        ended = {key for key, _ in (yield from all_keys(self._core, _ENDED_PREFIX))}
        found = yield from all_keys(self._core, SESSION_PREFIX)
        return [key for key, _ in found if _ended_key(key) not in ended]

    def sessions_of(self, keys: list[str], call: Call) -> Program[list[dict[str, Any]]]:
        """The sessions of keys, as far as they are still there."""
        found = yield from self._core.get_many(keys, call)
        return [value for value in found.values() if is_session(value)]

    def clear(self) -> Program[None]:
        """Destroys them all."""
        keys = yield from self.living()
        yield from all_of([self._end(key, self.call()) for key in keys], _AT_ONCE)

    def _there(self, key: str, call: Call) -> Program[dict[str, Any] | None]:
        found = yield from self._records.get_many([key, _ended_key(key)], call)
        data = found.get(key)
        return data if is_session(data) and _ended_key(key) not in found else None

    def _end(self, key: str, call: Call) -> Program[None]:
        expiry = Expiry(ttl_seconds=self._longest_seconds + _DAY_SECONDS)
        yield from self._records.put(_ended_key(key), 1, WriteFields(expiry), call)
        yield from self._core.delete(key, call)

    def _require_lifetime(self, ttl_seconds: int) -> None:
        if ttl_seconds > self._longest_seconds:
            raise KvError(
                "EXPIRY_UNSUPPORTED",
                f"A session of {self._core.store.settings.name} may live for {self._longest_seconds} s at most: for "
                "longer it is not remembered that it was destroyed.",
            )


def _ended_key(key: str) -> str:
    return _ENDED_PREFIX + key.removeprefix(SESSION_PREFIX)

"""Sessions on a strong namespace: a destroyed one is refused from that moment on, and no field of a request is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..effects import Program, pause
from ..endpoint import Call
from ..errors import KvError
from ..expiry import Expiry
from ..json_text import record_of
from ..strong_core import StrongCore
from ..value_store import Entry, WriteFields
from .session_core import all_keys, strong_json_core
from .session_data import SESSION_PREFIX, LoadedSession, is_session, merge_sessions, session_key

# What a destroyed session leaves, with the value `null`: a late write finds it, and changes nothing.
_GRAVE = {"dead": 1}
_PAGE = 100
# Writes of one session that come in between, one after the other.
_MAX_TRIES = 50
_FIRST_PAUSE_SECONDS = 0.004
_LONGEST_PAUSE_SECONDS = 0.25
# For how long a request may be under way that began before its session was destroyed, where sessions are shorter.
_LONGEST_REQUEST_SECONDS = 3600


class StrongSessions:
    """A session is a pair; every write names the version that it follows."""

    def __init__(self, core: StrongCore[Any]) -> None:
        settings = core.store.settings
        self._core = strong_json_core(core)
        # As long as a session can live: then nothing is left that could come back.
        self._grave_seconds = settings.max_ttl_seconds or max(settings.default_ttl_seconds, _LONGEST_REQUEST_SECONDS)

    def call(self) -> Call:
        """The bounds of one call, with all its requests."""
        return self._core.call(None)

    def load(self, identity: str, call: Call) -> Program[LoadedSession | None]:
        """`None`: there is none, or it has ended, or it was destroyed."""
        return _loaded((yield from self._core.get_entry(session_key(identity), call)))

    def save(
        self, identity: str, data: Mapping[str, Any], ttl_seconds: int, base: LoadedSession | None, call: Call
    ) -> Program[LoadedSession | None]:
        """What is stored now; `None` where the session was destroyed or has ended meanwhile."""
        key, fields = session_key(identity), WriteFields(Expiry(ttl_seconds=ttl_seconds))
        version = None if base is None else base.version
        wanted = dict(data)
        for tried in range(_MAX_TRIES):
            yield from self._paused(tried)
            if version is None:
                done = yield from self._core.put_if_absent(key, wanted, fields, call)
            else:
                done = yield from self._core.put_if_unchanged(key, wanted, version, fields, call)
            if done.applied:
                return LoadedSession.of(wanted, done.version)
            entry = yield from self._core.get_entry(key, call)
            there = _loaded(entry)
            if there is None:
                # Destroyed, or ended. A new one may begin where nothing is left of the id, not even a grave.
                if base is not None or entry is not None:
                    return None
                version = None
                continue
            version = _version_of(there)
            wanted = dict(data) if base is None else merge_sessions(base.at_first(), data, there.data)
        raise _busy()

    def bury(
        self, identity: str, data: Mapping[str, Any], base: LoadedSession, call: Call
    ) -> Program[dict[str, Any] | None]:
        """Puts the grave where the version is that the fields are of: nothing that was written meanwhile is lost."""
        key, version, wanted = session_key(identity), _version_of(base), dict(data)
        for tried in range(_MAX_TRIES):
            yield from self._paused(tried)
            done = yield from self._core.put_if_unchanged(key, None, version, self._grave(), call)
            if done.applied:
                return wanted
            there = _loaded((yield from self._core.get_entry(key, call)))
            if there is None:
                return None
            version, wanted = _version_of(there), merge_sessions(base.at_first(), data, there.data)
        raise _busy()

    def touch(self, identity: str, ttl_seconds: int, call: Call) -> Program[None]:
        """Changes when the session ends, and no field that another request has changed meanwhile."""
        key = session_key(identity)
        yield from self._core.touch(key, Expiry(ttl_seconds=ttl_seconds), call)
        # It was a grave, or became one meanwhile: a grave outlives every session.
        entry = yield from self._core.get_entry(key, call)
        if entry is not None and not is_session(entry.value):
            yield from self.destroy(identity, call)

    def destroy(self, identity: str, call: Call) -> Program[None]:
        """Ends a session; its id never becomes valid again."""
        yield from self._core.put(session_key(identity), None, self._grave(), call)

    def living(self) -> Program[list[str]]:
        """Keys of the sessions that were not destroyed."""
        found = yield from all_keys(self._core, SESSION_PREFIX)
        return [key for key, metadata in found if "dead" not in record_of(metadata)]

    def sessions_of(self, keys: list[str], call: Call) -> Program[list[dict[str, Any]]]:
        """The sessions of keys, as far as they are still there."""
        found = yield from self._core.get_many(keys, call)
        return [value for value in found.values() if is_session(value)]

    def clear(self) -> Program[None]:
        """Destroys them all."""
        keys = yield from self.living()
        for begin in range(0, len(keys), _PAGE):
            graves = dict.fromkeys(keys[begin : begin + _PAGE])
            yield from self._core.put_many(graves, self._grave(), self.call())

    def _paused(self, tried: int) -> Program[None]:
        """Many that write at once would else meet again and again, and one of them a round would be done."""
        if tried:
            longest = min(_FIRST_PAUSE_SECONDS * 2**tried, _LONGEST_PAUSE_SECONDS)
            yield from pause(longest * self._core.store.world.random())

    def _grave(self) -> WriteFields:
        return WriteFields(Expiry(ttl_seconds=self._grave_seconds), _GRAVE)


def _loaded(entry: Entry[Any] | None) -> LoadedSession | None:
    if entry is None or not is_session(entry.value):
        return None
    return LoadedSession.of(entry.value, entry.version)


def _version_of(session: LoadedSession) -> str:
    if session.version is None:
        raise KvError("UNAVAILABLE", "KV did not say which version of the session there is.")
    return session.version


def _busy() -> KvError:
    message = f"{_MAX_TRIES} other writes of the same session came in between."
    return KvError("UNAVAILABLE", message, is_outcome_unknown=False)

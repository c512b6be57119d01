"""What both kinds of sessions are made of, as programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..codec import json
from ..effects import Program
from ..endpoint import Call
from ..namespace_core import NamespaceCore
from ..strong_core import StrongCore
from ..value_store import ValueOptions, ValueStore
from .session_data import LoadedSession


class SessionCore(Protocol):
    """Sessions by their id. Ids are stored as hashes only."""

    def call(self) -> Call:
        """The bounds of one call, with all its requests."""
        ...

    def load(self, identity: str, call: Call) -> Program[LoadedSession | None]:
        """`None`: there is none, or it has ended, or it was destroyed."""
        ...

    def save(
        self, identity: str, data: Mapping[str, Any], ttl_seconds: int, base: LoadedSession | None, call: Call
    ) -> Program[LoadedSession | None]:
        """What is stored now; `None` where the session was destroyed or has ended meanwhile."""
        ...

    def touch(self, identity: str, ttl_seconds: int, call: Call) -> Program[None]:
        """Changes when the session ends, where it is there."""
        ...

    def destroy(self, identity: str, call: Call) -> Program[None]:
        """Ends a session; its id never becomes valid again."""
        ...

    def bury(
        self, identity: str, data: Mapping[str, Any], base: LoadedSession, call: Call
    ) -> Program[dict[str, Any] | None]:
        """Ends a session that goes on under another id.

        Returns its fields, other requests' changes among them; `None` where it was destroyed or has ended meanwhile.
        """
        ...

    def living(self) -> Program[list[str]]:
        """Keys of the sessions that were not destroyed."""
        ...

    def sessions_of(self, keys: list[str], call: Call) -> Program[list[dict[str, Any]]]:
        """The sessions of keys, as far as they are still there."""
        ...

    def clear(self) -> Program[None]:
        """Destroys them all."""
        ...


def json_core(core: NamespaceCore[Any], *, has_maximum: bool = True) -> NamespaceCore[Any]:
    """The same keys as JSON, past every near cache: that a session was not destroyed a moment ago says nothing."""
    return NamespaceCore(_json_store(core, has_maximum=has_maximum), None)


def strong_json_core(core: StrongCore[Any]) -> StrongCore[Any]:
    """The same of a strong namespace."""
    return StrongCore(_json_store(core, has_maximum=True), None)


def all_keys(core: NamespaceCore[Any], prefix: str) -> Program[list[tuple[str, Any]]]:
    """Keys that begin so, with the metadata of each. Each page has a deadline of its own."""
    found: list[tuple[str, Any]] = []
    cursor: str | None = None
    while True:
        entries, cursor = yield from core.list_page(prefix, cursor, core.call(None))
        found.extend((entry.key, entry.metadata) for entry in entries)
        if cursor is None:
            return found


def _json_store(core: NamespaceCore[Any], *, has_maximum: bool) -> ValueStore[Any]:
    store = core.store
    settings = store.settings
    if not has_maximum:
        settings = type(settings)(
            settings.name, settings.id, settings.consistency, settings.default_ttl_seconds, max_ttl_seconds=None
        )
    return ValueStore(settings, store.transport, store.world, ValueOptions(json()))

"""Sessions for threads and for asyncio."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, overload

from ..aio import AsyncNamespace
from ..drive_async import AsyncDriver
from ..drive_sync import SyncDriver
from ..environment import NamespaceSettings
from ..errors import KvError
from ..namespace import Namespace
from ..namespace_core import NamespaceCore
from ..strong_core import StrongCore
from .eventual_sessions import EventualSessions
from .session_core import SessionCore
from .session_data import LoadedSession
from .strong_sessions import StrongSessions

_PAGE = 100


def new_session_id() -> str:
    """An id that nobody guesses: 256 bits, for a cookie."""
    return secrets.token_hex(32)


class Sessions:
    """Sessions by their id, for threads. Every method raises KvError."""

    def __init__(self, core: SessionCore, driver: SyncDriver, settings: NamespaceSettings) -> None:
        #: For the library's own parts.
        self.core = core
        self.driver = driver
        #: Of the namespace.
        self.settings = settings

    def load(self, identity: str) -> LoadedSession | None:
        """`None`: there is none, or it has ended, or it was destroyed."""
        return self.driver.run(self.core.load(identity, self.core.call()))

    def save(
        self, identity: str, data: Mapping[str, Any], ttl_seconds: int, base: LoadedSession | None = None
    ) -> LoadedSession | None:
        """Writes a session; what another request has changed since `base` stays.

        `base`: what this request had loaded; without it the session is a new one, or is replaced as a whole. Returns
        what is stored now; `None` where the session was destroyed or has ended meanwhile: it stays so.
        """
        return self.driver.run(self.core.save(identity, data, ttl_seconds, base, self.core.call()))

    def touch(self, identity: str, ttl_seconds: int) -> None:
        """Changes when the session ends, where it is there."""
        self.driver.run(self.core.touch(identity, ttl_seconds, self.core.call()))

    def destroy(self, identity: str) -> None:
        """Ends a session; its id never becomes valid again."""
        self.driver.run(self.core.destroy(identity, self.core.call()))

    def all(self) -> Iterator[dict[str, Any]]:
        """Every session that is there."""
        keys = self.driver.run(self.core.living())
        for begin in range(0, len(keys), _PAGE):
            yield from self.driver.run(self.core.sessions_of(keys[begin : begin + _PAGE], self.core.call()))

    def count(self) -> int:
        """How many there are."""
        return len(self.driver.run(self.core.living()))

    def clear(self) -> None:
        """Destroys them all."""
        self.driver.run(self.core.clear())


class AsyncSessions:
    """Sessions by their id, for asyncio. Every method raises KvError."""

    def __init__(self, core: SessionCore, driver: AsyncDriver, settings: NamespaceSettings) -> None:
        #: For the library's own parts.
        self.core = core
        self.driver = driver
        #: Of the namespace.
        self.settings = settings

    async def load(self, identity: str) -> LoadedSession | None:
        """`None`: there is none, or it has ended, or it was destroyed."""
        return await self.driver.run(self.core.load(identity, self.core.call()))

    async def save(
        self, identity: str, data: Mapping[str, Any], ttl_seconds: int, base: LoadedSession | None = None
    ) -> LoadedSession | None:
        """Writes a session; what another request has changed since `base` stays.

        `base`: what this request had loaded; without it the session is a new one, or is replaced as a whole. Returns
        what is stored now; `None` where the session was destroyed or has ended meanwhile: it stays so.
        """
        return await self.driver.run(self.core.save(identity, data, ttl_seconds, base, self.core.call()))

    async def touch(self, identity: str, ttl_seconds: int) -> None:
        """Changes when the session ends, where it is there."""
        await self.driver.run(self.core.touch(identity, ttl_seconds, self.core.call()))

    async def destroy(self, identity: str) -> None:
        """Ends a session; its id never becomes valid again."""
        await self.driver.run(self.core.destroy(identity, self.core.call()))

    async def all(self) -> AsyncIterator[dict[str, Any]]:
        """Every session that is there."""
        keys = await self.driver.run(self.core.living())
        for begin in range(0, len(keys), _PAGE):
            page = await self.driver.run(self.core.sessions_of(keys[begin : begin + _PAGE], self.core.call()))
            for data in page:
                yield data

    async def count(self) -> int:
        """How many there are."""
        return len(await self.driver.run(self.core.living()))

    async def clear(self) -> None:
        """Destroys them all."""
        await self.driver.run(self.core.clear())


@overload
def sessions_in(namespace: Namespace[Any], *, accept_stale_logout: bool = False) -> Sessions: ...
@overload
def sessions_in(namespace: AsyncNamespace[Any], *, accept_stale_logout: bool = False) -> AsyncSessions: ...
def sessions_in(
    namespace: Namespace[Any] | AsyncNamespace[Any], *, accept_stale_logout: bool = False
) -> Sessions | AsyncSessions:
    """Sessions in a namespace: on a strong one, of `kv.strong(name)`, with all that people expect of Redis.

    `accept_stale_logout`, only of an eventual one: that a session may be accepted after it was destroyed, for as long
    as Cloudflare's caches keep it. There is no published bound:
    https://developers.cloudflare.com/kv/concepts/how-kv-works/#consistency. Raises KvError NOT_STRONG without it.
    """
    core = _core_of(namespace.core, accept_stale_logout=accept_stale_logout)
    if isinstance(namespace, Namespace):
        return Sessions(core, namespace.driver, namespace.settings)
    return AsyncSessions(core, namespace.driver, namespace.settings)


def _core_of(core: NamespaceCore[Any], *, accept_stale_logout: bool) -> SessionCore:
    settings = core.store.settings
    if isinstance(core, StrongCore):
        return StrongSessions(core)
    if settings.consistency == "strong":
        raise KvError("NOT_STRONG", f"The namespace {settings.name} is strong: take it by kv.strong.")
    if accept_stale_logout:
        return EventualSessions(core)
    raise KvError(
        "NOT_STRONG",
        f"The namespace {settings.name} is eventual: a destroyed session may be accepted for minutes. Use a strong "
        "one, or say accept_stale_logout=True.",
    )

"""The namespaces of an environment: `Kv` for threads, `AsyncKv` for asyncio."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeVar, overload

from .aio import AsyncNamespace, AsyncStrongNamespace
from .codec import Codec
from .directory import Directory, KvOptions
from .drive_async import AsyncDriver
from .drive_sync import SyncDriver
from .environment import Settings, settings_from
from .httpx_exchange import AsyncHttpxExchange, HttpxExchange
from .limits import MAX_VALUE_BYTES
from .namespace import Namespace, StrongNamespace
from .near_options import NearCacheOptions
from .value_store import ValueOptions

V = TypeVar("V")


class _Base:
    def __init__(self, settings: Settings, options: KvOptions) -> None:
        self._directory = Directory(settings, options)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the namespaces, in the order of the configuration."""
        return self._directory.names


class Kv(_Base):
    """For threads. One for a process: its connections stay open."""

    def __init__(self, settings: Settings, options: KvOptions | None = None) -> None:
        chosen = options or KvOptions()
        super().__init__(settings, chosen)
        self._driver = SyncDriver(chosen.world.exchange or HttpxExchange(), chosen.world)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, options: KvOptions | None = None) -> Kv:
        """From the variables that kvshift gives a service. Raises KvError NOT_CONFIGURED."""
        return cls(settings_from(os.environ if env is None else env), options)

    @overload
    def namespace(
        self,
        name: str,
        *,
        near_cache: NearCacheOptions | None = None,
        jitter: float = 0,
        split_above_bytes: int = MAX_VALUE_BYTES,
        pack_from_bytes: int | None = None,
    ) -> Namespace[Any]: ...
    @overload
    def namespace(
        self,
        name: str,
        *,
        codec: Codec[V],
        near_cache: NearCacheOptions | None = None,
        jitter: float = 0,
        split_above_bytes: int = MAX_VALUE_BYTES,
        pack_from_bytes: int | None = None,
    ) -> Namespace[V]: ...
    def namespace(
        self,
        name: str,
        *,
        codec: Codec[Any] | None = None,
        near_cache: NearCacheOptions | None = None,
        jitter: float = 0,
        split_above_bytes: int = MAX_VALUE_BYTES,
        pack_from_bytes: int | None = None,
    ) -> Namespace[Any]:
        """A namespace of either class, with what both can do. Values are JSON, unless `codec` says otherwise.

        `jitter`: share of a lifetime by which it may become shorter at random. `split_above_bytes`: values of more are
        split. `pack_from_bytes`: those of so many are packed. Raises KvError UNKNOWN_NAMESPACE.
        """
        values = ValueOptions(codec or self._directory.json, pack_from_bytes, split_above_bytes, jitter)
        return Namespace(self._directory.core(name, values, near_cache), self._driver)

    @overload
    def strong(
        self, name: str, *, near_cache: NearCacheOptions | None = None, pack_from_bytes: int | None = None
    ) -> StrongNamespace[Any]: ...
    @overload
    def strong(
        self,
        name: str,
        *,
        codec: Codec[V],
        near_cache: NearCacheOptions | None = None,
        pack_from_bytes: int | None = None,
    ) -> StrongNamespace[V]: ...
    def strong(
        self,
        name: str,
        *,
        codec: Codec[Any] | None = None,
        near_cache: NearCacheOptions | None = None,
        pack_from_bytes: int | None = None,
    ) -> StrongNamespace[Any]:
        """A strong namespace. Raises KvError UNKNOWN_NAMESPACE, NOT_STRONG."""
        values = ValueOptions(codec or self._directory.json, pack_from_bytes)
        return StrongNamespace(self._directory.strong_core(name, values, near_cache), self._driver)

    def close(self) -> None:
        """Ends its connections."""
        self._driver.close()

    def __enter__(self) -> Kv:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncKv(_Base):
    """For asyncio. One for a process: its connections stay open."""

    def __init__(self, settings: Settings, options: KvOptions | None = None) -> None:
        chosen = options or KvOptions()
        super().__init__(settings, chosen)
        self._driver = AsyncDriver(chosen.world.exchange_async or AsyncHttpxExchange(), chosen.world)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, options: KvOptions | None = None) -> AsyncKv:
        """From the variables that kvshift gives a service. Raises KvError NOT_CONFIGURED."""
        return cls(settings_from(os.environ if env is None else env), options)

    @overload
    def namespace(
        self,
        name: str,
        *,
        near_cache: NearCacheOptions | None = None,
        jitter: float = 0,
        split_above_bytes: int = MAX_VALUE_BYTES,
        pack_from_bytes: int | None = None,
    ) -> AsyncNamespace[Any]: ...
    @overload
    def namespace(
        self,
        name: str,
        *,
        codec: Codec[V],
        near_cache: NearCacheOptions | None = None,
        jitter: float = 0,
        split_above_bytes: int = MAX_VALUE_BYTES,
        pack_from_bytes: int | None = None,
    ) -> AsyncNamespace[V]: ...
    def namespace(
        self,
        name: str,
        *,
        codec: Codec[Any] | None = None,
        near_cache: NearCacheOptions | None = None,
        jitter: float = 0,
        split_above_bytes: int = MAX_VALUE_BYTES,
        pack_from_bytes: int | None = None,
    ) -> AsyncNamespace[Any]:
        """A namespace of either class, with what both can do. Values are JSON, unless `codec` says otherwise.

        `jitter`: share of a lifetime by which it may become shorter at random. `split_above_bytes`: values of more are
        split. `pack_from_bytes`: those of so many are packed. Raises KvError UNKNOWN_NAMESPACE.
        """
        values = ValueOptions(codec or self._directory.json, pack_from_bytes, split_above_bytes, jitter)
        return AsyncNamespace(self._directory.core(name, values, near_cache), self._driver)

    @overload
    def strong(
        self, name: str, *, near_cache: NearCacheOptions | None = None, pack_from_bytes: int | None = None
    ) -> AsyncStrongNamespace[Any]: ...
    @overload
    def strong(
        self,
        name: str,
        *,
        codec: Codec[V],
        near_cache: NearCacheOptions | None = None,
        pack_from_bytes: int | None = None,
    ) -> AsyncStrongNamespace[V]: ...
    def strong(
        self,
        name: str,
        *,
        codec: Codec[Any] | None = None,
        near_cache: NearCacheOptions | None = None,
        pack_from_bytes: int | None = None,
    ) -> AsyncStrongNamespace[Any]:
        """A strong namespace. Raises KvError UNKNOWN_NAMESPACE, NOT_STRONG."""
        values = ValueOptions(codec or self._directory.json, pack_from_bytes)
        return AsyncStrongNamespace(self._directory.strong_core(name, values, near_cache), self._driver)

    async def close(self) -> None:
        """Ends what goes on behind, and its connections."""
        await self._driver.close()

    async def __aenter__(self) -> AsyncKv:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

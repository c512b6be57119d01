"""`@cached`: a function whose results are kept in a namespace."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any, Generic, ParamSpec, TypeVar, overload

from .aio import AsyncNamespace
from .cache_key import Key, key_maker
from .namespace import Namespace
from .wrap_core import OnError

P = ParamSpec("P")
R = TypeVar("R")


class Cached(Generic[P, R]):
    """A function for threads whose results are kept."""

    def __init__(self, function: Callable[P, R], namespace: Namespace[Any], key: Key, options: dict[str, Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._namespace = namespace
        self._key = key_maker(function, key)
        self._options = options

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The kept result, or the function's."""
        return self._result(False, *args, **kwargs)  # noqa: FBT003 -- see below

    def key(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Where the result of a call is kept."""
        return self._key(args, kwargs)

    def refresh(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Calls the function, whatever is kept."""
        return self._result(True, *args, **kwargs)  # noqa: FBT003 -- see below

    def forget(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """The result of a call is not to be used any more."""
        self._namespace.delete(self._key(args, kwargs))

    # Its first parameter has no name that a parameter of the function could have.
    def _result(self, refresh: bool, /, *args: P.args, **kwargs: P.kwargs) -> R:  # noqa: FBT001
        made = functools.partial(self._function, *args, **kwargs)
        key = self._key(args, kwargs)
        return self._namespace.wrap(key, lambda _: made(), refresh=refresh, **self._options)


class AsyncCached(Generic[P, R]):
    """A function for asyncio whose results are kept."""

    def __init__(
        self,
        function: Callable[P, Awaitable[R]],
        namespace: AsyncNamespace[Any],
        key: Key,
        options: dict[str, Any],
    ) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._namespace = namespace
        self._key = key_maker(function, key)
        self._options = options

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The kept result, or the function's."""
        return await self._result(False, *args, **kwargs)  # noqa: FBT003 -- see below

    def key(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Where the result of a call is kept."""
        return self._key(args, kwargs)

    async def refresh(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Calls the function, whatever is kept."""
        return await self._result(True, *args, **kwargs)  # noqa: FBT003 -- see below

    async def forget(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """The result of a call is not to be used any more."""
        await self._namespace.delete(self._key(args, kwargs))

    # Its first parameter has no name that a parameter of the function could have.
    async def _result(self, refresh: bool, /, *args: P.args, **kwargs: P.kwargs) -> R:  # noqa: FBT001
        made = functools.partial(self._function, *args, **kwargs)
        key = self._key(args, kwargs)
        return await self._namespace.wrap(key, lambda _: made(), refresh=refresh, **self._options)


@overload
def cached(
    namespace: Namespace[Any],
    key: Key,
    *,
    ttl_seconds: int | None = None,
    stale_seconds: int = 0,
    on_error: OnError = "raise",
    lease_seconds: int | None = None,
) -> Callable[[Callable[P, R]], Cached[P, R]]: ...
@overload
def cached(
    namespace: AsyncNamespace[Any],
    key: Key,
    *,
    ttl_seconds: int | None = None,
    stale_seconds: int = 0,
    on_error: OnError = "raise",
    lease_seconds: int | None = None,
) -> Callable[[Callable[P, Awaitable[R]]], AsyncCached[P, R]]: ...
def cached(
    namespace: Namespace[Any] | AsyncNamespace[Any],
    key: Key,
    *,
    ttl_seconds: int | None = None,
    stale_seconds: int = 0,
    on_error: OnError = "raise",
    lease_seconds: int | None = None,
) -> Callable[[Callable[..., Any]], Any]:
    """Keeps the results of a function. `None` is a result like any other.

    `key`: a text with the names of parameters, `"answer:{user_id}:{question:sha256}"`: what stands for one is quoted,
    or its hash is taken, so that no two calls meet under one key; or a function of the same arguments. Between two
    names stands something that is no letter or digit. Parameters that it names are `str`, `int` or `UUID`, and count
    as their text: 1 is "1". Methods are refused: what their object is stands in no key. The rest is as in
    `Namespace.wrap`. Raises KvError KEY_INVALID where two calls could meet.
    """
    options = {
        "ttl_seconds": ttl_seconds,
        "stale_seconds": stale_seconds,
        "on_error": on_error,
        "lease_seconds": lease_seconds,
    }

    def decorate(function: Callable[..., Any]) -> Any:
        if isinstance(namespace, Namespace):
            return Cached(function, namespace, key, options)
        return AsyncCached(function, namespace, key, options)

    return decorate

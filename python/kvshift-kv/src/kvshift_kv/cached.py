"""`@cached`: a function whose results are kept in a namespace."""

from __future__ import annotations

import functools
import hashlib
import inspect
import string
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Generic, ParamSpec, TypeAlias, TypeVar, cast, overload
from urllib.parse import quote

from .aio import AsyncNamespace
from .errors import KvError
from .namespace import Namespace
from .wrap_core import OnError

P = ParamSpec("P")
R = TypeVar("R")

Key: TypeAlias = str | Callable[..., str]


class Cached(Generic[P, R]):
    """A function for threads whose results are kept."""

    def __init__(self, function: Callable[P, R], namespace: Namespace[Any], key: Key, options: dict[str, Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._namespace = namespace
        self._key = _key_maker(function, key)
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
        self._key = _key_maker(function, key)
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
    or its hash is taken, so that no two calls meet under one key; or a function of the same arguments. Parameters that
    it names are `str`, `int` or `UUID`. The rest is as in `Namespace.wrap`.
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


def _key_maker(function: Callable[..., Any], key: Key) -> Callable[[tuple[Any, ...], dict[str, Any]], str]:
    if not isinstance(key, str):
        return lambda args, kwargs: key(*args, **kwargs)
    signature = inspect.signature(function)
    pieces = list(string.Formatter().parse(key))
    for _, name, form, _ in pieces:
        if name is not None and (name not in signature.parameters or form not in ("", "sha256")):
            raise KvError("KEY_INVALID", "The key names no parameter of the function, or a form that is not known.")

    def made(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return "".join(
            text + ("" if name is None else _shown(bound.arguments[name], cast("str", form)))
            for text, name, form, _ in pieces
        )

    return made


def _shown(value: Any, form: str) -> str:
    if type(value) not in (str, int, uuid.UUID):
        raise KvError("KEY_INVALID", "A parameter that the key names is no str, int or UUID: give a function as key.")
    text = str(value)
    if form == "sha256":
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    # What separates the pieces of a key stands in none of them.
    return quote(text, safe="@ ", errors="surrogatepass")

"""Namespaces that the library reaches one way or another, for threads and for asyncio, under one face."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, Final, TypeAlias, cast

from kvshift_kv import (
    AsyncKv,
    AsyncNamespace,
    AsyncStrongNamespace,
    Kv,
    KvError,
    KvOptions,
    Namespace,
    World,
    settings_from,
)
from kvshift_kv.exchange import HttpAnswer, HttpRequest, NoAnswer
from kvshift_kv.httpx_exchange import AsyncHttpxExchange, HttpxExchange
from kvshift_kv.sessions import AsyncSessions, sessions_in
from kvshift_kv.testing import FakeKv

Variables: TypeAlias = dict[str, str]

STAGES: Final = [
    f"{place}, {style}"
    for place in ("fake strong", "fake eventual", "rest eventual", "gateway strong", "gateway eventual")
    for style in ("threads", "asyncio")
]
_NUMBERS = itertools.count()


def fresh(name: str = "key") -> str:
    """A key that nobody has asked for."""
    return f"{name} {os.getpid()}-{next(_NUMBERS)} / ü?#%"


class InThreads:
    """A namespace for threads with the face of one for asyncio: each call in a thread."""

    def __init__(self, target: object) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)
        if not callable(method):
            return method

        def pages(*args: Any, **options: Any) -> AsyncIterator[Any]:
            return _listed(cast("Callable[..., Any]", method), args, options)

        async def call(*args: Any, **options: Any) -> Any:
            return await asyncio.to_thread(method, *args, **options)

        return pages if name in ("all", "list") else call


async def _listed(method: Callable[..., Any], args: Any, options: Any) -> AsyncIterator[Any]:
    for entry in await asyncio.to_thread(lambda: list(method(*args, **options))):
        yield entry


class Stage:
    """The namespace under test. `losses`: answers that are lost after they were given."""

    def __init__(self, name: str, kv: Kv | AsyncKv, namespace: str, lossy: Lossy | None, fake: FakeKv | None) -> None:
        self.name = name
        self.namespace_name = namespace
        self.fake = fake
        self._kv = kv
        self._lossy = lossy

    def namespace(self, **options: Any) -> AsyncNamespace[Any]:
        found = self._kv.namespace(self.namespace_name, **options)
        return found if isinstance(found, AsyncNamespace) else cast("AsyncNamespace[Any]", InThreads(found))

    def strong(self, **options: Any) -> AsyncStrongNamespace[Any]:
        found = self._kv.strong(self.namespace_name, **options)
        return found if isinstance(found, AsyncStrongNamespace) else cast("AsyncStrongNamespace[Any]", InThreads(found))

    def plain_namespace(self) -> Namespace[Any] | AsyncNamespace[Any]:
        return self._kv.namespace(self.namespace_name)

    def sessions(self) -> AsyncSessions:
        is_strong = self.namespace_name == "sessions"
        if isinstance(self._kv, AsyncKv):
            kept = self._kv.strong(self.namespace_name) if is_strong else self._kv.namespace(self.namespace_name)
            return sessions_in(kept, accept_stale_logout=True)
        found = self._kv.strong(self.namespace_name) if is_strong else self._kv.namespace(self.namespace_name)
        return cast("AsyncSessions", InThreads(sessions_in(found, accept_stale_logout=True)))

    def lose_answer(self) -> None:
        if self.fake is not None:
            self.fake.fail_next("lost answer")
        elif self._lossy is not None:
            self._lossy.losses += 1

    async def close(self) -> None:
        if isinstance(self._kv, AsyncKv):
            await self._kv.close()
        else:
            self._kv.close()


class Lossy:
    """How many answers are to be lost."""

    losses = 0

    def passed(self, answer: HttpAnswer) -> HttpAnswer:
        if self.losses == 0:
            return answer
        self.losses -= 1
        return NoAnswer("ReadError")


class LossyThreads(HttpxExchange):
    def __init__(self, lossy: Lossy) -> None:
        super().__init__()
        self._lossy = lossy

    def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
        return self._lossy.passed(super().send(request, timeout_seconds))


class LossyTasks(AsyncHttpxExchange):
    def __init__(self, lossy: Lossy) -> None:
        super().__init__()
        self._lossy = lossy

    async def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
        return self._lossy.passed(await super().send(request, timeout_seconds))


def open_stage(name: str, cloud: dict[str, Variables]) -> Stage:
    place, _, style = name.partition(", ")
    where, _, consistency = place.partition(" ")
    namespace = "sessions" if consistency == "strong" else "cache"
    if where == "fake":
        fake = FakeKv()
        return Stage(name, fake.kv() if style == "threads" else fake.async_kv(), namespace, None, fake)
    lossy = Lossy()
    world = replace(World(), exchange=LossyThreads(lossy), exchange_async=LossyTasks(lossy))
    settings, options = settings_from(cloud[where]), KvOptions(world=world, deadline_seconds=60)
    kv = Kv(settings, options) if style == "threads" else AsyncKv(settings, options)
    return Stage(name, kv, namespace, lossy, None)


async def code_of(work: Any) -> str:
    """The code of the error that a call ends with."""
    try:
        await work
    except KvError as error:
        return error.code
    return "no error"

"""An environment in memory."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from ..directory import KvOptions
from ..environment import NamespaceSettings, Settings
from ..exchange import HttpAnswer, HttpRequest, HttpResponse, NoAnswer
from ..kv import AsyncKv, Kv
from ..rest_budget import RestBudgets
from ..secret import Secret
from ..world import World
from .clock import ManualClock
from .dialect import Dialect
from .shelf import RawPair, Shelf

_DEFAULT_TTL_SECONDS = 3600
_NAMESPACES = (
    NamespaceSettings("sessions", "5" * 32, "strong", _DEFAULT_TTL_SECONDS, 30 * 24 * 3600),
    NamespaceSettings("cache", "c" * 32, "eventual", _DEFAULT_TTL_SECONDS, 30 * 24 * 3600),
)
Fault = Literal["no answer", "lost answer", "unavailable", "rate limited", "unauthorized"]
_STATUSES: dict[Fault, int] = {"unavailable": 503, "rate limited": 429, "unauthorized": 401}


class FakeKv:
    """A strong namespace `sessions` and an eventual one `cache`, unless `namespaces` says otherwise.

    All of the library runs; only the network and KV are in memory. The eventual namespace is as consistent as the
    other: what may be old at Cloudflare's is not shown. `random` is what jitter and pauses draw, from 0 to 1.
    """

    def __init__(
        self,
        namespaces: Sequence[NamespaceSettings] = _NAMESPACES,
        *,
        clock: ManualClock | None = None,
        random: Callable[[], float] = lambda: 0.5,
    ) -> None:
        self.clock = clock or ManualClock()
        #: Requests that reached the fake, as `GET values` or `POST atomic`.
        self.requests: list[str] = []
        self._shelves = {settings.id: Shelf(settings) for settings in namespaces}
        self._dialect = Dialect(self._shelves, self.clock.now_ms)
        self._faults: deque[Fault] = deque()
        self._lock = threading.Lock()
        ids = itertools.count(1)
        self.settings = Settings(
            api_url="https://gateway.test/client/v4",
            account_id="a" * 32,
            api_token=Secret("kvs_test-application-a1_" + "x" * 48),
            namespaces=tuple(namespaces),
            client="srv-test/one",
        )
        self.world = World(
            now_ms=self.clock.now_ms,
            elapsed_ms=self.clock.elapsed_ms,
            random=random,
            unique_id=lambda: f"{next(ids):032x}",
            sleep=self.clock.advance,
            sleep_async=self.clock.sleep_async,
            exchange=_Threads(self._answer),
            exchange_async=_Tasks(self._answer),
            budgets=RestBudgets(),
        )

    def kv(self, options: KvOptions | None = None) -> Kv:
        """For threads, as another process would have it: only what is stored is shared."""
        return Kv(self.settings, self._options(options))

    def async_kv(self, options: KvOptions | None = None) -> AsyncKv:
        """For asyncio, on the same pairs."""
        return AsyncKv(self.settings, self._options(options))

    def fail_next(self, *faults: Fault) -> None:
        """What goes wrong with the next requests, one after the other. `lost answer`: after it was done."""
        self._faults.extend(faults)

    def raw(self, namespace: str, key: str) -> RawPair | None:
        """What is stored under a key, as a client sees it that knows nothing of the library."""
        return self._shelf(namespace).get(key, self.clock.now_ms())

    def write(self, namespace: str, key: str, pair: RawPair) -> None:
        """Stores a pair as such a client."""
        self._shelf(namespace).put(key, pair)

    def keys(self, namespace: str) -> list[str]:
        """All keys, those of the library too."""
        return [key for key, _ in self._shelf(namespace).listed("", self.clock.now_ms())]

    def _options(self, options: KvOptions | None) -> KvOptions:
        return replace(options or KvOptions(tracer=None), world=self.world)

    def _shelf(self, namespace: str) -> Shelf:
        return next(shelf for shelf in self._shelves.values() if shelf.settings.name == namespace)

    def _answer(self, request: HttpRequest) -> HttpAnswer:
        with self._lock:
            self.requests.append(f"{request.method} {_route_of(request.url)}")
            fault = self._faults.popleft() if self._faults else None
            if fault == "no answer":
                return NoAnswer("ConnectError")
            if fault in _STATUSES:
                return HttpResponse(_STATUSES[fault], {}, b"")
            answer = self._dialect.answer(request)
            return NoAnswer("RemoteProtocolError") if fault == "lost answer" else answer


def _route_of(url: str) -> str:
    after = url.partition("/namespaces/")[2].partition("/")[2].partition("?")[0]
    route, _, rest = after.partition("/")
    return f"bulk/{rest}" if route == "bulk" and rest else route


class _Threads:
    def __init__(self, answer: Callable[[HttpRequest], HttpAnswer]) -> None:
        self._answer = answer

    def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:  # noqa: ARG002 -- an answer is at once
        return self._answer(request)

    def close(self) -> None:
        """There is no connection."""


class _Tasks:
    def __init__(self, answer: Callable[[HttpRequest], HttpAnswer]) -> None:
        self._answer = answer

    async def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:  # noqa: ARG002 -- an answer is at once
        return self._answer(request)

    async def close(self) -> None:
        """There is no connection."""

"""Requests over httpx: HTTP/1.1 with connections that stay open.

The transports are used as they are, below the client: nothing is followed, and no cookie or password of a file is sent.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
import weakref
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from .deadline_transport import DeadlineTransport
from .exchange import HttpAnswer, HttpRequest, HttpResponse, NoAnswer

_AT_ONCE = 100
_LIMITS = httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=50, keepalive_expiry=60)
_TIMED_OUT = NoAnswer("timeout", is_timeout=True)
_NEVER_SENT = NoAnswer("timeout", is_timeout=True, is_sent=False)
_USER_AGENT = "kvshift-kv-python/0.1.0"


class _TimeLeft(dict[str, float]):
    """The timeouts of a request: each step of it gets what the steps before have left."""

    def __init__(self, until: float) -> None:
        super().__init__()
        self._until = until

    def get(self, key: str, default: Any = None) -> float:  # noqa: ARG002 -- a dict's own form
        # Nothing at all would mean: at once, or for ever.
        return max(0.001, self._until - time.monotonic())


@dataclass(frozen=True)
class _Threads:
    """What a process has. `places`: for requests at once."""

    process: int
    transport: httpx.BaseTransport
    places: threading.Semaphore


class HttpxExchange:
    """For threads. After a fork a process has connections of its own."""

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._given = transport
        self._lock = threading.Lock()
        self._made: _Threads | None = None

    def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
        """The answer as a whole, within the time."""
        until = time.monotonic() + timeout_seconds
        prepared = _prepared(request, until)
        if isinstance(prepared, NoAnswer):
            return prepared
        made = self._current()
        # Who waits in the pool of httpx is looked at again at every end of a request: thousands take all the time.
        if not made.places.acquire(timeout=max(0.0, timeout_seconds)):
            return _NEVER_SENT
        try:
            return _exchanged(made.transport, prepared, until)
        except (httpx.TimeoutException, httpcore.TimeoutException):
            return _TIMED_OUT
        except Exception as error:  # noqa: BLE001 -- some hold the request with its headers: only the kind is told
            return NoAnswer(type(error).__name__)
        finally:
            made.places.release()

    def close(self) -> None:
        """Ends its connections."""
        with self._lock:
            made, self._made = self._made, None
        if made is not None and self._given is None:
            made.transport.close()

    def _current(self) -> _Threads:
        made = self._made
        if made is not None and made.process == os.getpid():
            return made
        with self._lock:
            if self._made is None or self._made.process != os.getpid():
                transport = self._given or DeadlineTransport(_LIMITS)
                self._made = _Threads(os.getpid(), transport, threading.Semaphore(_AT_ONCE))
                if self._given is None:
                    # Also where nobody closes it, and at the end of the process.
                    weakref.finalize(self, _close_in, os.getpid(), transport)
            return self._made


@dataclass(frozen=True)
class _Tasks:
    """What a loop has: connections of one cannot be used on another."""

    transport: httpx.AsyncBaseTransport
    places: asyncio.Semaphore


class AsyncHttpxExchange:
    """For asyncio. Each loop has connections of its own, also where several run at once."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._given = transport
        self._lock = threading.Lock()
        self._made: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Tasks] = weakref.WeakKeyDictionary()

    async def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
        """The answer as a whole, within the time."""
        until = time.monotonic() + timeout_seconds
        prepared = _prepared(request, until)
        if isinstance(prepared, NoAnswer):
            return prepared
        has_place: list[bool] = []
        try:
            return await asyncio.wait_for(self._exchange(prepared, has_place), timeout_seconds)
        except (httpx.TimeoutException, asyncio.TimeoutError):
            return _TIMED_OUT if has_place else _NEVER_SENT
        except Exception as error:  # noqa: BLE001 -- some hold the request with its headers: only the kind is told
            return NoAnswer(type(error).__name__)

    async def close(self) -> None:
        """Ends its connections, where they are of the loop that runs."""
        with self._lock:
            made = self._made.pop(asyncio.get_running_loop(), None)
        if made is not None and self._given is None:
            await made.transport.aclose()

    async def _exchange(self, request: httpx.Request, has_place: list[bool]) -> HttpResponse:
        made = self._current()
        # Who waits in the pool of httpx is looked at again at every end of a request: thousands hold up the loop.
        async with made.places:
            has_place.append(True)
            response = await made.transport.handle_async_request(request)
            try:
                body = await response.aread()
            finally:
                await response.aclose()
            return HttpResponse(response.status_code, response.headers, body)

    def transport(self) -> httpx.AsyncBaseTransport:
        """Of the loop that runs."""
        return self._current().transport

    def _current(self) -> _Tasks:
        loop = asyncio.get_running_loop()
        with self._lock:
            made = self._made.get(loop)
            if made is None:
                # Open connections hold their loop: those of loops that have ended are nobody's.
                for ended in [other for other in self._made if other.is_closed()]:
                    del self._made[ended]
                transport = self._given or httpx.AsyncHTTPTransport(limits=_LIMITS)
                made = self._made[loop] = _Tasks(transport, asyncio.Semaphore(_AT_ONCE))
            return made


def _exchanged(transport: httpx.BaseTransport, request: httpx.Request, until: float) -> HttpAnswer:
    response = transport.handle_request(request)
    try:
        chunks: list[bytes] = []
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            if time.monotonic() > until:
                return _TIMED_OUT
    finally:
        response.close()
    return HttpResponse(response.status_code, response.headers, b"".join(chunks))


def _close_in(process: int, transport: httpx.BaseTransport) -> None:
    # What a parent has made is not its child's to close.
    if os.getpid() == process:
        transport.close()


@lru_cache(maxsize=1024)
def _url(text: str) -> httpx.URL:
    # Parsing one takes httpx a tenth of what the rest of a request takes.
    return httpx.URL(text)


def _prepared(request: HttpRequest, until: float) -> httpx.Request | NoAnswer:
    try:
        return httpx.Request(
            request.method,
            _url(request.url),
            headers={**request.headers, "user-agent": _USER_AGENT},
            content=request.body,
            extensions={"timeout": _TimeLeft(until), "kvshift.until": until},
        )
    except Exception as error:  # noqa: BLE001 -- as above
        return NoAnswer(type(error).__name__, is_sent=False)

"""Requests over httpx: HTTP/1.1 with connections that stay open.

The transports are used as they are, below the client: nothing is followed, and no cookie or password of a file is sent.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
import weakref
from functools import lru_cache
from typing import Any

import httpx

from .exchange import HttpAnswer, HttpRequest, HttpResponse, NoAnswer

_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=50, keepalive_expiry=60)
_TIMED_OUT = NoAnswer("timeout", is_timeout=True)
_USER_AGENT = "kvshift-kv-python/0.1.0"


class _TimeLeft(dict[str, float]):
    """The timeouts of a request: each step of it gets what the steps before have left."""

    def __init__(self, until: float) -> None:
        super().__init__()
        self._until = until

    def get(self, key: str, default: Any = None) -> float:  # noqa: ARG002 -- a dict's own form
        # Nothing at all would mean: at once, or for ever.
        return max(0.001, self._until - time.monotonic())


class HttpxExchange:
    """For threads. After a fork a process has connections of its own."""

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._given = transport
        self._lock = threading.Lock()
        self._made: tuple[int, httpx.BaseTransport] | None = None

    def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
        """The answer as a whole, within the time."""
        until = time.monotonic() + timeout_seconds
        try:
            response = self._transport().handle_request(_prepared(request, until))
            try:
                chunks: list[bytes] = []
                for chunk in response.iter_bytes():
                    chunks.append(chunk)
                    if time.monotonic() > until:
                        return _TIMED_OUT
            finally:
                response.close()
            return HttpResponse(response.status_code, response.headers, b"".join(chunks))
        except httpx.TimeoutException:
            return _TIMED_OUT
        except Exception as error:  # noqa: BLE001 -- some hold the request with its headers: only the kind is told
            return NoAnswer(type(error).__name__)

    def close(self) -> None:
        """Ends its connections."""
        with self._lock:
            made, self._made = self._made, None
        if made is not None:
            made[1].close()

    def _transport(self) -> httpx.BaseTransport:
        if self._given is not None:
            return self._given
        made = self._made
        if made is not None and made[0] == os.getpid():
            return made[1]
        with self._lock:
            if self._made is None or self._made[0] != os.getpid():
                transport = httpx.HTTPTransport(limits=_LIMITS)
                self._made = (os.getpid(), transport)
                # Also where nobody closes it, and at the end of the process.
                weakref.finalize(self, _close_in, os.getpid(), transport)
            return self._made[1]


class AsyncHttpxExchange:
    """For asyncio. Each loop has connections of its own: one cannot use those of another."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._given = transport
        self._made: tuple[asyncio.AbstractEventLoop, httpx.AsyncBaseTransport] | None = None

    async def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
        """The answer as a whole, within the time."""
        until = time.monotonic() + timeout_seconds
        try:
            return await asyncio.wait_for(self._exchange(_prepared(request, until)), timeout_seconds)
        except (httpx.TimeoutException, asyncio.TimeoutError):
            return _TIMED_OUT
        except Exception as error:  # noqa: BLE001 -- some hold the request with its headers: only the kind is told
            return NoAnswer(type(error).__name__)

    async def close(self) -> None:
        """Ends its connections, where they are of the loop that runs."""
        made, self._made = self._made, None
        if made is not None and made[0] is asyncio.get_running_loop():
            await made[1].aclose()

    async def _exchange(self, request: httpx.Request) -> HttpResponse:
        response = await self._transport().handle_async_request(request)
        try:
            body = await response.aread()
        finally:
            await response.aclose()
        return HttpResponse(response.status_code, response.headers, body)

    def _transport(self) -> httpx.AsyncBaseTransport:
        if self._given is not None:
            return self._given
        loop = asyncio.get_running_loop()
        if self._made is None or self._made[0] is not loop:
            self._made = (loop, httpx.AsyncHTTPTransport(limits=_LIMITS))
        return self._made[1]


def _close_in(process: int, transport: httpx.BaseTransport) -> None:
    # What a parent has made is not its child's to close.
    if os.getpid() == process:
        transport.close()


@lru_cache(maxsize=1024)
def _url(text: str) -> httpx.URL:
    # Parsing one takes httpx a tenth of what the rest of a request takes.
    return httpx.URL(text)


def _prepared(request: HttpRequest, until: float) -> httpx.Request:
    return httpx.Request(
        request.method,
        _url(request.url),
        headers={**request.headers, "user-agent": _USER_AGENT},
        content=request.body,
        extensions={"timeout": _TimeLeft(until)},
    )

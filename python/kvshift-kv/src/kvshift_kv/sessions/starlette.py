"""Sessions for Starlette, FastAPI and every other ASGI application: `request.session`.

```python
sessions = sessions_in(kv.strong("sessions"))
app.add_middleware(SessionMiddleware, sessions=sessions, secrets=[os.environ["SESSION_SECRET"]])
```
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from contextlib import suppress
from typing import Any, Protocol, TypeAlias, cast

from ..effects import Program
from ..errors import KvError
from ..secret import Secret
from .cookie import CookieOptions, CookieSigner, cookies_named, delete_cookie, set_cookie
from .sessions import AsyncSessions
from .web_session import CookieChange, RequestSessions, WebSession

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class Connection(Protocol):
    """A request or a WebSocket of Starlette."""

    @property
    def scope(self) -> Scope:
        """Of ASGI."""
        ...


def session_of(connection: Connection) -> WebSession:
    """The same as `request.session`, with its type."""
    return connection.scope["session"]


class SessionMiddleware:
    """Loads the session of a request, and stores it before the answer begins.

    `secrets`: the first one signs, all are accepted. `ttl_seconds`: of a session; default: the namespace's.
    `rolling`: each request makes it live longer. `request.session` is a `WebSession`: a dict with `regenerate` and
    `destroy`. Where KV fails, the request fails with KvError: nobody is taken for signed out because of it.
    """

    def __init__(
        self,
        app: AsgiApp,
        sessions: AsyncSessions,
        secrets: Sequence[str | Secret],
        *,
        cookie: CookieOptions | None = None,
        ttl_seconds: int | None = None,
        rolling: bool = True,
    ) -> None:
        self._app = app
        self._sessions = sessions
        self._cookie = cookie or CookieOptions()
        self._ttl_seconds = ttl_seconds or sessions.settings.default_ttl_seconds
        # A loop keeps no hold on its tasks.
        self._tasks: set[asyncio.Future[Any]] = set()
        self._requests = RequestSessions(sessions.core, CookieSigner(secrets), is_rolling=rolling)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As https://asgi.readthedocs.io says."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = cast("list[tuple[bytes, bytes]]", scope["headers"])
        cookies = cookies_named(
            self._cookie.name, [value.decode("latin-1") for name, value in headers if name.lower() == b"cookie"]
        )
        found = await self._sessions.driver.run(self._requests.begin(cookies))
        session = WebSession() if found is None else WebSession(*found)
        scope["session"] = session

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                was_read = session.was_read
                change = await self._run(
                    self._requests.end(
                        session,
                        had_cookie=bool(cookies),
                        ttl_seconds=self._ttl_seconds,
                        now_ms=self._sessions.driver.elapsed_ms(),
                    )
                )
                _add_headers(message, self._headers_of(change, was_read=was_read))
            await send(message)

        try:
            await self._app(scope, receive, send_with_cookie)
        except asyncio.CancelledError:
            # Who cancels does not wait.
            self._begun(self._requests.end_destroyed(session))
            raise
        except BaseException:
            # Nothing of a request that failed is stored, but who signed out has signed out.
            with suppress(KvError):
                await self._run(self._requests.end_destroyed(session))
            raise
        await self._run(self._requests.end_late(session, self._ttl_seconds))

    async def _run(self, program: Program[Any]) -> Any:
        """To its end, also where the client goes away meanwhile and the request is cancelled."""
        return await asyncio.shield(self._begun(program))

    def _begun(self, program: Program[Any]) -> asyncio.Future[Any]:
        task = asyncio.ensure_future(self._sessions.driver.run(program))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            # Where nobody waits any more: it was seen.
            task.exception()

    def _headers_of(self, change: CookieChange | None, *, was_read: bool) -> list[tuple[bytes, bytes]]:
        # What is kept between must not hand it to anybody else.
        vary = [(b"vary", b"Cookie")] if was_read or change is not None else []
        if change is None:
            return vary
        if change.value is None:
            text = delete_cookie(self._cookie)
        else:
            text = set_cookie(self._cookie, change.value, self._ttl_seconds)
        return [(b"set-cookie", text.encode("latin-1")), *vary]


def _add_headers(message: Message, headers: list[tuple[bytes, bytes]]) -> None:
    message["headers"] = [*message.get("headers", []), *headers]

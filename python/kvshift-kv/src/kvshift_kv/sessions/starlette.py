"""Sessions for Starlette, FastAPI and every other ASGI application: `request.session`.

```python
sessions = sessions_in(kv.strong("sessions"))
app.add_middleware(SessionMiddleware, sessions=sessions, secrets=[os.environ["SESSION_SECRET"]])
```
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Protocol, TypeAlias, cast

from ..effects import Program
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
        found = await self._run(self._requests.begin(cookies))
        session = WebSession() if found is None else WebSession(*found)
        scope["session"] = session

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                change = await self._run(
                    self._requests.end(
                        session,
                        had_cookie=bool(cookies),
                        ttl_seconds=self._ttl_seconds,
                        now_ms=self._sessions.driver.now_ms(),
                    )
                )
                _add_headers(message, self._headers_of(change))
            await send(message)

        await self._app(scope, receive, send_with_cookie)
        await self._run(self._requests.end_late(session, self._ttl_seconds))

    async def _run(self, program: Program[Any]) -> Any:
        return await self._sessions.driver.run(program)

    def _headers_of(self, change: CookieChange | None) -> list[tuple[bytes, bytes]]:
        if change is None:
            return []
        if change.value is None:
            text = delete_cookie(self._cookie)
        else:
            text = set_cookie(self._cookie, change.value, self._ttl_seconds)
        # What is kept between must not hand it to anybody else.
        return [(b"set-cookie", text.encode("latin-1")), (b"vary", b"Cookie")]


def _add_headers(message: Message, headers: list[tuple[bytes, bytes]]) -> None:
    message["headers"] = [*message.get("headers", []), *headers]

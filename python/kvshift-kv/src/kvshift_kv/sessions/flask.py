"""Sessions for Flask: `flask.session`, as Flask-Session has it on Redis.

```python
app.session_interface = KvSessionInterface(sessions_in(kv.strong("sessions")))
```
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flask import Flask, Request, Response
from flask import request as current_request
from flask.sessions import SessionInterface, SessionMixin

from ..errors import KvError
from ..secret import Secret
from .cookie import CookieSigner
from .sessions import Sessions
from .web_session import RequestSessions, WebSession


class KvSession(WebSession, SessionMixin):
    """What `flask.session` is."""

    def plain(self) -> dict[str, Any]:
        """What is stored of it: `flash` keeps tuples, which come back as lists."""
        return {name: _as_json(value) for name, value in super().plain().items()}


class KvSessionInterface(SessionInterface):
    """Keeps sessions in KV; the cookie holds the signed id alone.

    Names, lifetimes and flags of the cookie are Flask's own (`SESSION_COOKIE_*`, `PERMANENT_SESSION_LIFETIME`,
    `SESSION_REFRESH_EACH_REQUEST`). `secrets`: the first one signs, all are accepted; default: the application's
    `SECRET_KEY` and `SECRET_KEY_FALLBACKS`. `ttl_seconds`: of sessions that are not permanent; default: the
    namespace's.
    """

    session_class = KvSession

    def __init__(
        self, sessions: Sessions, *, secrets: Sequence[str | Secret] | None = None, ttl_seconds: int | None = None
    ) -> None:
        self._sessions = sessions
        self._secrets = secrets
        self._ttl_seconds = ttl_seconds or sessions.settings.default_ttl_seconds
        self._requests: RequestSessions | None = None

    def open_session(self, app: Flask, request: Request) -> KvSession:
        """The session of a request; a new one where its cookie has none."""
        cookies = request.cookies.getlist(self.get_cookie_name(app))
        found = self._sessions.driver.run(self._of(app).begin(cookies))
        return KvSession() if found is None else KvSession(*found)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Stores it, and sets or takes away the cookie."""
        ours = cast("KvSession | None", session)
        if ours is None:
            # `open_session` failed, and has said why.
            return
        name = self.get_cookie_name(app)
        ttl_seconds = int(app.permanent_session_lifetime.total_seconds()) if ours.permanent else self._ttl_seconds
        end = self._of(app).end(
            ours,
            had_cookie=name in current_request.cookies,
            ttl_seconds=ttl_seconds,
            now_ms=self._sessions.driver.elapsed_ms(),
        )
        change = self._sessions.driver.run(end)
        response.vary.add("Cookie")
        if change is None:
            return
        # Without a value it is a cookie that has ended.
        response.set_cookie(
            name,
            change.value or "",
            max_age=0 if change.value is None else None,
            expires=0 if change.value is None else self.get_expiration_time(app, ours),
            domain=self.get_cookie_domain(app),
            path=self.get_cookie_path(app),
            secure=self.get_cookie_secure(app),
            samesite=self.get_cookie_samesite(app),
            httponly=self.get_cookie_httponly(app),
        )

    def regenerate(self, session: SessionMixin) -> None:
        """Goes on under a new id: to be called where somebody signs in."""
        cast("KvSession", session).regenerate()

    def _of(self, app: Flask) -> RequestSessions:
        if self._requests is None:
            self._require_lifetime(app)
            signer = CookieSigner(self._secrets or _secrets_of(app))
            is_rolling = bool(_config_of(app)["SESSION_REFRESH_EACH_REQUEST"])
            self._requests = RequestSessions(self._sessions.core, signer, is_rolling=is_rolling)
        return self._requests

    def _require_lifetime(self, app: Flask) -> None:
        """At the first request, and not where somebody asks to be remembered."""
        longest, asked = self._sessions.settings.max_ttl_seconds, app.permanent_session_lifetime.total_seconds()
        if longest is not None and asked > longest:
            raise KvError(
                "NOT_CONFIGURED",
                f"PERMANENT_SESSION_LIFETIME is {asked:.0f} s (Flask's own default is 31 days); sessions of "
                f"{self._sessions.settings.name} live for {longest} s at most: set it to {longest} or less.",
            )


def _config_of(app: Flask) -> dict[str, Any]:
    return cast("dict[str, Any]", app.config)


def _secrets_of(app: Flask) -> list[str]:
    keys: list[Any] = [app.secret_key, *(_config_of(app).get("SECRET_KEY_FALLBACKS") or [])]
    texts = [key.decode("latin-1") if isinstance(key, bytes) else key for key in keys if key]
    if not texts:
        raise KvError("NOT_CONFIGURED", "Sessions need the SECRET_KEY of the application.")
    return texts


def _as_json(value: object) -> Any:
    if isinstance(value, (list, tuple)):
        return [_as_json(item) for item in cast("Sequence[Any]", value)]
    if isinstance(value, dict):
        return {name: _as_json(item) for name, item in cast("dict[Any, Any]", value).items()}
    # Markup and other kinds of text are text.
    return str(value) if isinstance(value, str) else value

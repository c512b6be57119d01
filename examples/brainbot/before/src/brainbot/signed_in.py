"""Who a request comes from: a cookie with the id of a session, and nothing else in it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Cookie, Depends, HTTPException, Response

from brainbot.request_state import Bot
from brainbot.storage.contract import Session

SESSION_COOKIE = "brainbot_session"
_MAX_ID_LENGTH = 128


async def signed_in(bot: Bot, brainbot_session: Annotated[str | None, Cookie()] = None) -> Session:
    """The session of a request. Raises HTTPException 401 where there is none."""
    if brainbot_session is not None and len(brainbot_session) <= _MAX_ID_LENGTH:
        session = await bot.storage.sessions.load(brainbot_session)
        if session is not None:
            return session
    raise HTTPException(401, "not signed in")


SignedIn = Annotated[Session, Depends(signed_in)]


def set_session_cookie(response: Response, session_id: str) -> None:
    """Until the browser closes: how long the session lives, the storage knows."""
    response.set_cookie(SESSION_COOKIE, session_id, httponly=True, secure=True, samesite="lax", path="/")


def clear_session_cookie(response: Response) -> None:
    response.delete_cookie(SESSION_COOKIE, httponly=True, secure=True, samesite="lax", path="/")

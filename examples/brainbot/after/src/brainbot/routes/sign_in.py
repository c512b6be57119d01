"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Cookie, HTTPException, Response
from pydantic import BaseModel, Field

from brainbot.conversation import count_messages
from brainbot.limits import require_within
from brainbot.passwords import is_password
from brainbot.request_state import Bot
from brainbot.signed_in import SignedIn, clear_session_cookie, set_session_cookie

router = APIRouter()


class Credentials(BaseModel):
    user: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")
    password: str = Field(min_length=1, max_length=256)


class Me(BaseModel):
    user: str
    messages: int = 0


@router.post("/session")
async def sign_in(
    credentials: Credentials,
    response: Response,
    bot: Bot,
    brainbot_session: Annotated[str | None, Cookie()] = None,
) -> Me:
    """A new session for who knows the password; the one that the browser had before ends."""
    await require_within(bot.storage.limiter, f"sign-in:{credentials.user}", bot.settings.sign_ins_per_minute)
    kept = bot.settings.accounts.get(credentials.user)
    if not await is_password(credentials.password, kept, bot.dummy_password):
        raise HTTPException(401, "wrong user or password")
    if brainbot_session is not None:
        await bot.storage.sessions.destroy(brainbot_session)
    set_session_cookie(response, await bot.storage.sessions.create({"user": credentials.user}))
    return Me(user=credentials.user)


@router.delete("/session", status_code=204)
async def sign_out(response: Response, bot: Bot, session: SignedIn) -> None:
    """From now on the session is refused everywhere."""
    await bot.storage.sessions.destroy(session.id)
    clear_session_cookie(response)


@router.get("/me")
async def me(session: SignedIn) -> Me:
    return Me(user=session.fields["user"], messages=count_messages(session.fields))

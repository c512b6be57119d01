"""What every request can reach, set once at start-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from brainbot.model import Model
from brainbot.settings import Settings
from brainbot.storage.contract import Clock, RandomBytes, Storage


@dataclass(frozen=True)
class Brainbot:
    settings: Settings
    storage: Storage
    model: Model
    clock: Clock
    random: RandomBytes
    dummy_password: str
    """Kept for nobody; checked where a user does not exist."""


def brainbot_of(request: Request) -> Brainbot:
    return cast("Brainbot", request.app.state.brainbot)


Bot = Annotated[Brainbot, Depends(brainbot_of)]

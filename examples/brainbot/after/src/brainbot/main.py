"""`uvicorn --app-dir src --factory brainbot.main:application`: the application of this process's environment."""

from __future__ import annotations

import os
import secrets
import time

from fastapi import FastAPI

from brainbot.app import create_app
from brainbot.model import model_of_cost
from brainbot.settings import settings_from
from brainbot.storage.contract import Lifetimes, Storage
from brainbot.storage.storage_service import open_storage


def application() -> FastAPI:
    """Raises SettingsError where a variable is wrong."""
    settings = settings_from(os.environ)
    lifetimes = Lifetimes(
        session_seconds=settings.session_ttl_seconds,
        answer_seconds=settings.answer_ttl_seconds,
        document_seconds=settings.document_ttl_seconds,
    )

    async def opened() -> Storage:
        return await open_storage(os.environ, lifetimes, clock=time.time, random=secrets.token_bytes)

    model = model_of_cost(settings.model_rounds)
    return create_app(settings, opened, model, clock=time.time, random=secrets.token_bytes)

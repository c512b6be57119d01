"""The web application, made of what it is given."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from brainbot.model import Model
from brainbot.passwords import hash_password
from brainbot.questions import one_spelling
from brainbot.request_state import Brainbot
from brainbot.routes import conversations, documents, popular, sign_in
from brainbot.settings import Settings
from brainbot.storage.contract import Clock, OpenStorage, RandomBytes

_SALT_BYTES = 16


def create_app(
    settings: Settings, open_storage: OpenStorage, model: Model, *, clock: Clock, random: RandomBytes
) -> FastAPI:
    """Opens its storage and has the popular answers ready before it takes its first request."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        storage = await open_storage()
        try:
            await storage.answers.warm(map(one_spelling, settings.popular_questions), model)
            app.state.brainbot = Brainbot(
                settings=settings,
                storage=storage,
                model=model,
                clock=clock,
                random=random,
                dummy_password=_dummy_password(settings, random),
            )
            yield
        finally:
            await storage.close()

    app = FastAPI(title="brainbot", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    async def healthz() -> dict[str, bool]:  # pyright: ignore[reportUnusedFunction] -- the decorator uses it
        return {"ok": True}

    for routes in (sign_in, conversations, popular, documents):
        app.include_router(routes.router)
    return app


def _dummy_password(settings: Settings, random: RandomBytes) -> str:
    """As costly to check as the accounts' own."""
    cost = int(next(iter(settings.accounts.values())).split("$")[1])
    return hash_password(random(_SALT_BYTES).hex(), random(_SALT_BYTES), cost)

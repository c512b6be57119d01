"""Instances of the application on the storage of this process's environment.

Every test has people, questions and names of its own, so that no test sees what another one left there.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx
from fastapi import FastAPI

from brainbot.app import create_app
from brainbot.model import Model, model_of_cost
from brainbot.passwords import hash_password
from brainbot.settings import Settings
from brainbot.storage.contract import Lifetimes, Storage
from brainbot.storage.storage_service import open_storage

PASSWORD = "correct horse battery staple"  # noqa: S105 -- of people who exist in tests only
ORIGIN = "https://brainbot.test"
_HASH = hash_password(PASSWORD, b"salt of the test", cost=2**8)


class MovedClock:
    """The machine's time when the test began, and what the test adds to it, in seconds."""

    def __init__(self) -> None:
        self._now = time.time()

    def __call__(self) -> float:
        return self._now

    def move(self, seconds: float) -> None:
        self._now += seconds


class RunningClock(MovedClock):
    """The machine's time, for loads: it goes on by itself."""

    def __call__(self) -> float:
        return time.time()


class WatchedModel:
    """The application's own model, which remembers what it was asked."""

    def __init__(self) -> None:
        self._model = model_of_cost(1)
        self.asked: list[str] = []

    async def __call__(self, question: str) -> str:
        self.asked.append(question)
        return await self._model(question)


def _unique(name: str) -> str:
    return f"{name}-{secrets.token_hex(6)}"


def _settings() -> Settings:
    return Settings(
        accounts={},
        popular_questions=(_unique("what is a cache"), _unique("what is a session")),
        session_ttl_seconds=3_600,
        answer_ttl_seconds=600,
        document_ttl_seconds=3_600,
        max_document_bytes=7 * 1024 * 1024,
        questions_per_minute=1_000,
        sign_ins_per_minute=1_000,
        model_rounds=1,
    )


@dataclass
class Stage:
    clock: MovedClock = field(default_factory=MovedClock)
    model: WatchedModel = field(default_factory=WatchedModel)
    ada: str = field(default_factory=lambda: _unique("ada"))
    grace: str = field(default_factory=lambda: _unique("grace"))
    settings: Settings = field(default_factory=_settings)

    def __post_init__(self) -> None:
        self.settings = replace(self.settings, accounts={self.ada: _HASH, self.grace: _HASH})

    def change(self, **settings: int) -> None:
        """For instances that are started from now on."""
        self.settings = replace(self.settings, **settings)

    def unique(self, text: str) -> str:
        return _unique(text)

    async def storage(self) -> Storage:
        lifetimes = Lifetimes(
            session_seconds=self.settings.session_ttl_seconds,
            answer_seconds=self.settings.answer_ttl_seconds,
            document_seconds=self.settings.document_ttl_seconds,
        )
        return await open_storage(os.environ, lifetimes, clock=self.clock, random=secrets.token_bytes)

    def app(self, model: Model | None = None) -> FastAPI:
        return create_app(
            self.settings, self.storage, model or self.model, clock=self.clock, random=secrets.token_bytes
        )

    @asynccontextmanager
    async def instance(self, model: Model | None = None) -> AsyncGenerator[Instance]:
        """A running instance, in this process and without a socket."""
        app = self.app(model)
        async with app.router.lifespan_context(app):
            yield Instance(app)


@dataclass(frozen=True)
class Instance:
    app: FastAPI

    @asynccontextmanager
    async def browser(self) -> AsyncGenerator[httpx.AsyncClient]:
        """With cookies of its own."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            yield client

    @asynccontextmanager
    async def signed_in(self, user: str) -> AsyncGenerator[httpx.AsyncClient]:
        async with self.browser() as client:
            await sign_in(client, user)
            yield client


async def sign_in(client: httpx.AsyncClient, user: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/session", json={"user": user, "password": password})


async def ask(client: httpx.AsyncClient, question: str, conversation: str = "main") -> httpx.Response:
    return await client.post(f"/conversations/{conversation}", json={"question": question})


async def questions_in(client: httpx.AsyncClient, conversation: str = "main") -> list[str]:
    """What was asked, in its order."""
    answered = await client.get(f"/conversations/{conversation}")
    return [message["question"] for message in answered.json()["messages"]]

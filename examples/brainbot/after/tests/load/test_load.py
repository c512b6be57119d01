"""A short load on a real server: 95 % reads, people who sign in and out, documents of more than a megabyte.

Nothing may fail, and nobody may see what is another's. How fast it is, `npm run bench brainbot` measures.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from brainbot.signed_in import SESSION_COOKIE
from brainbot_stage import PASSWORD, RunningClock, Stage

pytestmark = pytest.mark.anyio

PEOPLE = 4
REQUESTS_OF_A_PERSON = 40
DOCUMENT_BYTES = 1_200_000


@asynccontextmanager
async def _served(stage: Stage) -> AsyncGenerator[str]:
    """The application on a port of its own; its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    # Who comes before the server is there waits.
    listening.listen()
    server = uvicorn.Server(uvicorn.Config(stage.app(), lifespan="on", log_config=None))
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listening.close()


class Person:
    """Does what people do, and checks each answer against what this person did before."""

    def __init__(self, client: httpx.AsyncClient, user: str, seed: int) -> None:
        self._client = client
        self._user = user
        self._random = random.Random(seed)  # noqa: S311 -- the same load in every run
        self._cookies: dict[str, str] = {}
        self._asked: list[str] = []
        self._document = b""
        self.done: Counter[str] = Counter()

    async def visit(self, requests: int) -> None:
        await self._sign_in()
        await self._write_document()
        for _ in range(requests):
            draw = self._random.random()
            if draw < 0.60:
                await self._read_popular()
            elif draw < 0.93:
                await self._read_conversation()
            elif draw < 0.95:
                await self._read_document()
            elif draw < 0.98:
                await self._ask()
            elif draw < 0.99:
                await self._write_document()
            else:
                await self._sign_out()
                await self._sign_in()
        await self._sign_out()

    async def _sign_in(self) -> None:
        credentials = {"user": self._user, "password": PASSWORD}
        answer = await self._call("sign in", "POST", "/session", 200, json=credentials)
        self._cookies = {"cookie": f"{SESSION_COOKIE}={answer.cookies[SESSION_COOKIE]}"}
        self._asked = []

    async def _sign_out(self) -> None:
        await self._call("sign out", "DELETE", "/session", 204)
        await self._call("after sign out", "GET", "/me", 401)

    async def _read_popular(self) -> None:
        answer = await self._call("popular", "GET", f"/popular/{self._random.randrange(2)}", 200)
        assert answer.json()["answer"]

    async def _read_conversation(self) -> None:
        answer = await self._call("conversation", "GET", "/conversations/main", 200)
        assert [message["question"] for message in answer.json()["messages"]] == self._asked

    async def _ask(self) -> None:
        question = f"{self._user} asks {self._random.random()}"
        answer = await self._call("ask", "POST", "/conversations/main", 200, json={"question": question})
        assert answer.json()["question"] == question
        self._asked.append(question)

    async def _write_document(self) -> None:
        self._document = self._random.randbytes(DOCUMENT_BYTES)
        await self._call("write document", "PUT", "/documents/plan", 204, content=self._document)

    async def _read_document(self) -> None:
        answer = await self._call("read document", "GET", "/documents/plan", 200)
        assert answer.content == self._document

    async def _call(self, kind: str, method: str, path: str, expected: int, **body: object) -> httpx.Response:
        self.done[kind] += 1
        answer = await self._client.request(
            method,
            path,
            headers=self._cookies,
            **body,  # pyright: ignore[reportArgumentType] -- one body or none
        )
        assert answer.status_code == expected, f"{kind}: {answer.status_code}"
        return answer


async def test_a_load_of_many_people_has_no_error_and_mixes_nobody_up() -> None:
    stage = Stage(clock=RunningClock())
    async with _served(stage) as url:
        limits = httpx.Limits(max_connections=PEOPLE)
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=30) as client:
            users = [stage.ada, stage.grace] * (PEOPLE // 2)
            people = [Person(client, user, seed) for seed, user in enumerate(users)]
            # Two sessions of one person share the documents: one after the other.
            await asyncio.gather(*(person.visit(REQUESTS_OF_A_PERSON) for person in people[:2]))
            await asyncio.gather(*(person.visit(REQUESTS_OF_A_PERSON) for person in people[2:]))
    done = sum((person.done for person in people), Counter[str]())
    reads = done["popular"] + done["conversation"] + done["read document"]
    assert reads >= 0.9 * PEOPLE * REQUESTS_OF_A_PERSON
    assert done["sign in"] >= PEOPLE
    assert done["write document"] >= PEOPLE

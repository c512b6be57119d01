"""How many requests go out at once, and on which loop."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx

from kvshift_kv.exchange import HttpAnswer, HttpRequest, HttpResponse, NoAnswer
from kvshift_kv.httpx_exchange import AsyncHttpxExchange, HttpxExchange

REQUEST = HttpRequest("GET", "https://gateway.test/", {})


class Counting(httpx.AsyncBaseTransport):
    """Holds requests, and counts how many it has at once."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.now = self.most = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.now += 1
        self.most = max(self.most, self.now)
        await self.gate.wait()
        self.now -= 1
        return httpx.Response(200, request=request)


class CountingThreads(httpx.BaseTransport):
    """The same for threads."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.begun = threading.Semaphore(0)
        self.count = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.count += 1
        self.begun.release()
        self.gate.wait(10)
        return httpx.Response(200, request=request)


async def test_a_hundred_requests_of_a_loop_go_out_at_once_and_the_others_wait_outside_of_the_pool() -> None:
    transport = Counting()
    exchange = AsyncHttpxExchange(transport)
    tasks = [asyncio.create_task(exchange.send(REQUEST, 30)) for _ in range(1000)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert transport.most == 100
    # Who waits has its deadline, and knows that nothing was sent.
    assert await exchange.send(REQUEST, 0.01) == NoAnswer("timeout", is_timeout=True, is_sent=False)
    transport.gate.set()
    answers: list[HttpAnswer] = await asyncio.gather(*tasks)
    assert {type(answer) for answer in answers} == {HttpResponse}
    assert transport.most == 100


def test_a_hundred_requests_of_threads_go_out_at_once_and_the_others_wait_until_their_deadline() -> None:
    transport = CountingThreads()
    exchange = HttpxExchange(transport)
    with ThreadPoolExecutor(100) as threads:
        running = [threads.submit(exchange.send, REQUEST, 30) for _ in range(100)]
        for _ in range(100):
            assert transport.begun.acquire(timeout=10)
        assert exchange.send(REQUEST, 0.01) == NoAnswer("timeout", is_timeout=True, is_sent=False)
        transport.gate.set()
        assert {type(done.result()) for done in running} == {HttpResponse}
    assert transport.count == 100


def test_two_loops_at_once_have_connections_of_their_own_and_keep_them() -> None:
    made: list[httpx.AsyncBaseTransport] = []
    exchange = AsyncHttpxExchange()
    barrier = threading.Barrier(2)

    async def ask() -> list[httpx.AsyncBaseTransport]:
        seen: list[httpx.AsyncBaseTransport] = []
        for _ in range(5):
            barrier.wait(10)
            seen.append(exchange.transport())
        await exchange.close()
        return seen

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(asyncio.run, ask()) for _ in range(2)]:
            made += set(done.result())
    assert len(set(made)) == len(made) == 2


async def test_what_cannot_be_a_request_was_never_sent() -> None:
    request = HttpRequest("GET", "https://gateway.test/" + "x" * 70_000, {})
    for answer in (HttpxExchange().send(request, 1), await AsyncHttpxExchange().send(request, 1)):
        assert answer == NoAnswer("InvalidURL", is_sent=False)

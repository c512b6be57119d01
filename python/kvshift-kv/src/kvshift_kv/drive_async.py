"""Runs programs on asyncio."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from .effects import Effect, Here, Invoke, Join, Outcome, Place, Program, Send, Sleep, Start, Together
from .errors import KvError
from .exchange import AsyncExchange
from .world import World

T = TypeVar("T")


class AsyncDriver:
    """Does what programs ask for, on the loop that runs."""

    def __init__(self, exchange: AsyncExchange, world: World) -> None:
        self._exchange = exchange
        self._world = world
        #: For how long something takes.
        self.elapsed_ms = world.elapsed_ms
        # A loop keeps no hold on its tasks.
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, program: Program[T]) -> T:
        """What the program returns; raises what it raises."""
        try:
            effect = next(program)
            while True:
                try:
                    answer = await self._perform(effect)
                except BaseException as error:  # noqa: BLE001 -- the program decides what becomes of it
                    effect = program.throw(error)
                else:
                    effect = program.send(answer)
        except StopIteration as stop:
            return stop.value

    async def close(self) -> None:
        """Ends what goes on behind, and its connections."""
        # Those of another loop cannot be waited for here.
        tasks = [task for task in list(self._tasks) if task.get_loop() is asyncio.get_running_loop()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._exchange.close()

    async def _perform(self, effect: Effect) -> Any:
        if isinstance(effect, (Send, Sleep, Invoke)):
            return await self._outside(effect)
        if isinstance(effect, Together):
            return await self._together(effect.programs, effect.at_once)
        if isinstance(effect, Start):
            return self._start(effect)
        if isinstance(effect, Here):
            return Place(os.getpid(), asyncio.get_running_loop())
        return await _joined(effect)

    async def _outside(self, effect: Send | Sleep | Invoke) -> Any:
        if isinstance(effect, Send):
            return await self._exchange.send(effect.request, effect.timeout_seconds)
        if isinstance(effect, Sleep):
            return await self._world.sleep_async(effect.seconds)
        made = effect.work()
        return await made if inspect.isawaitable(made) else made

    async def _together(self, programs: Sequence[Generator[Any, Any, Any]], at_once: int) -> list[Outcome[Any]]:
        outcomes: dict[int, Outcome[Any]] = {}
        waiting = iter(enumerate(programs))

        async def lane() -> None:
            for index, program in waiting:
                outcomes[index] = await self._outcome(program)

        lanes = min(at_once, len(programs))
        if lanes <= 1:
            await lane()
        else:
            await asyncio.gather(*(lane() for _ in range(lanes)))
        return [outcomes[index] for index in range(len(programs))]

    def _start(self, effect: Start) -> None:
        # A task of its own: who began it may be cancelled while others wait for it.
        task = asyncio.get_running_loop().create_task(self._fly(effect.program, effect.flight))
        self._tasks.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            # Also of one that was cancelled before its first step.
            effect.program.close()
            if not effect.flight.done():
                effect.flight.set_result(Outcome(error=KvError("UNAVAILABLE", "The client was closed.")))

        task.add_done_callback(ended)

    async def _fly(self, program: Generator[Any, Any, Any], flight: Future[Outcome[Any]]) -> None:
        flight.set_result(await self._outcome(program))

    async def _outcome(self, program: Generator[Any, Any, Any]) -> Outcome[Any]:
        try:
            return Outcome(await self.run(program))
        except Exception as error:  # noqa: BLE001 -- whoever joins is told
            return Outcome(error=error)


async def _joined(effect: Join) -> Outcome[Any] | None:
    if not effect.flight.done():
        # `wait` leaves the flight alone where this task is cancelled, or does not wait any longer.
        await asyncio.wait([asyncio.wrap_future(effect.flight)], timeout=effect.timeout_seconds)
    return effect.flight.result() if effect.flight.done() else None

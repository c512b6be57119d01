"""Runs programs in threads."""

from __future__ import annotations

import contextvars
import os
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, TypeVar

from .effects import Effect, Here, Invoke, Join, Outcome, Place, Program, Send, Sleep, Start, Together
from .exchange import Exchange
from .world import World

T = TypeVar("T")


class SyncDriver:
    """Does what programs ask for, and waits for it."""

    def __init__(self, exchange: Exchange, world: World) -> None:
        self._exchange = exchange
        self._world = world
        #: For how long something takes.
        self.elapsed_ms = world.elapsed_ms

    def run(self, program: Program[T]) -> T:
        """What the program returns; raises what it raises."""
        try:
            effect = next(program)
            while True:
                try:
                    answer = self._perform(effect)
                except BaseException as error:  # noqa: BLE001 -- the program decides what becomes of it
                    effect = program.throw(error)
                else:
                    effect = program.send(answer)
        except StopIteration as stop:
            return stop.value

    def close(self) -> None:
        """Ends its connections."""
        self._exchange.close()

    def _perform(self, effect: Effect) -> Any:
        if isinstance(effect, (Send, Sleep, Invoke)):
            return self._outside(effect)
        if isinstance(effect, Together):
            return self._together(effect.programs, effect.at_once)
        if isinstance(effect, Start):
            return self._start(effect)
        if isinstance(effect, Here):
            return Place(os.getpid(), None)
        return _joined(effect)

    def _outside(self, effect: Send | Sleep | Invoke) -> Any:
        if isinstance(effect, Send):
            return self._exchange.send(effect.request, effect.timeout_seconds)
        if isinstance(effect, Sleep):
            return self._world.sleep(effect.seconds)
        return effect.work()

    def _together(self, programs: Sequence[Generator[Any, Any, Any]], at_once: int) -> list[Outcome[Any]]:
        if len(programs) <= 1 or at_once == 1:
            return [self._outcome(program) for program in programs]
        with ThreadPoolExecutor(min(at_once, len(programs))) as threads:
            # Each in a copy of the context: what is being traced goes with the work.
            running = [threads.submit(contextvars.copy_context().run, self._outcome, program) for program in programs]
            return [done.result() for done in running]

    def _start(self, effect: Start) -> None:
        if not effect.is_behind:
            self._fly(effect.program, effect.flight)
            return
        context = contextvars.copy_context()
        try:
            self._world.start_thread(lambda: context.run(self._fly, effect.program, effect.flight))
        except Exception as error:  # noqa: BLE001 -- a process may have no more threads
            # Nobody waits for it; who joined it is told, and the next one tries again.
            effect.program.close()
            if not effect.flight.done():
                effect.flight.set_result(Outcome(error=error))

    def _fly(self, program: Generator[Any, Any, Any], flight: Future[Outcome[Any]]) -> None:
        outcome = self._outcome(program)
        flight.set_result(outcome)
        if outcome.error is not None and not isinstance(outcome.error, Exception):
            raise outcome.error

    def _outcome(self, program: Generator[Any, Any, Any]) -> Outcome[Any]:
        try:
            return Outcome(self.run(program))
        except BaseException as error:  # noqa: BLE001 -- whoever joins is told
            return Outcome(error=error)


def _joined(effect: Join) -> Outcome[Any] | None:
    try:
        return effect.flight.result(effect.timeout_seconds)
    except (FutureTimeoutError, TimeoutError):
        return None

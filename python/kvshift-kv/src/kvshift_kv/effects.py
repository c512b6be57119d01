"""What the library asks of the outside, as values: its logic is written once, and is run by threads or by asyncio.

A program is a generator that yields effects and gets their outcome. It never waits and never sends by itself.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, TypeAlias, TypeVar, cast

from .errors import KvError
from .exchange import HttpAnswer, HttpRequest

T = TypeVar("T")


@dataclass(frozen=True)
class Send:
    """One HTTP request. `timeout_seconds`: until its answer has to be there as a whole."""

    request: HttpRequest
    timeout_seconds: float


@dataclass(frozen=True)
class Sleep:
    """A pause."""

    seconds: float


@dataclass(frozen=True)
class Invoke:
    """A function of the application; what it returns may be awaitable where asyncio runs it."""

    work: Callable[[], Any]


@dataclass(frozen=True)
class Together:
    """Programs at once, at most so many. The outcome is a list of `Outcome`, in their order."""

    programs: Sequence[Generator[Any, Any, Any]]
    at_once: int


@dataclass(frozen=True)
class Start:
    """A program that goes on whatever becomes of who started it; its outcome is put into the flight.

    `is_behind`: nobody waits for it now.
    """

    program: Generator[Any, Any, Any]
    flight: Future[Any]
    is_behind: bool


@dataclass(frozen=True)
class Join:
    """The outcome of a flight; `None` where it is not there in time."""

    flight: Future[Any]
    timeout_seconds: float | None


@dataclass(frozen=True)
class Here:
    """Where the program runs."""


@dataclass(frozen=True)
class Place:
    """A process and, with asyncio, its loop: work of another place may have died with it."""

    process: int
    loop: object


Effect: TypeAlias = Send | Sleep | Invoke | Together | Start | Join | Here
Program: TypeAlias = Generator[Effect, Any, T]


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What became of a program: a value, or an error."""

    value: T | None = None
    error: BaseException | None = None
    #: Of the error, before anybody raised it again.
    trace: TracebackType | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if self.error is not None:
            object.__setattr__(self, "trace", self.error.__traceback__)

    def unwrap(self) -> T:
        """The value; raises the error."""
        if self.error is not None:
            raise self.error
        return cast("T", self.value)

    def unwrap_shared(self) -> T:
        """The same for one of many: each raises an error of its own, whose traceback is of its own calls."""
        if self.error is not None:
            raise _copy_of(self.error).with_traceback(self.trace)
        return cast("T", self.value)


Flight: TypeAlias = "Future[Outcome[T]]"


def send(request: HttpRequest, timeout_seconds: float) -> Program[HttpAnswer]:
    """The answer of a request, or that there was none."""
    return (yield Send(request, timeout_seconds))


def together(programs: Sequence[Program[T]], at_once: int) -> Program[list[Outcome[T]]]:
    """What became of each program."""
    return (yield Together(programs, at_once))


def all_of(programs: Sequence[Program[T]], at_once: int) -> Program[list[T]]:
    """What each program returned. After the first error none begins any more; it is raised once all have ended."""
    errors: list[BaseException] = []

    def unless_failed(program: Program[T]) -> Program[T | None]:
        if errors:
            program.close()
            return None
        try:
            return (yield from program)
        except BaseException as error:
            errors.append(error)
            raise

    outcomes = yield from together([unless_failed(program) for program in programs], at_once)
    if errors:
        raise errors[0]
    return [cast("T", outcome.unwrap()) for outcome in outcomes]


def attempt(program: Program[T]) -> Program[Outcome[T]]:
    """What became of a program, where that is a value or an error of an ordinary kind."""
    try:
        return Outcome((yield from program))
    except Exception as error:  # noqa: BLE001 -- the outcome is judged by who asked
        return Outcome(error=error)


def join(flight: Flight[T], timeout_seconds: float | None) -> Program[T]:
    """What another one's work gave. Raises its error, and KvError DEADLINE_EXCEEDED."""
    outcome: Outcome[T] | None = yield Join(flight, timeout_seconds)
    if outcome is None:
        raise KvError("DEADLINE_EXCEEDED", "KV did not answer before the deadline of the call.")
    return outcome.unwrap_shared()


def here() -> Program[Place]:
    """The process and the loop that run the program."""
    return (yield Here())


def invoke(work: Callable[[], Any]) -> Program[Any]:
    """What a function of the application gives."""
    return (yield Invoke(work))


def pause(seconds: float) -> Program[None]:
    """Waits."""
    yield Sleep(seconds)


def start(program: Program[T], flight: Flight[T], *, is_behind: bool) -> Program[None]:
    """Begins work that others may join by its flight."""
    yield Start(program, flight, is_behind)


def _copy_of(error: BaseException) -> BaseException:
    # What cannot be copied is shared.
    with suppress(Exception):
        twin = copy.copy(error)
        if type(twin) is type(error) and twin.args == error.args:
            twin.__cause__, twin.__suppress_context__ = error.__cause__, error.__suppress_context__
            return twin
    return error

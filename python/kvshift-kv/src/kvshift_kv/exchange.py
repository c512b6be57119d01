"""One HTTP request and its answer, without a word of who carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias


@dataclass(frozen=True)
class HttpRequest:
    """A request. Its headers hold the credential: they are not shown."""

    method: Literal["GET", "PUT", "POST", "DELETE"]
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class HttpResponse:
    """An answer with its whole body. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class NoAnswer:
    """No answer came, or not all of it. `reason` names the kind of failure and nothing of the request."""

    reason: str
    is_timeout: bool = False
    #: Whether any of the request may have gone out.
    is_sent: bool = True


HttpAnswer: TypeAlias = HttpResponse | NoAnswer


class Exchange(Protocol):
    """Carries requests for threads. Never raises: what goes wrong is a `NoAnswer`."""

    def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
        """The answer as a whole, within the time."""
        ...

    def close(self) -> None:
        """Ends its connections."""
        ...


class AsyncExchange(Protocol):
    """Carries requests for asyncio. Raises nothing but what ends the task."""

    async def send(self, request: HttpRequest, timeout_seconds: float) -> HttpAnswer:
        """The answer as a whole, within the time."""
        ...

    async def close(self) -> None:
        """Ends its connections."""
        ...

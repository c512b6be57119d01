"""One KV endpoint over HTTP: credential, repeats, deadline, circuit breaker, budget."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from .circuit import Circuit
from .effects import Program, pause, send
from .environment import Settings
from .errors import KvError
from .exchange import HttpAnswer, HttpRequest, HttpResponse, NoAnswer
from .json_text import number_of
from .tracing import Tracer, traced
from .world import World

T = TypeVar("T")

# Statuses after which the same call may succeed.
_TRANSIENT = frozenset((408, 425, 429, 500, 502, 503, 504, 520, 522, 524))
_FIRST_PAUSE_MS = 50
_LONGEST_PAUSE_MS = 2000
# What timers of every system hold.
_LONGEST_DEADLINE_SECONDS = 86_400
# Secrets of a gateway begin so; Cloudflare's own tokens do not.
_GATEWAY_TOKEN = "kvs_"  # noqa: S105 -- how one begins
_UNAUTHORIZED = (401, 403)
_TOO_MANY = 429
_REDIRECTS = range(300, 400)


@dataclass(frozen=True)
class Call:
    """The bounds of one call of the application, with all requests that it takes."""

    #: By `World.elapsed_ms`.
    until_ms: float
    #: Whether it may take as long as calls usually may: one that waits for less says nothing of the endpoint.
    is_ordinary: bool = True

    def extended(self, milliseconds: float) -> Call:
        """The same, where the application's own work took so long."""
        return replace(self, until_ms=self.until_ms + milliseconds)


@dataclass(frozen=True)
class EndpointRequest:
    """`operation`, for traces: `get`, `put`, …. `path`: below the API, or below its origin: `/kvshift/…`."""

    operation: str
    method: Literal["GET", "PUT", "POST", "DELETE"]
    path: str = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    content_type: str | None = None


@dataclass(frozen=True)
class _Failure:
    error: KvError
    retry_after_ms: float | None = None


class Endpoint:
    """Every call may be repeated: writes say the whole pair, atomic operations have an id."""

    def __init__(
        self, settings: Settings, world: World, *, deadline_seconds: float, repeats: int, tracer: Tracer | None
    ) -> None:
        token = settings.api_token.reveal()
        is_gateway = token.startswith(_GATEWAY_TOKEN)
        self._world = world
        self._deadline_ms = _deadline_ms(deadline_seconds)
        self._repeats = repeats
        self._tracer = tracer
        self._circuit = Circuit()
        self._budget = None if is_gateway else world.budgets.of(settings.api_url, settings.account_id)
        self._api_url = settings.api_url
        self._origin = settings.api_url.removesuffix("/client/v4")
        self._host = urlsplit(settings.api_url).netloc
        self._headers = {"authorization": f"Bearer {token}"}
        if settings.client is not None:
            self._headers["kvshift-client"] = settings.client

    @property
    def is_rest(self) -> bool:
        """Whether it is Cloudflare's own API."""
        return self._budget is not None

    def call(self, deadline_seconds: float | None) -> Call:
        """The bounds of a call that begins now."""
        deadline_ms = self._deadline_ms if deadline_seconds is None else _deadline_ms(deadline_seconds)
        return Call(self._world.elapsed_ms() + deadline_ms, is_ordinary=deadline_ms >= self._deadline_ms)

    def send(
        self, request: EndpointRequest, expected: Sequence[int], call: Call, read: Callable[[HttpResponse], T]
    ) -> Program[T]:
        """What `read` makes of the answer. `expected`: statuses that are answers and no failures. Raises KvError."""
        with traced(self._tracer, request.operation, self._host) as on_repeat:
            repeat = 0
            is_unknown = False
            while True:
                outcome = yield from self._attempt(request, expected, call, read)
                if not isinstance(outcome, _Failure):
                    return outcome
                error = outcome.error
                is_unknown = is_unknown or error.is_outcome_unknown
                # A later attempt that was refused says nothing of an earlier one that got no answer.
                if is_unknown:
                    error = error.with_unknown_outcome()
                pause_ms = self._pause_ms(repeat, outcome.retry_after_ms)
                is_final = not error.retryable or error.code == "DEADLINE_EXCEEDED" or repeat >= self._repeats
                # A pause that ends after the deadline would only make the caller wait for the same error.
                if is_final or self._world.elapsed_ms() + pause_ms >= call.until_ms:
                    raise error
                yield from pause(pause_ms / 1000)
                repeat += 1
                on_repeat(repeat)

    def _pause_ms(self, repeat: int, retry_after_ms: float | None) -> float:
        if retry_after_ms is not None:
            return retry_after_ms
        return min(_FIRST_PAUSE_MS * 2**repeat, _LONGEST_PAUSE_MS) * (0.5 + self._world.random() / 2)

    def _attempt(
        self, request: EndpointRequest, expected: Sequence[int], call: Call, read: Callable[[HttpResponse], T]
    ) -> Program[T | _Failure]:
        now_ms = self._world.elapsed_ms()
        if now_ms >= call.until_ms:
            # Of a call with several requests the ones before took all of its time.
            return _Failure(_late(is_outcome_unknown=False))
        self._circuit.enter(now_ms)
        if self._budget is not None:
            self._budget.spend(now_ms)
        answer = yield from send(self._prepared(request), (call.until_ms - now_ms) / 1000)
        if isinstance(answer, NoAnswer):
            return self._unanswered(answer, call)
        if answer.status not in expected:
            error = _refusal_of(answer)
            if error.code == "UNAVAILABLE":
                self._circuit.failed(self._world.elapsed_ms())
            else:
                self._circuit.succeeded()
            return _Failure(error, _retry_after_ms(answer, self._world.now_ms()))
        result = read(answer)
        self._circuit.succeeded()
        return result

    def _prepared(self, request: EndpointRequest) -> HttpRequest:
        base = self._origin if request.path.startswith("/kvshift/") else self._api_url
        headers = self._headers
        if request.content_type is not None:
            headers = {**headers, "content-type": request.content_type}
        return HttpRequest(request.method, base + request.path, headers, request.body)

    def _unanswered(self, answer: NoAnswer, call: Call) -> _Failure:
        # What was never sent says nothing of the endpoint.
        if answer.is_sent and (not answer.is_timeout or call.is_ordinary):
            self._circuit.failed(self._world.elapsed_ms())
        if answer.is_timeout:
            return _Failure(_late(is_outcome_unknown=answer.is_sent))
        if not answer.is_sent:
            return _Failure(KvError("REFUSED", f"The call makes no request that could be sent ({answer.reason})."))
        return _Failure(KvError("UNAVAILABLE", f"KV could not be reached ({answer.reason})."))


def _deadline_ms(seconds: object) -> float:
    number = number_of(seconds)
    if number is None or number > _LONGEST_DEADLINE_SECONDS:
        raise KvError("NOT_CONFIGURED", f"deadline_seconds is a number of seconds up to {_LONGEST_DEADLINE_SECONDS}.")
    return number * 1000


def _late(*, is_outcome_unknown: bool) -> KvError:
    message = "KV did not answer before the deadline of the call."
    return KvError("DEADLINE_EXCEEDED", message, is_outcome_unknown=is_outcome_unknown)


def _refusal_of(answer: HttpAnswer) -> KvError:
    """The body is dropped: it may repeat what was sent."""
    status = answer.status if isinstance(answer, HttpResponse) else 0
    if status in _UNAUTHORIZED:
        return KvError("UNAUTHORIZED", "KV does not accept the credential, or not for this.", status=status)
    if status in _REDIRECTS:
        return KvError(
            "REFUSED",
            "KV answered with a redirection: is CLOUDFLARE_KV_API_URL the address of the gateway?",
            status=status,
        )
    if status == _TOO_MANY:
        return KvError("RATE_LIMITED", "KV takes no more calls for the moment.", status=status)
    if status in _TRANSIENT:
        return KvError("UNAVAILABLE", f"KV failed with status {status}.", status=status)
    return KvError("REFUSED", f"KV refused the call with status {status}.", status=status)


def _retry_after_ms(answer: HttpResponse, now_ms: float) -> float | None:
    """Of https://www.rfc-editor.org/rfc/rfc9110#name-retry-after."""
    text = answer.headers.get("retry-after")
    if text is None:
        return None
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return int(text) * 1000
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() * 1000 - now_ms)
    except (ValueError, OverflowError):
        return None

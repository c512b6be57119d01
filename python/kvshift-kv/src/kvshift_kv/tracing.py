"""A span of OpenTelemetry for each request, where its API is installed.

Attributes are those of https://opentelemetry.io/docs/specs/semconv/database/; never a key: it may be a person's.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Protocol


class Tracer(Protocol):
    """The part of `opentelemetry.trace.Tracer` that is used."""

    @property
    def start_as_current_span(self) -> Callable[..., Any]:
        """Makes a context manager that gives the span."""
        ...


def installed_tracer() -> Tracer | None:
    """The library's tracer of the application's OpenTelemetry; `None` where its API is not installed."""
    try:
        api = import_module("opentelemetry.trace")
    except ImportError:
        return None
    return api.get_tracer("kvshift_kv")


@contextmanager
def traced(tracer: Tracer | None, operation: str, host: str) -> Generator[Callable[[int], None], None, None]:
    """A span around a call with its repeats. What it gives is told how often it was repeated."""
    if tracer is None:
        yield lambda _: None
        return
    kinds = import_module("opentelemetry.trace")
    attributes = {"db.system.name": "cloudflare.kv", "db.operation.name": operation, "server.address": host}
    options = {"kind": kinds.SpanKind.CLIENT, "attributes": attributes}
    # What an exception says is not recorded as it is: its type and stack tell nothing that the code does not.
    with tracer.start_as_current_span(
        f"kv {operation}", record_exception=False, set_status_on_exception=False, **options
    ) as span:
        try:
            yield lambda repeats: span.set_attribute("http.request.resend_count", repeats)
        except BaseException as error:
            code = str(getattr(error, "code", type(error).__name__))
            span.set_attribute("error.type", code)
            span.set_status(kinds.Status(kinds.StatusCode.ERROR, code))
            raise

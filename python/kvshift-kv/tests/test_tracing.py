"""Spans of OpenTelemetry."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from kvshift_kv import KvError, KvOptions
from kvshift_kv.testing import FakeKv


def traced() -> tuple[trace.Tracer, InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider.get_tracer("test"), exporter


def shown(exporter: InMemorySpanExporter) -> list[tuple[str, dict[str, Any]]]:
    return [(span.name, dict(span.attributes or {})) for span in exporter.get_finished_spans()]


def test_each_call_is_a_span_with_its_repeats_and_without_its_key() -> None:
    tracer, exporter = traced()
    fake = FakeKv()
    kv = fake.kv(KvOptions(tracer=tracer)).namespace("cache")
    fake.fail_next("unavailable")
    kv.put("a person's key", 1)
    common = {"db.system.name": "cloudflare.kv", "server.address": "gateway.test"}
    assert shown(exporter) == [("kv put", {**common, "db.operation.name": "put", "http.request.resend_count": 1})]


def test_a_failure_is_told_by_its_code_alone() -> None:
    tracer, exporter = traced()
    fake = FakeKv()
    fake.fail_next("unauthorized")
    with pytest.raises(KvError):
        fake.kv(KvOptions(tracer=tracer)).namespace("cache").get("k")
    [span] = exporter.get_finished_spans()
    assert ((span.attributes or {})["error.type"], span.status.description) == ("UNAUTHORIZED", "UNAUTHORIZED")
    assert list(span.events) == []


async def test_in_asyncio_a_span_is_the_child_of_what_was_being_traced() -> None:
    tracer, exporter = traced()
    kv = FakeKv().async_kv(KvOptions(tracer=tracer)).namespace("cache")
    with tracer.start_as_current_span("request") as parent:
        await kv.get_many([f"k{number}" for number in range(150)])
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == ["kv get-many", "kv get-many", "request"]
    assert {span.parent.span_id for span in spans[:2] if span.parent} == {parent.get_span_context().span_id}


def test_in_threads_it_is_too() -> None:
    tracer, exporter = traced()
    kv = FakeKv().kv(KvOptions(tracer=tracer)).namespace("cache")
    with tracer.start_as_current_span("request") as parent:
        kv.get_many([f"k{number}" for number in range(150)])
    parents = [span.parent.span_id for span in exporter.get_finished_spans() if span.parent]
    assert parents == [parent.get_span_context().span_id] * 2

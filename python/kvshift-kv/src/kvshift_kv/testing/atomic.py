"""The atomic operations of a strong namespace: docs/gateway.md."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from ..json_text import MAX_SAFE_INTEGER, json_text
from .refusal import INVALID, Refusal
from .shelf import RawPair, Shelf

_MAX_HANDED_OUT_BYTES = 1024 * 1024


def answer_to(shelf: Shelf, body: dict[str, Any], now_ms: float) -> dict[str, Any]:
    """What a gateway answers; to a repeated operation what it answered first."""
    if shelf.settings.consistency != "strong":
        raise Refusal(400, INVALID)
    identity = f"{body['operation_id']} {body['key']}"
    known = shelf.operations.get(identity)
    if known is not None:
        if known[0] != json_text(body):
            raise Refusal(409, INVALID)
        return known[1]
    answer = _done(shelf, body, now_ms)
    shelf.operations[identity] = (json_text(body), answer)
    return answer


def _done(shelf: Shelf, body: dict[str, Any], now_ms: float) -> dict[str, Any]:
    operation, key = str(body["operation"]), str(body["key"])
    there = shelf.get(key, now_ms)
    if operation == "increment":
        return _incremented(shelf, key, there, body, now_ms)
    if operation == "touch":
        if there is None:
            return _answer(applied=False, pair=None)
        touched = replace(there, expiration=_expiration(body, now_ms))
        return _answer(applied=True, pair=replace(touched, version=shelf.put(key, touched)))
    if operation == "get-and-delete":
        return _handed_out(shelf, key, there)
    is_right = there is None if operation == "put-if-absent" else there is not None and there.version == body["version"]
    if not is_right:
        return _answer(applied=False, pair=there)
    written = RawPair(base64.b64decode(str(body["value"])), body.get("metadata"), _expiration(body, now_ms))
    return _answer(applied=True, pair=replace(written, version=shelf.put(key, written)))


def _incremented(shelf: Shelf, key: str, there: RawPair | None, body: dict[str, Any], now_ms: float) -> dict[str, Any]:
    before = there or RawPair(b"0", None, _expiration(body, now_ms))
    try:
        total = int(before.content) + int(body["by"])
    except ValueError:
        raise Refusal(400, INVALID) from None
    if abs(total) > MAX_SAFE_INTEGER:
        raise Refusal(400, INVALID)
    written = replace(before, content=str(total).encode())
    return {**_answer(applied=True, pair=replace(written, version=shelf.put(key, written))), "value": total}


def _handed_out(shelf: Shelf, key: str, there: RawPair | None) -> dict[str, Any]:
    if there is None:
        return _answer(applied=False, pair=None)
    if len(there.content) > _MAX_HANDED_OUT_BYTES:
        raise Refusal(413, INVALID)
    shelf.delete(key)
    answer = {**_answer(applied=True, pair=None), "value": base64.b64encode(there.content).decode()}
    return answer if there.metadata is None else {**answer, "metadata": there.metadata}


def _answer(*, applied: bool, pair: RawPair | None) -> dict[str, Any]:
    return {
        "applied": applied,
        "version": None if pair is None else pair.version,
        "expiration": None if pair is None else pair.expiration,
    }


def _expiration(body: dict[str, Any], now_ms: float) -> float | None:
    ttl = body.get("expiration_ttl")
    return body.get("expiration") if ttl is None else now_ms / 1000 + ttl

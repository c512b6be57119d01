"""Cloudflare's KV dialect and the gateway's atomic operations, as far as the library speaks them: docs/gateway.md."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ..exchange import HttpRequest, HttpResponse
from ..json_text import json_text, list_of, parsed_or, record_of
from ..limits import MAX_BULK_GET_KEYS, MAX_LIST_KEYS, MAX_VALUE_BYTES, MIN_EXPIRATION_TTL_SECONDS
from .atomic import answer_to
from .refusal import INVALID, KEY_NOT_FOUND, NAMESPACE_NOT_FOUND, Refusal
from .shelf import RawPair, Shelf


class Dialect:
    """Answers requests for the shelves of an account, by the ids of their namespaces."""

    def __init__(self, shelves: Mapping[str, Shelf], now_ms: Callable[[], float]) -> None:
        self._shelves = shelves
        self._now_ms = now_ms

    def answer(self, request: HttpRequest) -> HttpResponse:
        """What a gateway says."""
        try:
            return self._routed(request)
        except Refusal as refusal:
            errors = [{"code": refusal.code, "message": "refused"}]
            return _json(refusal.status, {"success": False, "errors": errors, "messages": [], "result": None})

    def _routed(self, request: HttpRequest) -> HttpResponse:
        url = urlsplit(request.url)
        before, _, path = url.path.partition("/namespaces/")
        identity, _, rest = path.partition("/")
        shelf = self._shelves.get(unquote(identity))
        if shelf is None:
            raise Refusal(404, NAMESPACE_NOT_FOUND)
        route, _, key = rest.partition("/")
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        body = request.body or b""
        if before.endswith("/kvshift/v1") and route == "atomic":
            return _success(answer_to(shelf, record_of(parsed_or(body, None)), self._now_ms()))
        if route == "values":
            return self._value(shelf, request, unquote(key), query)
        if route == "keys":
            return self._keys(shelf, query)
        if route == "metadata":
            return _success(self._pair(shelf, unquote(key)).metadata)
        return self._bulk(shelf, key, parsed_or(body, None))

    def _value(self, shelf: Shelf, request: HttpRequest, key: str, query: Mapping[str, str]) -> HttpResponse:
        if request.method == "GET":
            return _value_answer(self._pair(shelf, key), shelf)
        if request.method == "DELETE":
            shelf.delete(key)
            return _success(None)
        content, metadata = _parts_of(request)
        numbers = {name: float(value) for name, value in query.items()}
        shelf.put(key, RawPair(content, metadata, self._expiration(shelf, numbers)))
        return _success(None)

    def _keys(self, shelf: Shelf, query: Mapping[str, str]) -> HttpResponse:
        found = shelf.listed(query.get("prefix", ""), self._now_ms())
        begin = int(query.get("cursor", "0"))
        limit = int(query.get("limit", str(MAX_LIST_KEYS)))
        page = [_key_entry(key, pair) for key, pair in found[begin : begin + limit]]
        end = begin + len(page)
        info = {"count": len(page), "cursor": str(end) if end < len(found) else ""}
        return _json(200, {"success": True, "errors": [], "messages": [], "result": page, "result_info": info})

    def _bulk(self, shelf: Shelf, kind: str, body: Any) -> HttpResponse:
        if kind == "get":
            keys = [str(key) for key in list_of(record_of(body).get("keys"))]
            if len(keys) > MAX_BULK_GET_KEYS:
                raise Refusal(400, INVALID)
            return _success({"values": {key: self._text_entry(shelf, key) for key in keys}})
        if kind == "delete":
            for key in list_of(body):
                shelf.delete(str(key))
            return _success({"successful_key_count": len(list_of(body)), "unsuccessful_keys": []})
        for item in map(record_of, list_of(body)):
            pair = RawPair(_content_of(item), item.get("metadata"), self._expiration(shelf, item))
            shelf.put(str(item["key"]), pair)
        return _success({"successful_key_count": len(list_of(body)), "unsuccessful_keys": []})

    def _text_entry(self, shelf: Shelf, key: str) -> dict[str, Any] | None:
        pair = shelf.get(key, self._now_ms())
        if pair is None:
            return None
        try:
            return {"value": pair.content.decode(), "metadata": pair.metadata}
        except UnicodeDecodeError:
            raise Refusal(400, INVALID) from None

    def _pair(self, shelf: Shelf, key: str) -> RawPair:
        pair = shelf.get(key, self._now_ms())
        if pair is None:
            raise Refusal(404, KEY_NOT_FOUND)
        return pair

    def _expiration(self, shelf: Shelf, fields: Mapping[str, Any]) -> float | None:
        now = self._now_ms() / 1000
        least = 1 if shelf.settings.consistency == "strong" else MIN_EXPIRATION_TTL_SECONDS
        ttl, at = fields.get("expiration_ttl"), fields.get("expiration")
        end = at if ttl is None else now + ttl
        if end is not None and end < now // 1 + least:
            raise Refusal(400, INVALID)
        return end


def _parts_of(request: HttpRequest) -> tuple[bytes, Any]:
    """The value and the metadata of a multipart body: https://www.rfc-editor.org/rfc/rfc7578."""
    _, _, boundary = request.headers.get("content-type", "").partition("boundary=")
    separator = f"--{boundary}".encode()
    fields: dict[str, bytes] = {}
    for part in (b"\r\n" + (request.body or b"")).split(b"\r\n" + separator)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = BytesParser().parsebytes(head).get_param("name", header="content-disposition")
        fields[str(name)] = content
    content = fields.get("value", b"")
    if len(content) > MAX_VALUE_BYTES:
        raise Refusal(413, INVALID)
    return content, parsed_or(fields.get("metadata", b""), None)


def _content_of(item: Mapping[str, Any]) -> bytes:
    value = str(item["value"])
    return base64.b64decode(value) if item.get("base64") is True else value.encode()


def _key_entry(key: str, pair: RawPair) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": key}
    if pair.expiration is not None:
        entry["expiration"] = int(pair.expiration)
    if pair.metadata is not None:
        entry["metadata"] = pair.metadata
    return entry


def _value_answer(pair: RawPair, shelf: Shelf) -> HttpResponse:
    headers = {"kvshift-version": pair.version} if shelf.settings.consistency == "strong" else {}
    if pair.metadata is not None:
        headers["kvshift-metadata"] = json.dumps(pair.metadata)
    return HttpResponse(200, headers, pair.content)


def _success(result: Any) -> HttpResponse:
    return _json(200, {"success": True, "errors": [], "messages": [], "result": result})


def _json(status: int, body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(status, {}, json_text(body).encode())

"""One namespace over Cloudflare's KV REST API, as a gateway or Cloudflare itself speaks it.

https://developers.cloudflare.com/api/resources/kv/, and docs/gateway.md for what a gateway adds.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, urlencode

from .effects import Program
from .endpoint import Call, Endpoint, EndpointRequest
from .errors import KvError
from .exchange import HttpResponse
from .expiry import StoredExpiry
from .json_text import json_text, list_of, number_of, parsed_or, record_of
from .limits import MAX_LIST_KEYS, MIN_LIST_KEYS
from .multipart import multipart
from .world import World

# What a gateway takes or refuses as a whole: docs/gateway.md.
MAX_BULK_BYTES = 8 * 1024 * 1024
# As wrangler: more at once would keep a gateway busy for long.
MAX_BULK_PAIRS = 1000
_BULK_TRIES = 3
# A missing key and a missing namespace are both answered 404.
_KEY_NOT_FOUND = 10009
_NOT_FOUND = 404
_JSON = "application/json"


@dataclass(frozen=True)
class StoredPair:
    """A pair as it is stored. `version`: of a strong namespace, for a write that follows."""

    content: bytes = field(repr=False)
    metadata: Any = field(default=None, repr=False)
    version: str | None = None


@dataclass(frozen=True)
class WritePair:
    """A pair that is to be stored."""

    key: str = field(repr=False)
    content: bytes = field(repr=False)
    metadata: Any = field(repr=False)
    expiry: StoredExpiry


@dataclass(frozen=True)
class ListedKey:
    """A key of a list. `expires_at_ms`: since the epoch, to the second."""

    key: str
    expires_at_ms: float | None
    metadata: Any


@dataclass(frozen=True)
class ListPage:
    """A page of a list; without a cursor it is the last one."""

    keys: Sequence[ListedKey]
    cursor: str | None


@dataclass(frozen=True)
class AtomicResult:
    """`content`: of `increment` the number, of `get-and-delete` the value."""

    applied: bool
    version: str | None
    content: bytes | None = field(repr=False)
    metadata: Any = field(repr=False)


class Transport:
    """Calls of one namespace. Every one raises KvError."""

    def __init__(self, endpoint: Endpoint, account_id: str, namespace_id: str, world: World) -> None:
        namespace = quote(namespace_id, safe="")
        self._endpoint = endpoint
        self._world = world
        self._base = f"/accounts/{quote(account_id, safe='')}/storage/kv/namespaces/{namespace}"
        self._atomic = f"/kvshift/v1/namespaces/{namespace}/atomic"

    def call(self, deadline_seconds: float | None = None) -> Call:
        """The bounds of a call that begins now."""
        return self._endpoint.call(deadline_seconds)

    def get(self, key: str, call: Call, *, is_text: bool = False) -> Program[StoredPair | None]:
        """`is_text`: what is there is text, as far as is known."""
        is_rest = self._endpoint.is_rest
        if is_rest and is_text:
            return (yield from self._text_over_rest(key, call))
        request = EndpointRequest("get", "GET", self._value_path(key))
        pair = yield from self._endpoint.send(request, (200, _NOT_FOUND), call, _pair_in)
        if pair is None or not is_rest:
            return pair
        return StoredPair(pair.content, (yield from self._metadata(key, call)))

    def get_texts(self, keys: Sequence[str], call: Call) -> Program[dict[str, StoredPair]]:
        """At most 100 keys, all of them text; those that are not there are not in the result."""
        fields = {"keys": list(keys), "type": "text", "withMetadata": True}
        result = yield from self._json("get-many", "POST", f"{self._base}/bulk/get", json_text(fields).encode(), call)
        if not isinstance(result.get("values"), dict):
            raise _unreadable()
        found: dict[str, StoredPair] = {}
        for key, entry in record_of(result.get("values")).items():
            value = record_of(entry).get("value")
            if isinstance(value, str):
                found[key] = StoredPair(value.encode("utf-8", "surrogatepass"), record_of(entry).get("metadata"))
        return found

    def put(self, pair: WritePair, call: Call) -> Program[None]:
        """One pair, whole."""
        query = urlencode(pair.expiry.fields())
        path = self._value_path(pair.key) + (f"?{query}" if query else "")
        body, content_type = multipart(pair.content, pair.metadata, self._world.unique_id())
        request = EndpointRequest("put", "PUT", path, body, content_type)
        yield from self._endpoint.send(request, (200,), call, _json_body)

    def put_many(self, pairs: Sequence[WritePair], call: Call) -> Program[list[str]]:
        """Any number of pairs. Returns the keys that were not written."""
        items = [(pair.key, json_text(_bulk_fields(pair)).encode()) for pair in pairs]
        return (yield from self._bulk("put-many", "PUT", f"{self._base}/bulk", items, call))

    def delete(self, key: str, call: Call) -> Program[None]:
        """Also what is not there."""
        request = EndpointRequest("delete", "DELETE", self._value_path(key))
        yield from self._endpoint.send(request, (200,), call, _json_body)

    def delete_many(self, keys: Sequence[str], call: Call) -> Program[list[str]]:
        """Any number of keys. Returns those that were not deleted."""
        items = [(key, json_text(key).encode()) for key in keys]
        return (yield from self._bulk("delete-many", "POST", f"{self._base}/bulk/delete", items, call))

    def list(self, prefix: str | None, cursor: str | None, call: Call, limit: int = MAX_LIST_KEYS) -> Program[ListPage]:
        """One page, in the order of UTF-8 bytes."""
        fields = {"limit": str(max(limit, MIN_LIST_KEYS)), "prefix": prefix, "cursor": cursor}
        query = urlencode({name: value for name, value in fields.items() if value is not None})
        request = EndpointRequest("list", "GET", f"{self._base}/keys?{query}")
        answer = record_of((yield from self._endpoint.send(request, (200,), call, _json_body)))
        result, following = answer.get("result"), record_of(answer.get("result_info")).get("cursor") or None
        if not isinstance(result, list) or (following is not None and following == cursor):
            raise _unreadable()
        return ListPage([_listed(record_of(entry)) for entry in list_of(answer.get("result"))], following)

    def atomic(
        self,
        operation: Literal["put-if-absent", "put-if-unchanged", "increment", "touch", "get-and-delete"],
        key: str,
        fields: dict[str, Any],
        call: Call,
    ) -> Program[AtomicResult]:
        """One atomic operation on a strong namespace: docs/gateway.md."""
        # The same id in every repeat of the call: nothing happens twice.
        common = {"operation": operation, "operation_id": self._world.unique_id(), "key": key}
        body = json_text({**common, **fields}).encode()
        result = yield from self._json(operation, "POST", self._atomic, body, call)
        applied, version = result.get("applied"), result.get("version")
        if not isinstance(applied, bool):
            raise _unreadable()
        content = _atomic_content(operation, result.get("value"))
        return AtomicResult(applied, version if isinstance(version, str) else None, content, result.get("metadata"))

    def _value_path(self, key: str) -> str:
        return f"{self._base}/values/{_encoded(key)}"

    def _text_over_rest(self, key: str, call: Call) -> Program[StoredPair | None]:
        """One call for value and metadata, where Cloudflare counts every call."""
        try:
            return (yield from self.get_texts([key], call)).get(key)
        except KvError as error:
            # Another client may have written what is no text.
            if error.code != "REFUSED":
                raise
        return (yield from self.get(key, call))

    def _metadata(self, key: str, call: Call) -> Program[Any]:
        request = EndpointRequest("get-metadata", "GET", f"{self._base}/metadata/{_encoded(key)}")
        # Of a key that is gone by now the answer has no result either.
        answer = yield from self._endpoint.send(request, (200, _NOT_FOUND), call, _json_body)
        return record_of(answer).get("result")

    def _bulk(
        self, operation: str, method: Literal["PUT", "POST"], path: str, items: Sequence[tuple[str, bytes]], call: Call
    ) -> Program[list[str]]:
        failed: list[str] = []
        for batch in batches_of(items):
            left = batch
            for _ in range(_BULK_TRIES):
                body = b"[" + b",".join(text for _, text in left) + b"]"
                result = yield from self._json(operation, method, path, body, call)
                keys = {key for key in list_of(result.get("unsuccessful_keys")) if isinstance(key, str)}
                left = [item for item in left if item[0] in keys]
                if not left:
                    break
            failed.extend(key for key, _ in left)
        return failed

    def _json(
        self, operation: str, method: Literal["PUT", "POST"], path: str, body: bytes, call: Call
    ) -> Program[dict[str, Any]]:
        """The `result` of an answer."""
        request = EndpointRequest(operation, method, path, body, _JSON)
        answer = yield from self._endpoint.send(request, (200,), call, _json_body)
        return record_of(record_of(answer).get("result"))


def value_fields(pair: WritePair) -> dict[str, Any]:
    """A pair as bulks and atomic operations take it."""
    fields: dict[str, Any] = {"value": base64.b64encode(pair.content).decode(), "base64": True}
    if pair.metadata is not None:
        fields["metadata"] = pair.metadata
    return {**fields, **pair.expiry.fields()}


def batches_of(items: Sequence[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    """What one bulk takes, by count and by bytes; one that is too large by itself goes alone."""
    batch: list[tuple[str, bytes]] = []
    size = 0
    for item in items:
        length = len(item[1]) + 1
        if batch and (len(batch) >= MAX_BULK_PAIRS or size + length > MAX_BULK_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += length
    if batch:
        yield batch


def _bulk_fields(pair: WritePair) -> dict[str, Any]:
    return {"key": pair.key, **value_fields(pair)}


def _encoded(key: str) -> str:
    """As `encodeURIComponent` does it."""
    return quote(key, safe="-_.!~*'()")


def _listed(entry: dict[str, Any]) -> ListedKey:
    expiration = number_of(entry.get("expiration"))
    return ListedKey(str(entry.get("name")), None if expiration is None else expiration * 1000, entry.get("metadata"))


def _atomic_content(operation: str, value: Any) -> bytes | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value).encode()
    if not isinstance(value, str):
        return None
    if operation != "get-and-delete":
        return value.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        return None


def _pair_in(answer: HttpResponse) -> StoredPair | None:
    if answer.status == _NOT_FOUND:
        errors = list_of(record_of(_json_body(answer)).get("errors"))
        if any(record_of(error).get("code") == _KEY_NOT_FOUND for error in errors):
            return None
        raise KvError(
            "UNKNOWN_NAMESPACE", "KV knows no such namespace, or the credential does not reach it.", status=_NOT_FOUND
        )
    metadata = parsed_or(answer.headers.get("kvshift-metadata", ""), None)
    return StoredPair(answer.body, metadata, answer.headers.get("kvshift-version"))


def _json_body(answer: HttpResponse) -> Any:
    """Something between here and KV may answer 200 with a page of its own."""
    body = parsed_or(answer.body, None)
    if answer.status == _NOT_FOUND or record_of(body).get("success") is True:
        return body
    raise KvError("UNAVAILABLE", "What answered is not KV: its answer cannot be read.", status=answer.status)


def _unreadable() -> KvError:
    return KvError("UNAVAILABLE", "What KV answered cannot be read.")

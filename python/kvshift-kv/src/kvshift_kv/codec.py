"""Values and the bytes that are stored of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar, cast, overload

from .errors import KvError
from .json_text import Dates, json_text, parsed_json

V = TypeVar("V")


@dataclass(frozen=True)
class Codec(Generic[V]):
    """How values of a namespace become bytes, and come back.

    `encode` raises KvError VALUE_NOT_ENCODABLE. `decode` gets the bytes and the version that stands with them, and
    raises KvError VALUE_INVALID.
    """

    #: Stands in the metadata of each pair.
    name: str
    #: Whether the bytes are UTF-8 text: only text can be read in bulk.
    is_text: bool
    encode: Callable[[V], bytes]
    decode: Callable[[bytes, int | None], V]
    #: Version of what a value means, counted by the application.
    version: int | None = None


@overload
def json(
    *, version: int | None = None, migrate: Callable[[Any, int | None], Any] | None = None, dates: Dates = "refuse"
) -> Codec[Any]: ...
@overload
def json(
    *,
    load: Callable[[Any], V],
    dump: Callable[[V], Any] | None = None,
    version: int | None = None,
    migrate: Callable[[Any, int | None], Any] | None = None,
    dates: Dates = "refuse",
) -> Codec[V]: ...
def json(
    *,
    load: Callable[[Any], Any] | None = None,
    dump: Callable[[Any], Any] | None = None,
    version: int | None = None,
    migrate: Callable[[Any, int | None], Any] | None = None,
    dates: Dates = "refuse",
) -> Codec[Any]:
    """JSON, the same bytes as in Node.js. What JSON would change is refused.

    `load` proves what is read and makes of it what the application uses (`Model.model_validate`); `dump` is its
    reverse. `version` is stored with each value; one of another version goes through `migrate(value, its version)`
    before `load`. `dates="iso"` stores a `datetime` with a time zone as text, and text comes back.
    """

    def encode(value: Any) -> bytes:
        return json_text(value if dump is None else dump(value), dates=dates).encode()

    def decode(content: bytes, stored: int | None) -> Any:
        try:
            value = parsed_json(text_of(content))
        except ValueError:
            value = _NOTHING
        if value is _NOTHING:
            raise KvError("VALUE_INVALID", "The stored value is no JSON.")
        if migrate is not None and stored != version:
            value = _proved(partial(_migrated, migrate, stored), value, "migrate")
        return value if load is None else _proved(load, value, "load")

    return Codec("json", is_text=True, encode=encode, decode=decode, version=version)


def text() -> Codec[str]:
    """Plain text."""
    return Codec("text", is_text=True, encode=_text_bytes, decode=lambda content, _: text_of(content))


def raw_bytes() -> Codec[bytes]:
    """Bytes as they are."""
    return Codec("bytes", is_text=False, encode=_same_bytes, decode=lambda content, _: bytes(content))


_NOTHING = object()


def text_of(content: bytes) -> str:
    """UTF-8 bytes as text. Raises KvError VALUE_INVALID."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass
    raise KvError("VALUE_INVALID", "The stored value is no UTF-8 text.")


def _text_bytes(value: str) -> bytes:
    try:
        # What is no str at run time has a method of that name as little as one that works.
        return str.encode(value)
    except (UnicodeEncodeError, TypeError):
        pass
    raise KvError("VALUE_NOT_ENCODABLE", "The value is no str, or one that UTF-8 cannot hold.")


def _same_bytes(value: bytes) -> bytes:
    if isinstance(cast("object", value), (bytes, bytearray, memoryview)):
        return bytes(value)
    raise KvError("VALUE_NOT_ENCODABLE", "The value is no bytes.")


def _migrated(migrate: Callable[[Any, int | None], Any], version: int | None, value: Any) -> Any:
    return migrate(value, version)


def _proved(work: Callable[[Any], Any], value: Any, name: str) -> Any:
    """What the application's own function throws may hold the value."""
    # Whatever it throws, it is told without its words.
    with suppress(Exception):
        return work(value)
    raise KvError("VALUE_INVALID", f"The stored value was refused by the application's own function {name}.")

"""What the metadata of a pair says of its value: docs/kv-schema.md."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .errors import KvError
from .json_text import json_text, number_of, record_of
from .limits import MAX_METADATA_BYTES

#: Version of this form.
_FORM = 1


@dataclass(frozen=True)
class Envelope:
    """The fields of a pair's metadata; times in milliseconds since the epoch."""

    codec: str
    #: Of an eventual namespace: when the pair ends.
    expires_at_ms: int | float | None = None
    #: Until when it is as good as new; later it may be handed out while another one is made.
    fresh_until_ms: int | float | None = None
    version: int | None = None
    is_packed: bool = False
    #: The value is the manifest of a split one.
    is_manifest: bool = False
    #: The application's own.
    metadata: Any = None


def metadata_of(envelope: Envelope) -> dict[str, Any]:
    """The metadata that is stored. Raises KvError METADATA_TOO_LARGE, VALUE_NOT_ENCODABLE."""
    fields = {
        "kvs": _FORM,
        "c": envelope.codec,
        "x": _rounded(envelope.expires_at_ms),
        "f": _rounded(envelope.fresh_until_ms),
        "s": envelope.version,
        "z": "gzip" if envelope.is_packed else None,
        "m": 1 if envelope.is_manifest else None,
        "u": envelope.metadata,
    }
    stored = {name: value for name, value in fields.items() if value is not None}
    size = len(json_text(stored).encode())
    if size <= MAX_METADATA_BYTES:
        return stored
    raise KvError(
        "METADATA_TOO_LARGE",
        f"The metadata takes {size} bytes with what the library adds; KV takes {MAX_METADATA_BYTES}.",
    )


def envelope_in(stored: Any) -> Envelope | None:
    """What is known of a pair; one that another client wrote says nothing, and has only its own metadata.

    Raises KvError VALUE_INVALID where a newer library wrote it.
    """
    fields = record_of(stored)
    if "kvs" not in fields:
        return None
    codec = fields.get("c")
    if number_of(fields["kvs"]) != _FORM or not isinstance(codec, str):
        raise KvError("VALUE_INVALID", "The pair was written by a newer version of the library.")
    version = number_of(fields.get("s"))
    return Envelope(
        codec=codec,
        expires_at_ms=number_of(fields.get("x")),
        fresh_until_ms=number_of(fields.get("f")),
        version=None if version is None else int(version),
        is_packed=fields.get("z") == "gzip",
        is_manifest=number_of(fields.get("m")) == 1,
        metadata=fields.get("u"),
    )


def envelope_or_none(stored: Any) -> Envelope | None:
    """The same, and nothing where it cannot be read."""
    try:
        return envelope_in(stored)
    except KvError:
        return None


def _rounded(value: float | None) -> int | None:
    return None if value is None else math.floor(value + 0.5)

"""Values that are larger than KV takes: their parts, and the manifest that makes them one. docs/kv-schema.md."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from .codec import text_of
from .effects import Program, all_of
from .endpoint import Call
from .errors import KvError
from .expiry import StoredExpiry
from .json_text import json_text, number_of, parsed_or, record_of
from .key import RESERVED, require_key
from .transport import Transport, WritePair

PART_PREFIX = f"{RESERVED}part:"
# A manifest that is still read must not lose its parts to a clock that runs ahead.
_PARTS_OUTLIVE_MS = 3_600_000
# Whoever writes for longer has died.
_LONGEST_WRITE_MS = 3_600_000
_AT_ONCE = 3
# A location may see the manifest before a part.
_PART_TRIES = 3
_MAX_PARTS = 10_000
# An id that a key can hold, whoever wrote it.
_WRITE = re.compile(r"[!-~]{1,128}\Z")


@dataclass(frozen=True)
class Manifest:
    """What stands under the key of a value that is split."""

    #: Id of the write that the parts belong to: no two writes share a part.
    write: str
    count: int
    size: int
    #: Of the whole, in hexadecimal.
    sha256: str
    #: When it was written, in milliseconds since the epoch.
    at_ms: float


@dataclass(frozen=True)
class Part:
    """What the metadata of a part says of it."""

    owner: str
    write: str
    at_ms: float


def part_key(write: str, number: int) -> str:
    """Where a part is."""
    return f"{PART_PREFIX}{write}:{number}"


def write_parts(
    transport: Transport, pair: WritePair, *, write: str, at_ms: float, max_part_bytes: int, call: Call
) -> Program[bytes]:
    """Writes the parts of a value, and returns the manifest, which is to be written last."""
    content, end_ms = pair.content, pair.expiry.at_ms
    until = StoredExpiry(at_ms=None if end_ms is None else end_ms + _PARTS_OUTLIVE_MS)
    starts = range(0, len(content), max_part_bytes)
    metadata = {"o": pair.key, "t": at_ms}
    pairs = (
        WritePair(part_key(write, number), content[begin : begin + max_part_bytes], metadata, until)
        for number, begin in enumerate(starts)
    )
    yield from all_of([transport.put(part, call) for part in pairs], _AT_ONCE)
    fields = {
        "kvshift": "parts",
        "write": write,
        "count": len(starts),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "at": at_ms,
    }
    return json_text(fields).encode()


def read_parts(transport: Transport, manifest: Manifest, call: Call) -> Program[bytes]:
    """The value of a manifest; never one that was not written as a whole. Raises PART_MISSING, VALUE_INVALID."""
    first = yield from _part_of(transport, manifest.write, 0, call)
    # Before the others are fetched, and paid for: a manifest may say anything. All parts but the last are as long.
    if not (manifest.count - 1) * len(first) < manifest.size <= manifest.count * len(first):
        raise _differing()
    programs = [_part_of(transport, manifest.write, number, call) for number in range(1, manifest.count)]
    whole = b"".join([first, *(yield from all_of(programs, _AT_ONCE))])
    if len(whole) == manifest.size and hashlib.sha256(whole).hexdigest() == manifest.sha256:
        return whole
    raise _differing()


def manifest_in(content: bytes, max_bytes: int | None) -> Manifest:
    """Raises KvError VALUE_INVALID where it is none, or names more than `max_bytes`."""
    fields = record_of(parsed_or(text_of(content), None))
    write, digest, at_ms = fields.get("write"), fields.get("sha256"), number_of(fields.get("at"))
    count, size = _count(fields.get("count"), _MAX_PARTS), _count(fields.get("bytes"), max_bytes)
    if isinstance(write, str) and _WRITE.match(write) and isinstance(digest, str) and at_ms is not None:  # noqa: SIM102 -- two kinds of wholeness
        if count is not None and size is not None:
            return Manifest(write, count, size, digest, at_ms)
    raise KvError("VALUE_INVALID", "The manifest of a split value cannot be read.")


def part_in(key: str, metadata: Any) -> Part | None:
    """`None` where it is none."""
    fields = record_of(metadata)
    owner, at_ms = fields.get("o"), number_of(fields.get("t"))
    if not isinstance(owner, str) or at_ms is None:
        return None
    try:
        require_key(owner)
    except KvError:
        return None
    return Part(owner, key.removeprefix(PART_PREFIX).partition(":")[0], at_ms)


def is_left_behind(part: Part, manifest: Manifest | None, budget_ms: float, now_ms: float) -> bool:
    """Whether a part belongs to no value any more.

    `manifest`: what stands under the key of its value now. Old parts stay for as long as a reader may still see the
    manifest before: `budget_ms`.
    """
    if now_ms - part.at_ms < _LONGEST_WRITE_MS + budget_ms:
        return False
    if manifest is None:
        return True
    return manifest.write != part.write and now_ms - manifest.at_ms > budget_ms


def _part_of(transport: Transport, write: str, number: int, call: Call) -> Program[bytes]:
    for _ in range(_PART_TRIES):
        found = yield from transport.get(part_key(write, number), call)
        if found is not None:
            return found.content
    raise KvError(
        "PART_MISSING", "A part of a split value is not there: it has not arrived here yet, or the value was replaced."
    )


def _count(value: Any, most: int | None) -> int | None:
    return value if type(value) is int and value >= 1 and (most is None or value <= most) else None


def _differing() -> KvError:
    return KvError("VALUE_INVALID", "The parts of a split value are not those that its manifest names.")

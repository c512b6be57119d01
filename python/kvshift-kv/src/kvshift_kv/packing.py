"""Packs with gzip, by https://www.rfc-editor.org/rfc/rfc1952."""

from __future__ import annotations

import gzip
import zlib

from .errors import KvError

_GZIP = zlib.MAX_WBITS | 16


def packed(content: bytes) -> bytes:
    """The same bytes for the same content."""
    return gzip.compress(content, mtime=0)


def unpacked(content: bytes, max_bytes: int) -> bytes:
    """At most `max_bytes` come out: a few bytes may unpack to gigabytes. Raises KvError VALUE_INVALID."""
    unpacking = zlib.decompressobj(_GZIP)
    try:
        whole = unpacking.decompress(content, max_bytes + 1)
        is_whole = unpacking.eof and not unpacking.unused_data
    except zlib.error:
        whole, is_whole = b"", False
    if len(whole) > max_bytes:
        raise KvError("VALUE_INVALID", f"The stored value unpacks to more than {max_bytes} bytes.")
    if is_whole:
        return whole
    raise KvError("VALUE_INVALID", "The stored value says that it is packed, and is not.")

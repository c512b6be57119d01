"""What may be a key."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .errors import KvError
from .limits import MAX_KEY_BYTES

#: Names that begin so are the library's own: docs/kv-schema.md.
RESERVED = "kvshift:"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def require_key(key: str) -> None:
    """Raises KvError KEY_INVALID with the rule that the key breaks."""
    if type(key) is not str or key in ("", ".", ".."):
        raise _invalid("A key is a string that is not empty, and neither . nor ..")
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        size = None
    if size is None:
        raise _invalid("A key has to be text that UTF-8 can hold.")
    if key.startswith(RESERVED):
        raise _invalid(f"Keys that begin with {RESERVED} belong to the library.")
    if size > MAX_KEY_BYTES:
        raise _invalid(f"A key takes {MAX_KEY_BYTES} bytes at most, not {size}: store a hash of it.")


def require_prefix(prefix: str | None) -> None:
    """Raises KvError KEY_INVALID where no key could begin so."""
    if prefix is None or prefix == "":
        return
    if type(prefix) is not str or _LONE_SURROGATE.search(prefix) or len(prefix.encode()) > MAX_KEY_BYTES:
        raise _invalid(f"A prefix is text that UTF-8 can hold, of {MAX_KEY_BYTES} bytes at most.")


def keys_in(keys: Iterable[str]) -> list[str]:
    """Of anything that gives keys, once. Raises KvError KEY_INVALID."""
    if isinstance(keys, (str, bytes)):
        raise _invalid("One key was given where many belong: put it into a list.")
    found = list(keys)
    for key in found:
        require_key(key)
    return found


def _invalid(message: str) -> KvError:
    return KvError("KEY_INVALID", message)

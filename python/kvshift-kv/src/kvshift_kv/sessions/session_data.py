"""What a session is, and what two requests at once make of one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from ..json_text import json_text, parsed_json

SESSION_PREFIX = "session:"


@dataclass(frozen=True)
class LoadedSession:
    """A session as it was when it was read or written.

    `data` is the caller's to change: what it was at first stands apart, for the next write to compare with.
    `version`: of the pair; `None` on an eventual namespace.
    """

    data: dict[str, Any] = field(repr=False)
    version: str | None
    text: str = field(repr=False)

    @classmethod
    def of(cls, data: Mapping[str, Any], version: str | None) -> LoadedSession:
        """Of data that stays somebody else's."""
        text = json_text(dict(data))
        return cls(parsed_json(text), version, text)

    def at_first(self) -> dict[str, Any]:
        """The data before anybody changed it."""
        return parsed_json(self.text)


def merge_sessions(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Of each field the one that was changed since `base`, and `mine` where both changed it.

    Fields are whole: what is nested is not merged.
    """
    merged: dict[str, Any] = {}
    for name in dict.fromkeys([*theirs, *mine]):
        source = theirs if _is_same(base, mine, name) else mine
        if name in source:
            merged[name] = source[name]
    return merged


def session_key(identity: str) -> str:
    """Where a session is: whoever reads the store cannot take over what it holds."""
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).digest()
    return SESSION_PREFIX + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def is_session(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether what is stored is a session: a destroyed one leaves `null`."""
    return isinstance(value, dict)


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> bool:
    if name not in one or name not in other:
        return name not in one and name not in other
    # As JSON: in Python 1 and True are the same.
    return json_text(one[name]) == json_text(other[name])

"""The keys of functions whose results are kept: no two calls meet under one."""

from __future__ import annotations

import hashlib
import inspect
import re
import string
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from .errors import KvError

Key: TypeAlias = str | Callable[..., str]
_Piece: TypeAlias = tuple[str, str | None, str | None, str | None]

# What quoted text is made of: something else has to stand between two pieces of it.
_QUOTED = re.compile(r"[A-Za-z0-9%]*\Z")
_SPECIAL = re.compile(rb"[^A-Za-z0-9]")


def key_maker(function: Callable[..., Any], key: Key) -> Callable[[tuple[Any, ...], dict[str, Any]], str]:
    """Makes the key of a call of its arguments. Raises KvError KEY_INVALID where two calls could meet."""
    signature = inspect.signature(function)
    _refuse_method(function, signature)
    if not isinstance(key, str):
        return lambda args, kwargs: key(*args, **kwargs)
    pieces = _pieces_of(key)
    for _, name, form, conversion in pieces:
        if name is None:
            continue
        if name not in signature.parameters or form not in ("", "sha256") or conversion is not None:
            raise KvError("KEY_INVALID", "The key names no parameter of the function, or a form that is not known.")
    # The first piece begins the key, and nothing is before it; a text without a name after it ends the key.
    if any(name is not None and _QUOTED.match(text) for text, name, _, _ in pieces[1:]):
        raise KvError(
            "KEY_INVALID",
            "Between two parameters of a key has to stand something that is no letter, digit or %: else two calls "
            "could meet under one key.",
        )

    def made(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return "".join(
            text + ("" if name is None else _shown(bound.arguments[name], form)) for text, name, form, _ in pieces
        )

    return made


def _pieces_of(key: str) -> Sequence[_Piece]:
    """Texts, each with the name that follows it."""
    pieces: list[_Piece] | None = None
    with suppress(ValueError):
        pieces = _joined(string.Formatter().parse(key))
    if pieces is not None:
        return pieces
    raise KvError("KEY_INVALID", "The braces of the key do not match.")


def _joined(pieces: Any) -> list[_Piece]:
    """A doubled brace ends a piece without a name: what follows belongs to the same text."""
    joined: list[_Piece] = []
    before = ""
    for text, name, form, conversion in pieces:
        before += text
        if name is not None:
            joined.append((before, name, form, conversion))
            before = ""
    return [*joined, (before, None, None, None)]


def _refuse_method(function: Callable[..., Any], signature: inspect.Signature) -> None:
    owner = getattr(function, "__qualname__", "").rpartition(".")[0]
    first = next(iter(signature.parameters), None)
    if owner and not owner.endswith("<locals>") and first in ("self", "cls"):
        raise KvError("KEY_INVALID", "A method is not kept: its object is in no key. Keep a function that it calls.")


def _shown(value: Any, form: str | None) -> str:
    if type(value) not in (str, int, uuid.UUID):
        raise KvError("KEY_INVALID", "A parameter that the key names is no str, int or UUID: give a function as key.")
    content = str(value).encode("utf-8", "surrogatepass")
    if form == "sha256":
        return hashlib.sha256(content).hexdigest()
    # Whatever separates the pieces of a key stands in none of them.
    return _SPECIAL.sub(lambda found: b"%%%02X" % found[0][0], content).decode()

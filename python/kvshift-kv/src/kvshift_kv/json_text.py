"""JSON that comes back as it went in, byte for byte what `JSON.stringify` writes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import datetime, timezone
from json.encoder import encode_basestring
from typing import Any, Literal, NoReturn, TypeAlias, cast

from .errors import KvError
from .json_number import float_text

Dates: TypeAlias = Literal["refuse", "iso"]

#: Deeper than any value that people write down, and shallow enough for every parser.
MAX_DEPTH = 256
#: What JavaScript holds exactly.
MAX_SAFE_INTEGER = 2**53 - 1
# Names that JavaScript lists before all others, as numbers: https://tc39.es/ecma262/#array-index
_ARRAY_INDEX = re.compile(r"(?:0|[1-9]\d{0,9})\Z", re.ASCII)
_LAST_ARRAY_INDEX = 2**32 - 2
_PROGRAM_NAME = re.compile(r"(?:[A-Za-z_$][A-Za-z0-9_$]{0,40}|\d+)\Z", re.ASCII)
_TWO_DIGITS = re.compile("[0-9]{2}")
_LONG_INTEGER = re.compile(r"\d{16}", re.ASCII)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SHOWN_NAMES = 8


def json_text(value: object, *, dates: Dates = "refuse") -> str:
    """The JSON text of a value.

    Raises KvError VALUE_NOT_ENCODABLE, with the place, for what JSON or JavaScript would change: NaN and infinities,
    whole numbers beyond 2**53 - 1, lone surrogates, names that are no `str`, tuples, sets, bytes, dates, cycles,
    instances of classes. `dates="iso"` makes the text of `Date.toISOString` of a `datetime` with a time zone.
    """
    parts: list[str] = []
    _write(value, parts.append, [], [], dates)
    return "".join(parts)


def parsed_json(text: str) -> Any:
    """What a JSON text says, read as JavaScript reads it. Raises ValueError where it is none."""
    try:
        return (_WIDE if _has_long_integer(text) else _PLAIN).decode(text)
    except RecursionError:
        pass
    raise ValueError("deeper than the parser goes")


def parsed_or(text: str | bytes, otherwise: Any) -> Any:
    """The same, or `otherwise` where it is no JSON."""
    try:
        return parsed_json(text if isinstance(text, str) else text.decode())
    except ValueError:
        return otherwise


def record_of(value: object) -> dict[str, Any]:
    """The members of a JSON object that came from elsewhere; none where it is no object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """The items of a JSON array that came from elsewhere; none where it is no array."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def number_of(value: object) -> int | float | None:
    """A finite number that came from elsewhere; `None` where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if math.isfinite(value) else None


def _has_long_integer(text: str) -> bool:
    # Of sixteen digits in a row two are among every eighth character: most texts need no closer look.
    return bool(_TWO_DIGITS.search(text[::8]) and _LONG_INTEGER.search(text))


def _integer(digits: str) -> int | float:
    number = float(digits)
    # What is written here is an integer; beyond this JavaScript reads the nearest number that it has.
    return int(digits) if abs(number) <= MAX_SAFE_INTEGER else number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


# Made once: to make one takes longer than to read a small value.
_PLAIN = json.JSONDecoder(parse_constant=_refuse_constant)
_WIDE = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer)


def _write(value: object, emit: Callable[[str], None], path: list[str], parents: list[int], dates: Dates) -> None:
    kind = type(value)
    if kind is str:
        emit(_string(cast("str", value), "a string", path))
    elif value is None:
        emit("null")
    elif kind is bool:
        emit("true" if value else "false")
    elif kind is int:
        if not -MAX_SAFE_INTEGER <= cast("int", value) <= MAX_SAFE_INTEGER:
            raise _refusal("a whole number that JavaScript cannot hold", path)
        emit(str(value))
    elif kind is float:
        if not math.isfinite(cast("float", value)):
            raise _refusal("NaN or an infinity", path)
        emit(float_text(cast("float", value)))
    elif kind is dict or kind is list:
        _write_nested(cast("dict[Any, Any] | list[Any]", value), emit, path, parents, dates)
    elif kind is datetime and dates == "iso" and cast("datetime", value).utcoffset() is not None:
        emit(f'"{_moment(cast("datetime", value), path)}"')
    else:
        raise _refusal(_described(kind), path)


def _write_nested(
    value: dict[Any, Any] | list[Any], emit: Callable[[str], None], path: list[str], parents: list[int], dates: Dates
) -> None:
    if id(value) in parents:
        raise _refusal("a cycle", path)
    if len(parents) >= MAX_DEPTH:
        raise _refusal(f"something more than {MAX_DEPTH} deep", path)
    parents.append(id(value))
    if isinstance(value, list):
        _write_list(value, emit, path, parents, dates)
    else:
        _write_dict(value, emit, path, parents, dates)
    parents.pop()


def _write_list(
    value: list[Any], emit: Callable[[str], None], path: list[str], parents: list[int], dates: Dates
) -> None:
    emit("[")
    for index, item in enumerate(value):
        if index:
            emit(",")
        path.append(str(index))
        _write(item, emit, path, parents, dates)
        path.pop()
    emit("]")


def _write_dict(
    value: dict[Any, Any], emit: Callable[[str], None], path: list[str], parents: list[int], dates: Dates
) -> None:
    emit("{")
    separator = ""
    for name in _in_order(value, path):
        emit(separator + _string(name, "a name", path))
        emit(":")
        path.append(name)
        _write(value[name], emit, path, parents, dates)
        path.pop()
        separator = ","
    emit("}")


def _in_order(value: dict[Any, Any], path: list[str]) -> list[str]:
    """Names as JavaScript lists them: array indices first."""
    names: list[str] = list(value)
    indices: list[str] = []
    for name in names:
        if type(name) is not str:
            raise _refusal("a dict with a name that is no str", path)
        if _ARRAY_INDEX.match(name) and int(name) <= _LAST_ARRAY_INDEX:
            indices.append(name)
    if not indices:
        return names
    first = set(indices)
    return sorted(indices, key=int) + [name for name in names if name not in first]


def _string(text: str, what: str, path: list[str]) -> str:
    if not text.isascii() and _LONE_SURROGATE.search(text):
        raise _refusal(f"{what} with a lone surrogate", path)
    return encode_basestring(text)


def _moment(moment: datetime, path: list[str]) -> str:
    """As `Date.toISOString` writes it, to the millisecond."""
    try:
        return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except OverflowError:
        raise _refusal("a datetime of no year from 1 to 9999 in UTC", path) from None


def _described(kind: type) -> str:
    if kind is tuple:
        return "a tuple (a list comes back)"
    if issubclass(kind, datetime):
        return 'a datetime (a number, or json(dates="iso") with a time zone, says what it is to become)'
    if kind in (bytes, bytearray, memoryview):
        return "bytes (the codec bytes keeps them)"
    return "a set" if kind in (set, frozenset) else "an instance of a class"


def _refusal(what: str, path: list[str]) -> KvError:
    # A name may be a person's too: only what looks like one of a program is shown.
    shown = [name if _PROGRAM_NAME.match(name) else "…" for name in path[:_SHOWN_NAMES]]
    where = f"The value at {'.'.join(shown)}" if path else "The value"
    return KvError("VALUE_NOT_ENCODABLE", f"{where} is {what}: JSON would not give it back.")

"""JSON that comes back as it went in, and what is refused because it would not."""

from __future__ import annotations

import math
from collections import OrderedDict
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvshift_kv import KvError, json
from kvshift_kv.json_text import json_text, parsed_json


class Point(NamedTuple):
    x: int


class Text(str):
    __slots__ = ()


DEEP: Any = parsed_json("[" * 300 + "]" * 300)

REFUSED: dict[str, tuple[Any, str]] = {
    "nan": ([math.nan], "The value at 0 is NaN or an infinity"),
    "infinity": (-math.inf, "The value is NaN or an infinity"),
    "a large int": ({"n": 2**53}, "The value at n is a whole number that JavaScript cannot hold"),
    "a surrogate": ({"a": ["\ud800"]}, r"The value at a\.0 is a string with a lone surrogate"),
    "a name with a surrogate": ({"\udfff": 1}, "The value is a name with a lone surrogate"),
    "a name that is no str": ({1: 2}, "a dict with a name that is no str"),
    "a datetime": ({"at": datetime(2026, 1, 1, tzinfo=timezone.utc)}, "The value at at is a datetime"),
    "a set": ({1}, "The value is a set"),
    "bytes": (b"x", "The value is bytes"),
    "a tuple": ((1,), "The value is a tuple"),
    "a named tuple": (Point(1), "an instance of a class"),
    "a subclass of str": (Text("x"), "an instance of a class"),
    "an ordered dict": (OrderedDict(a=1), "an instance of a class"),
    "something deep": (DEEP, "more than 256 deep"),
    "a secret name": ({"ada@example.test": {"x": {1}}}, r"The value at …\.x is a set"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_with_the_place(case: str) -> None:
    value, message = REFUSED[case]
    with pytest.raises(KvError, match=message) as caught:
        json_text(value)
    assert caught.value.code == "VALUE_NOT_ENCODABLE"


def test_refuses_a_cycle_and_takes_a_value_that_is_there_twice() -> None:
    cycle: dict[str, Any] = {}
    cycle["self"] = [cycle]
    with pytest.raises(KvError, match=r"The value at self\.0 is a cycle"):
        json_text(cycle)
    twice = {"x": 1}
    assert json_text([twice, twice]) == '[{"x":1},{"x":1}]'


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "-Infinity", "{'a':1}", "", "[1,]", '"\t"', "[" * 100_000])
def test_reads_nothing_that_is_no_json(text: str) -> None:
    with pytest.raises(KvError, match="no JSON"):
        json().decode(text.encode(), None)


@pytest.mark.parametrize("before", range(9))
def test_finds_a_number_that_is_too_long_wherever_it_stands(before: int) -> None:
    found = parsed_json('["' + "x" * before + '",9007199254740993]')
    assert (found[1], type(found[1])) == (9007199254740992.0, float)


def test_reads_numbers_as_javascript_does() -> None:
    found = parsed_json("[9007199254740991, 9007199254740993, 123456789012345678901234567890]")
    assert found == [9007199254740991, 9007199254740992.0, 1.2345678901234568e29]
    assert [type(number) for number in found] == [int, float, float]
    assert json_text(found) == "[9007199254740991,9007199254740992,1.2345678901234568e+29]"
    assert isinstance(parsed_json("1" * 5000), float)


EAST = timezone(timedelta(hours=5))


# Bounds have no time zone: it is drawn beside them.
FIRST_IN_THE_EAST = datetime(1, 1, 1, 5)  # noqa: DTZ001


@given(st.datetimes(timezones=st.just(timezone.utc)) | st.datetimes(FIRST_IN_THE_EAST, timezones=st.just(EAST)))
def test_dates_become_text_where_that_was_said(moment: datetime) -> None:
    codec = json(dates="iso")
    assert datetime.fromisoformat(codec.decode(codec.encode(moment), None).replace("Z", "+00:00")) == moment.replace(
        microsecond=moment.microsecond // 1000 * 1000
    )


def test_a_date_that_has_no_year_in_utc_is_refused_with_its_place() -> None:
    with pytest.raises(KvError, match="The value at 0 is a datetime of no year") as caught:
        json(dates="iso").encode([datetime(1, 1, 1, tzinfo=EAST)])
    assert caught.value.code == "VALUE_NOT_ENCODABLE"


def test_values_of_the_application_go_through_its_functions_and_old_ones_are_brought_up_to_date() -> None:
    class User(NamedTuple):
        name: str
        admin: bool

    codec = json(
        load=lambda value: User(**value),
        dump=lambda user: user._asdict(),
        version=2,
        migrate=lambda value, version: value if version == 2 else {**value, "admin": version == 1},
    )
    assert codec.decode(codec.encode(User("Ada", admin=True)), 2) == User("Ada", admin=True)
    assert codec.decode(b'{"name":"Ada"}', None) == User("Ada", admin=False)
    assert codec.decode(b'{"name":"Ada"}', 1) == User("Ada", admin=True)
    with pytest.raises(KvError, match="refused by the application's own function load") as caught:
        codec.decode(b'{"name":"Ada","secret":1}', 2)
    assert (caught.value.code, caught.value.__context__) == ("VALUE_INVALID", None)

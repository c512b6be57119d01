"""Keys of functions whose results are kept."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvshift_kv import KvError, cached
from kvshift_kv.testing import FakeKv

CACHE = FakeKv().kv().namespace("cache")


@pytest.mark.parametrize("separator", ["_", "-", ".", "~", "@", " ", ":", "a_1"])
@given(st.text(alphabet="ab1_-.~@ :%ü", max_size=4), st.text(alphabet="ab1_-.~@ :%ü", max_size=4), st.data())
def test_no_two_calls_meet_whatever_stands_between_their_parameters(
    separator: str, left: str, right: str, data: st.DataObject
) -> None:
    def pair(one: str, two: str) -> str:
        return one + two

    kept = cached(CACHE, f"k:{{one}}{separator}{{two}}")(pair)
    whole = left + separator + right
    at = data.draw(st.integers(0, max(0, len(whole) - len(separator))))
    other = (whole[:at], whole[at + len(separator) :])
    if other != (left, right):
        assert kept.key(*other) != kept.key(left, right)


def test_every_character_that_is_no_letter_or_digit_of_ascii_is_quoted() -> None:
    def one(value: object) -> object:
        return value

    kept = cached(CACHE, "k:{value}")(one)
    assert kept.key(string.ascii_letters + string.digits) == "k:" + string.ascii_letters + string.digits
    assert kept.key("a_b-c.d~e@f g%ü") == "k:a%5Fb%2Dc%2Ed%7Ee%40f%20g%25%C3%BC"
    # As docs/python.md says: the type is not in the key.
    assert kept.key(-1) == kept.key("-1") == "k:%2D1"


@pytest.mark.parametrize(
    "template",
    ["k{a}{b}", "k:{a}x{b}", "k:{a}:{b}{a}", "k:{a}%41{b}", "k:{a!r}", "k:{a:>5}", "k:{a", "k:a}", "k:{}", "k:{0}"],
)
def test_keys_that_two_calls_could_share_are_refused_where_the_function_is_made(template: str) -> None:
    def pair(a: str, b: str) -> str:
        return a + b

    with pytest.raises(KvError) as caught:
        cached(CACHE, template)(pair)
    assert caught.value.code == "KEY_INVALID"


def test_methods_are_refused_and_static_ones_are_functions() -> None:
    with pytest.raises(KvError, match="method"):

        class Refused:  # pyright: ignore[reportUnusedClass]
            @cached(CACHE, "k:{value}")
            def one(self, value: str) -> str:
                return value

    class Taken:
        @staticmethod
        @cached(CACHE, "static:{value}")
        def one(value: str) -> str:
            return f"made {value}"

    one: Any = Taken.one
    assert one("a") == "made a"

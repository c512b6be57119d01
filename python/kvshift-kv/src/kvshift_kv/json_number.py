"""Numbers as `JSON.stringify` writes them.

https://tc39.es/ecma262/#sec-numeric-types-number-tostring
"""

from __future__ import annotations

# From this many digits before the point on, and from this many zeros after it, JavaScript writes an exponent.
_MOST_DIGITS = 21
_MOST_ZEROS = 6


def float_text(number: float) -> str:
    """A finite float; `-0.0` and whole numbers lose what JavaScript does not write."""
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    all_digits = whole + fraction
    # The value is 0.<digits> times ten to the power of `point`.
    digits = all_digits.lstrip("0")
    point = len(whole) + int(exponent or "0") - (len(all_digits) - len(digits))
    digits = digits.rstrip("0")
    return sign + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    count = len(digits)
    if count <= point <= _MOST_DIGITS:
        return digits + "0" * (point - count)
    if 0 < point <= _MOST_DIGITS:
        return f"{digits[:point]}.{digits[point:]}"
    if -_MOST_ZEROS < point <= 0:
        return f"0.{'0' * -point}{digits}"
    power = point - 1
    rest = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{rest}e{'+' if power > 0 else '-'}{abs(power)}"

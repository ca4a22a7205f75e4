"""Exact numbers: read from text as people write it, printed as people read it.

No float touches a number in this package. What is read is a `Fraction`; what is stored as points or
as an answer is an `int` in a declared smallest unit.
"""

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

MAX_DIGITS = 30
"""Digits a written number may have; more is a slip of the keyboard or an attack."""

_NUMBER = re.compile(r"([+-]?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?\s*(%?)")


class NotANumber(ValueError):
    """The text cannot be read as one exact number; the message says why, in Chinese."""


def normal(text: str) -> str:
    """Return the text with full-width characters in their plain form and without outer blanks."""
    return unicodedata.normalize("NFKC", text).strip()


def read_number(value: object) -> Fraction:
    """Read a whole number, a decimal, a thousands-separated number or a percentage, exactly.

    Raises `NotANumber` with the reason: a float, a truth value, NaN, too many digits, a unit in the text.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise NotANumber("这里要填数字")
    text = normal(str(value))
    if sum(map(str.isdigit, text)) > MAX_DIGITS:
        raise NotANumber(f"数字超过 {MAX_DIGITS} 位")
    if isinstance(value, int | Decimal):
        if isinstance(value, Decimal) and not value.is_finite():
            raise NotANumber("不是有限的数字")
        return Fraction(value)
    if text.lower().lstrip("+-") in {"nan", "inf", ".nan", ".inf", "infinity"}:
        raise NotANumber("不是有限的数字")
    found = _NUMBER.fullmatch(text.replace("−", "-"))
    if not found:
        if re.search(r"\d", text) and re.search(r"[^\d.,+\-%\s]", text):
            raise NotANumber("数字里夹着单位或文字,只填数字")
        raise NotANumber("不是数字")
    sign, whole, decimals, percent = found.groups()
    digits = whole.replace(",", "") + (decimals or "")
    number = Fraction(int(digits), 10 ** len(decimals or ""))
    if percent:
        number /= 100
    return -number if sign == "-" else number


def half_up(top: int, bottom: int) -> int:
    """Divide and round half up (towards plus infinity), the one rounding rule of the house."""
    return (2 * top + bottom) // (2 * bottom)


def show(number: Fraction | int, places: int = 6) -> str:
    """Print a number without trailing zeros; a number that does not end is cut to `places` decimals, half up."""
    number = Fraction(number)
    scaled = half_up(number.numerator * 10**places, number.denominator)
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled), 10**places)
    decimals = f"{rest:0{places}d}".rstrip("0")
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def show_percent(number: Fraction | int, places: int = 2) -> str:
    """Print a ratio as a percentage: 19/20 as 95%."""
    return show(Fraction(number) * 100, places) + "%"

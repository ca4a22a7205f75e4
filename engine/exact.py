"""Exact numbers: read from text as people write it, printed as people read it.

No float touches a number in this package. What is read is a `Fraction`; what is stored as points or
as an answer is an `int` in a declared smallest unit.
"""

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

MAX_DIGITS = 30
"""Digits a written number may have; more is a slip of the keyboard or an attack."""

TOO_LONG = f"数字超过 {MAX_DIGITS} 位"
NOT_FINITE = "不是有限的数字"

_NUMBER = re.compile(r"([+-]?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?\s*(%?)", re.ASCII)

_WHY = (
    (re.compile(r"(?s)\A(?=.*\d).*[^\d.,+\-%\s]"), "数字里夹着单位或文字，只填数字"),
    (re.compile(r"\d,|,\d"), "逗号只能隔开千位，如 1,000"),
    (re.compile(r"^[+-]?(?:\.\d+|\d+\.)%?$"), "小数点两边都要有数字，如 0.5"),
    (re.compile(""), "不是数字"),
)
"""Why a text is no number: the first that fits."""


class NotANumber(ValueError):
    """The text cannot be read as one exact number; the message says why, in Chinese."""


def normal(text: str) -> str:
    """Return the text with full-width characters in their plain form and without outer blanks."""
    return unicodedata.normalize("NFKC", text).strip()


def read_number(value: object) -> Fraction:
    """Read a whole number, a decimal, a thousands-separated number or a percentage, exactly.

    A float counts as what it prints, which is what somebody typed. Raises `NotANumber` with the reason: a truth
    value, NaN, too many digits, a unit in the text.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float | str):
        raise NotANumber("这里要填数字")
    if isinstance(value, int | Decimal):
        return _plain(value)
    text = normal(str(value))
    if sum(map(str.isdigit, text)) > MAX_DIGITS:
        raise NotANumber(TOO_LONG)
    if text.lower().lstrip("+-.") in {"nan", "inf", "infinity"}:
        raise NotANumber(NOT_FINITE)
    found = _NUMBER.fullmatch(text.replace("−", "-"))
    if not found:
        raise NotANumber(next(why for pattern, why in _WHY if pattern.search(text)))
    sign, whole, decimals, percent = found.groups()
    digits = whole.replace(",", "") + (decimals or "")
    number = Fraction(int(digits), 10 ** len(decimals or ""))
    if percent:
        number /= 100
    return -number if sign == "-" else number


def _plain(value: int | Decimal) -> Fraction:
    """Read a number that is one already; its size is looked at before anything is computed with it."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise NotANumber(NOT_FINITE)
        if abs(value.adjusted()) > MAX_DIGITS or len(value.as_tuple().digits) > MAX_DIGITS:
            raise NotANumber(TOO_LONG)
    elif abs(value) >= 10**MAX_DIGITS:
        raise NotANumber(TOO_LONG)
    return Fraction(value)


def half_up(top: int, bottom: int) -> int:
    """Divide and round half up (towards plus infinity), the one rounding rule of the house."""
    return (2 * top + bottom) // (2 * bottom)


def show(number: Fraction | int, places: int = 6) -> str:
    """Print a number without trailing zeros; a number that does not end is cut to `places` decimals, half up."""
    if number.denominator == 1:
        return str(number.numerator)
    return _decimals(number.numerator, number.denominator, places)


@lru_cache(maxsize=65536)
def _decimals(top: int, bottom: int, places: int) -> str:
    scaled = half_up(top * 10**places, bottom)
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled), 10**places)
    decimals = f"{rest:0{places}d}".rstrip("0")
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


@lru_cache(maxsize=50_000)
def show_points(points: int, per_point: int) -> str:
    """Print points that are kept in a smallest unit, of which so many make one."""
    return str(points // per_point) if points % per_point == 0 else _decimals(points, per_point, 6)


def show_percent(number: Fraction | int, places: int = 2) -> str:
    """Print a ratio as a percentage: 19/20 as 95%."""
    return show(Fraction(number) * 100, places) + "%"

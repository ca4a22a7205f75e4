"""Numbers as people write them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exact import MAX_DIGITS, NotANumber, half_up, read_number, show, show_percent


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("12", 12),
        (" 12 ", 12),
        ("+0.50", Fraction(1, 2)),
        ("-3", -3),
        ("−3", -3),
        ("1,000", 1000),
        ("12,345,678.9", Fraction(123456789, 10)),
        ("95%", Fraction(19, 20)),
        ("95 %", Fraction(19, 20)),
        ("９５％", Fraction(19, 20)),
        ("１，０００", 1000),
        (7, 7),
        (Decimal("0.10"), Fraction(1, 10)),
        (0.1, Fraction(1, 10)),
        (Fraction(2, 3), Fraction(2, 3)),
    ],
)
def test_number_is_read_as_it_is_meant(written, number):
    assert read_number(written) == number


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (True, "这里要填数字"),
        (None, "这里要填数字"),
        ([1], "这里要填数字"),
        ("", "不是数字"),
        ("三十", "不是数字"),
        ("४०", "不是数字"),
        ("1 000", "不是数字"),
        ("30 人", "数字里夹着单位或文字，只填数字"),
        ("约30", "数字里夹着单位或文字，只填数字"),
        ("1e3", "数字里夹着单位或文字，只填数字"),
        ("2/3", "数字里夹着单位或文字，只填数字"),
        ("1,0000", "逗号只能隔开千位，如 1,000"),
        ("1,00,000", "逗号只能隔开千位，如 1,000"),
        (".5", "小数点两边都要有数字，如 0.5"),
        ("5.", "小数点两边都要有数字，如 0.5"),
        ("nan", "不是有限的数字"),
        ("-.inf", "不是有限的数字"),
        (Decimal("NaN"), "不是有限的数字"),
        (Decimal("Infinity"), "不是有限的数字"),
        (float("inf"), "不是有限的数字"),
    ],
)
def test_what_is_no_number_says_why(written, reason):
    with pytest.raises(NotANumber) as refused:
        read_number(written)
    assert str(refused.value) == reason


def test_a_page_of_text_is_refused_without_going_over_it_again_and_again():
    """A search that starts anew at every letter would take days over this."""
    with pytest.raises(NotANumber, match="不是数字"):
        read_number("字" * 1_000_000)
    with pytest.raises(NotANumber, match="夹着单位或文字"):
        read_number("1\n" + "字" * 1_000_000)


@pytest.mark.parametrize(
    "long",
    ["9" * 10_000, 10**10_000, Decimal("1E+999999999"), Decimal("1." + "3" * 40)],
    ids=["text", "integer", "exponent", "decimals"],
)
def test_endless_number_is_refused_at_once(long):
    with pytest.raises(NotANumber, match=f"超过 {MAX_DIGITS} 位"):
        read_number(long)


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_what_is_shown_reads_back_as_the_same_number(digits, places):
    number = Fraction(digits, 10**places)
    assert read_number(show(number)) == number
    assert read_number(show_percent(number)) == number or places > 4


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(1, 3), "0.333333"),
        (Fraction(2, 3), "0.666667"),
        (Fraction(-1, 2), "-0.5"),
        (Fraction(-1, 10**7), "0"),
        (100, "100"),
    ],
)
def test_number_is_shown_without_trailing_zeros(number, text):
    assert show(number) == text


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4))
def test_halves_go_up(top, bottom):
    assert half_up(top, bottom) - Fraction(top, bottom) <= Fraction(1, 2)
    assert Fraction(top, bottom) - half_up(top, bottom) < Fraction(1, 2)

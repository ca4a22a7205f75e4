"""Agreement of inspectors: the published example, its laws, and against counting pair by pair."""

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.agreement import agreement, krippendorff, percent

EXAMPLE = """
1 1 . 1
2 2 3 2
3 3 3 3
3 3 3 3
2 2 2 2
1 2 3 4
4 4 4 4
1 1 2 1
2 2 2 2
. 5 5 5
. . 1 1
. 3 . .
"""
"""Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section D: four observers, twelve units."""

values = st.integers(0, 20).map(lambda number: Fraction(number, 2))
units = st.lists(st.lists(values, max_size=5), max_size=8)


def example() -> list[list[Fraction]]:
    return [[Fraction(one) for one in line.split() if one != "."] for line in EXAMPLE.strip().splitlines()]


def test_the_published_example():
    alpha = krippendorff(example())
    assert round(alpha, 3) == Fraction("0.849")
    found = agreement(example())
    assert (found.units, found.alpha) == (11, "0.849")


@pytest.mark.parametrize(
    ("given_", "same", "alpha"),
    [
        ([], None, None),
        ([[Fraction(3)]], None, None),
        ([[Fraction(3), Fraction(3)]], 1, None),
        ([[Fraction(3), Fraction(3)], [Fraction(5), Fraction(5)]], 1, 1),
        ([[Fraction(0), Fraction(4)], [Fraction(4), Fraction(0)]], 0, Fraction(-1, 2)),
        ([[Fraction(1), Fraction(1), Fraction(2)]], Fraction(1, 3), 0),
    ],
)
def test_small_cases(given_, same, alpha):
    assert percent(given_) == same
    assert krippendorff(given_) == alpha


def by_pairs(given_):
    kept = [unit for unit in given_ if len(unit) > 1]
    every = [value for unit in kept for value in unit]
    observed = sum(
        Fraction((one - two) ** 2, len(unit) - 1) for unit in kept for one, two in permutations(unit, 2)
    )
    expected = sum((one - two) ** 2 for one, two in permutations(every, 2))
    return 1 - observed * (len(every) - 1) / expected if expected else None


@given(units)
def test_the_short_sum_is_the_sum_over_pairs(given_):
    assert krippendorff(given_) == by_pairs(given_)


@given(units)
def test_agreement_is_never_more_than_all(given_):
    alpha, same = krippendorff(given_), percent(given_)
    assert alpha is None or alpha <= 1
    assert same is None or 0 <= same <= 1
    assert (alpha == 1) <= (same == 1)


@given(units, st.integers(1, 9), st.integers(-9, 9), st.randoms())
def test_order_scale_and_shift_do_not_matter(given_, times, plus, chance):
    moved = [[value * times + plus for value in unit] for unit in given_]
    for unit in moved:
        chance.shuffle(unit)
    chance.shuffle(moved)
    assert krippendorff(moved) == krippendorff(given_)
    assert percent(moved) == percent(given_)

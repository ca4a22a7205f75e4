"""How far inspectors agree: the share of equal pairs, and Krippendorff's alpha for points. Exact, and without a store.

A unit is one thing that several inspectors judged; one that fewer than two judged says nothing and is left out.
Alpha is 1 when all agree and 0 when they agree as if by chance; with differences squared (points have a size),
Krippendorff, *Content Analysis*, chapter 12. The figures describe a review; no score depends on them.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from engine.exact import show

Unit = Sequence[Fraction | int]
"""What the inspectors gave to one thing, in any order; who could not say is left out."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far inspectors agree, as text: percent of equal pairs, and alpha where there is something to compare."""

    units: int
    pairs: int
    percent: str | None
    alpha: str | None


def agreement(units: Iterable[Unit]) -> Agreement:
    """Return both figures for some units."""
    kept = _in_whole_steps(unit for unit in units if len(unit) > 1)
    same, alpha = percent(kept), krippendorff(kept)
    return Agreement(
        len(kept),
        sum(_pairs(len(unit)) for unit in kept),
        None if same is None else show(same * 100, 1),
        None if alpha is None else show(alpha, 3),
    )


def percent(units: Iterable[Unit]) -> Fraction | None:
    """Return the share of pairs of inspectors who gave the same; None where nobody can be compared."""
    pairs = equal = 0
    for unit in units:
        pairs += _pairs(len(unit))
        equal += sum(_pairs(unit.count(value)) for value in set(unit))
    return Fraction(equal, pairs) if pairs else None


def krippendorff(units: Iterable[Unit]) -> Fraction | None:
    """Return alpha with squared differences; None where nothing differs anywhere, because chance says nothing then.

    Within a unit of m values each ordered pair weighs 1/(m-1). The sum of squared differences over ordered pairs
    is 2(m·Σv² - (Σv)²), so that no pair has to be looked at.
    """
    kept = _in_whole_steps(unit for unit in units if len(unit) > 1)
    every = [value for unit in kept for value in unit]
    expected = _spread(every)
    if not expected:
        return None
    spreads = Counter[int]()
    for unit in kept:
        spreads[len(unit) - 1] += _spread(unit)
    observed = sum((Fraction(spread, weight) for weight, spread in spreads.items()), Fraction(0))
    return 1 - observed * (len(every) - 1) / expected


def _in_whole_steps(units: Iterable[Unit]) -> list[list[int]]:
    """Return units in the smallest step that all values share: neither figure depends on it, and whole numbers are quick."""
    found = [tuple(unit) for unit in units]
    step = lcm(*{value.denominator for unit in found for value in unit})
    return [[value.numerator * (step // value.denominator) for value in unit] for unit in found]


def _spread(values: Sequence[int]) -> int:
    total = sum(values)
    return 2 * (len(values) * sum(value * value for value in values) - total * total)


def _pairs(count: int) -> int:
    return count * (count - 1) // 2

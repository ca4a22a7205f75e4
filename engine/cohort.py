"""Numbers about many scorecards: means, bands, where points are lost, and how far two layers lie apart. All exact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from engine.exact import half_up, read_number, show, show_points
from engine.judge import Scorecard


class Mark(NamedTuple):
    """One indicator of one scorecard: its full points, what was earned, and whether it counted."""

    full: Fraction
    low: Fraction
    high: Fraction
    state: str

    @property
    def settled(self) -> bool:
        """Whether it counted and nothing was open."""
        return self.state == "settled" and self.low == self.high


def marks_of(card: Scorecard) -> dict[str, list[str]]:
    """Return the marks of a scorecard by indicator, as short text: full, low, high, state."""
    return {
        name: [
            *(show_points(one, card.edition.per_point) for one in (found.leaf.points, found.low, found.high)),
            found.state,
        ]
        for name, found in card.findings.items()
    }


def read_marks(marks: Mapping[str, Sequence[str]]) -> dict[str, Mark]:
    """Return marks as numbers."""
    return {
        name: Mark(_number(full), _number(low), _number(high), state)
        for name, (full, low, high, state) in marks.items()
    }


@lru_cache(maxsize=65536)
def _number(text: str) -> Fraction:
    return read_number(text)


def mean(numbers: Sequence[Fraction], places: int = 2) -> str | None:
    """Print the mean, rounded half up to so many places once, at the end; None of nothing."""
    return show(sum(numbers, Fraction(0)) / len(numbers), places) if numbers else None


def bands(totals: Iterable[Fraction], full: Fraction, count: int = 10) -> tuple[int, ...]:
    """Return how many totals lie in each of so many equal bands of the full points; the full points in the last."""
    found = [0] * count
    for total in totals:
        place = total * count // full
        found[max(0, min(count - 1, int(place)))] += 1
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Earned:
    """What all scorecards together earned of one indicator: the share, and of how many scorecards."""

    indicator: str
    rate: str
    of: int
    open: int


def earned(cards: Sequence[Mapping[str, Mark]]) -> tuple[Earned, ...]:
    """Return the share of its points that each indicator earned, the hardest first; what is open is only counted."""
    rows = list[tuple[Fraction, str, Earned]]()
    for name, rate in rates(cards).items():
        marks = [card[name] for card in cards if name in card]
        sure, waiting = (
            sum(one.settled for one in marks),
            sum(one.state in ("open", "doubtful") for one in marks),
        )
        rows.append((rate, name, Earned(name, show(rate * 100, 2), sure, waiting)))
    return tuple(row for _, _, row in sorted(rows, key=lambda one: one[:2]))


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a second layer lies from the first in one indicator, in points: on the whole and without signs."""

    indicator: str
    mean: str
    size: str
    of: int
    changed: int


def gaps(pairs: Sequence[tuple[Mapping[str, Mark], Mapping[str, Mark]]]) -> tuple[Gap, ...]:
    """Return the differences, second less first, where both are settled; the largest first."""
    names = dict.fromkeys(name for first, _ in pairs for name in first)
    rows = list[tuple[Fraction, str, Gap]]()
    for name in names:
        found = [
            second[name].low - first[name].low
            for first, second in pairs
            if name in first and name in second and first[name].settled and second[name].settled
        ]
        if found:
            size = sum(map(abs, found), Fraction(0)) / len(found)
            changed = sum(one != 0 for one in found)
            gap = Gap(name, str(mean(found)), show(size, 2), len(found), changed)
            rows.append((-size, name, gap))
    return tuple(row for _, _, row in sorted(rows, key=lambda one: one[:2]))


def quartiles(totals: Sequence[Fraction]) -> tuple[str, str, str] | None:
    """Print the lower quartile, the median and the upper quartile (the value at that rank, no interpolation)."""
    ordered = sorted(totals)
    if not ordered:
        return None
    low, middle, high = _quarters(ordered)
    return show(low), show(middle), show(high)


def edges(full: Fraction, count: int = 10) -> tuple[tuple[str, str], ...]:
    """Print the ends of so many equal bands of the full points."""
    lines = [show(full * place / count) for place in range(count + 1)]
    return tuple(pairwise(lines))


@dataclass(frozen=True, slots=True)
class Moved:
    """How the share that all earned of an indicator changed from one round to a later one, in percentage points."""

    indicator: str
    before: str
    after: str
    change: str


def moved(before: Sequence[Mapping[str, Mark]], after: Sequence[Mapping[str, Mark]]) -> tuple[Moved, ...]:
    """Return what changed in the indicators that both rounds have, the largest loss first and the largest gain last."""
    first, second = rates(before), rates(after)
    rows = sorted((second[name] - first[name], name) for name in first.keys() & second.keys())
    return tuple(
        Moved(name, show(first[name] * 100, 2), show(second[name] * 100, 2), show(change * 100, 2))
        for change, name in rows
    )


def rates(cards: Sequence[Mapping[str, Mark]]) -> dict[str, Fraction]:
    """Return the share of its points that each indicator earned where it is settled."""
    found = dict[str, list[Fraction]]()
    for card in cards:
        for name, mark in card.items():
            if mark.settled:
                found.setdefault(name, []).append(mark.low / mark.full)
    return {name: sum(some, Fraction(0)) / len(some) for name, some in found.items()}


def growth(pairs: Sequence[tuple[Fraction, Fraction]]) -> str | None:
    """Print the mean change of shares from a first to a second round, in percentage points; None of nothing."""
    return mean([(second - first) * 100 for first, second in pairs])


def share_of(part: int, whole: int) -> str:
    """Print how many of a whole, in percent."""
    return show(Fraction(part * 100, whole), 1) if whole else "0"


def _quarters(ordered: Sequence[Fraction]) -> tuple[Fraction, Fraction, Fraction]:
    """Return the values at the ranks of the three quarters."""
    low, middle, high = (ordered[max(0, half_up(quarter * len(ordered), 4) - 1)] for quarter in (1, 2, 3))
    return low, middle, high


@dataclass(frozen=True, slots=True)
class Unusual:
    """A mark that lies far from those of others: theirs in the middle, and how many of them lie as far out."""

    indicator: str
    above: bool
    median: str
    of: int
    as_far: int


FEWEST_OTHERS = 10
"""With fewer others than this nothing is called unusual."""


def unusual(own: Mapping[str, Mark], others: Sequence[Mapping[str, Mark]]) -> tuple[Unusual, ...]:
    """Return the settled marks that lie far out, with at most one in ten of the others as far.

    Far is beyond the quartiles by more than one and a half times what lies between them (Tukey's fences).
    """
    found = list[Unusual]()
    for name, mine in own.items():
        shares = sorted(
            one.low / one.full for card in others if (one := card.get(name)) is not None and one.settled
        )
        if not mine.settled or len(shares) < FEWEST_OTHERS:
            continue
        low, middle, high = _quarters(shares)
        share, room = mine.low / mine.full, (high - low) * 3 / 2
        above = share > high + room
        if not above and share >= low - room:
            continue
        as_far = sum(one >= share if above else one <= share for one in shares)
        if as_far * 10 <= len(shares):
            found.append(Unusual(name, above, show(middle * mine.full, 2), len(shares), as_far))
    return tuple(found)


def heaviest(fulls: Mapping[str, Fraction]) -> frozenset[str]:
    """Return the names that weigh more than three quarters of all do."""
    line = _quarters(sorted(fulls.values()))[2] if fulls else Fraction(0)
    return frozenset(name for name, full in fulls.items() if full > line)

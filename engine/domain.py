"""What a variable may be worth while nobody has answered it."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

FAR = 1_000_000_000
"""The bound of a number whose checklist names none."""

FIRST_DAY = date(1900, 1, 1).toordinal()
LAST_DAY = date(2199, 12, 31).toordinal()


@dataclass(frozen=True, slots=True)
class Domain:
    """A closed range of numbers, whole unless `dense`; or the options of a single choice."""

    low: int | Fraction = 0
    high: int | Fraction = FAR
    dense: bool = False
    options: frozenset[str] = frozenset()

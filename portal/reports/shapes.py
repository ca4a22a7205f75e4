"""Where the bars of a chart begin and end, as shares of its width. For drawing only: numbers are told by the engine."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.losses import Step
from portal.reports.report import Part


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart: a solid stretch, then a light one for what is open. `kind` says what the solid one is."""

    title: str
    kind: str
    """sum: a sum; lost: what went; won: what came on top."""
    begin: float
    size: float
    open_begin: float
    open_size: float
    said: str
    """The change, or the sum, in points."""
    open_said: str
    """What is open, in points; empty for nothing."""


def falls(steps: Sequence[Step]) -> Iterator[Bar]:
    """Yield the bars of the way from full points to the total.

    The scale begins a little below the lowest point, so that small steps are seen; whoever draws it says so.
    """
    tops = [Decimal(one.before) for one in steps]
    tops += [Decimal(one.after) + _open(one) for one in steps]
    lows = [Decimal(one.after) for one in steps]
    base = max(Decimal(0), min(lows) - (max(tops) - min(lows)) / 4)
    scale = max(tops) - base or Decimal(1)
    for one in steps:
        before, after, open_ = Decimal(one.before), Decimal(one.after), _open(one)
        if one.kind in ("full", "total"):
            kind, begin, end, said = "sum", base, after, one.after
        elif after > before:
            kind, begin, end, said = "won", before, after, signed(one.lost)
        else:
            kind, begin, end, said = "lost", min(before, after + open_), before, signed(one.lost)
        yield Bar(
            one.title,
            kind,
            float((begin - base) / scale),
            float((end - begin) / scale),
            float((after - base) / scale),
            float(open_ / scale),
            said,
            "" if one.open == "0" else one.open.replace("-", "−"),
        )


def _open(one: Step) -> Decimal:
    return max(Decimal(0), Decimal(one.open))


def shares(parts: Iterable[Part]) -> Iterator[tuple[Part, float, float]]:
    """Yield each part with the certain and the possible share of its full points."""
    for one in parts:
        full = Decimal(one.full) or Decimal(1)
        yield one, float(Decimal(one.low) / full), float(Decimal(one.high) / full)


def signed(lost: str) -> str:
    """Print what was lost as a change: 5 as −5, -2 as +2, nothing as nothing."""
    if lost == "0":
        return ""
    return f"+{lost[1:]}" if lost.startswith("-") else f"−{lost}"

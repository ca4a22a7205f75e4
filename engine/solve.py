"""Whether integers in ranges can satisfy linear inequalities: a small exact solver.

The rules of a standard lead to a handful of inequalities over a few facts, so bounds propagation and a
search that tries the ends first settle them at once. The search has a budget; when it runs out the answer is
"perhaps", which keeps every interval sound.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from engine.domain import Domain
from engine.tree import Linear, Var

BUDGET = 3000
"""Search nodes before the solver gives up and says perhaps."""

Row = tuple[Linear, bool]
"""A linear form that must be at least zero, or (True) more than zero."""
Ranges = dict[Var, tuple[int | Fraction, int | Fraction]]


def feasible(rows: Iterable[Row], domains: Mapping[Var, Domain]) -> bool:
    """Whether some values in the domains satisfy every row (perhaps counts as yes)."""
    rows = list(rows)
    names = {var for form, _ in rows for var, _ in form.terms}
    ranges: Ranges = {var: (domains[var].low, domains[var].high) for var in names}
    dense = frozenset(var for var in names if domains[var].dense)
    return _search(rows, ranges, dense, [BUDGET])


def _search(rows: list[Row], ranges: Ranges, dense: frozenset[Var], budget: list[int]) -> bool:
    budget[0] -= 1
    if budget[0] < 0:
        return True
    if not _narrow(rows, ranges, dense):
        return False
    rows = [row for row in rows if not _sure(row, ranges)]
    if not rows:
        return True
    var = min(
        {var for form, _ in rows for var, _ in form.terms if ranges[var][0] < ranges[var][1]},
        key=lambda name: (ranges[name][1] - ranges[name][0], name),
        default=None,
    )
    if var is None:
        return False
    low, high = ranges[var]
    middle = (Fraction(low) + high) / 2 if var in dense else (low + high) // 2
    step = 0 if var in dense else 1
    pieces = [(high, high), (low, low)]
    if low + step < high - step or (not step and low < high):
        pieces += [(low + step, middle), (middle + step, high - step)]
    return any(_search(rows, {**ranges, var: piece}, dense, budget) for piece in pieces if piece[0] <= piece[1])


def _sure(row: Row, ranges: Ranges) -> bool:
    """Whether the row holds wherever in the ranges."""
    form, strict = row
    least = form.const + sum(k * ranges[var][0 if k > 0 else 1] for var, k in form.terms)
    return least > 0 if strict else least >= 0


def _narrow(rows: list[Row], ranges: Ranges, dense: frozenset[Var]) -> bool:
    """Tighten the ranges by each row until nothing moves much; False when a row cannot hold."""
    for _ in range(200):
        moved = False
        for form, strict in rows:
            most = form.const + sum(k * ranges[var][1 if k > 0 else 0] for var, k in form.terms)
            if most < 0 or (strict and most == 0):
                return False
            for var, factor in form.terms:
                low, high = ranges[var]
                rest = most - factor * (high if factor > 0 else low)
                end = Fraction(-rest) / factor
                if var not in dense:
                    end = _whole(end, up=factor > 0, strict=strict)
                if factor > 0 and end > low:
                    ranges[var] = (end, high)
                elif factor < 0 and end < high:
                    ranges[var] = (low, end)
                else:
                    continue
                if ranges[var][0] > ranges[var][1]:
                    return False
                moved = True
        if not moved:
            break
    return True


def _whole(end: Fraction, *, up: bool, strict: bool) -> int:
    """Round a bound inwards to a whole number, past it when the row is strict."""
    if up:
        return end.numerator // end.denominator + 1 if strict else -(-end.numerator // end.denominator)
    return -(-end.numerator // end.denominator) - 1 if strict else end.numerator // end.denominator

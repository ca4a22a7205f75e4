"""Whether integers in ranges can satisfy linear inequalities: a small exact solver.

The rules of a standard lead to a handful of inequalities over a few facts. Bounds propagation settles most of
them, Fourier-Motzkin elimination finds every contradiction between fractions, and a search that tries the ends
first finds whole numbers. The search has a budget; when it runs out the answer is "perhaps", which keeps every
interval sound.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from engine.domain import Domain
from engine.tree import Linear, Var

BUDGET = 400
"""Search nodes before the solver gives up and says perhaps."""

ROUNDS = 6
"""Rounds of propagation before the search goes on."""

MOST_ELIMINATED = 4
"""Variables that are eliminated; sums over more of them are left to propagation and search."""

Row = tuple[Linear, bool]
"""A linear form that must be at least zero, or (True) more than zero."""
Ranges = dict[Var, tuple[int | Fraction, int | Fraction]]


def feasible(rows: Iterable[Row], domains: Mapping[Var, Domain]) -> bool:
    """Whether some values in the domains satisfy every row (perhaps counts as yes)."""
    rows = list(rows)
    names = {var for form, _ in rows for var, _ in form.terms}
    dense = frozenset(var for var in names if domains[var].dense)
    stack: list[tuple[list[Row], Ranges]] = [
        (rows, {var: (domains[var].low, domains[var].high) for var in names})
    ]
    for turn in range(BUDGET):
        if not stack:
            return False
        rows, ranges = stack.pop()
        if not _narrow(rows, ranges, dense):
            continue
        rows = [row for row in rows if not _sure(row, ranges)]
        if not rows:
            return True
        if not turn and _contradict(rows, ranges):
            return False
        stack += [(rows, {**ranges, **piece}) for piece in reversed(_pieces(rows, ranges, dense))]
    return True


def _pieces(rows: list[Row], ranges: Ranges, dense: frozenset[Var]) -> list[Ranges]:
    """Cut the shortest open range: its ends first, for they satisfy most rules, then its halves."""
    open_ = {var for form, _ in rows for var, _ in form.terms if ranges[var][0] < ranges[var][1]}
    if not open_:
        return []
    var = min(open_, key=lambda name: (ranges[name][1] - ranges[name][0], name))
    low, high = ranges[var]
    middle = (Fraction(low) + high) / 2 if var in dense else (low + high) // 2
    step = 0 if var in dense else 1
    pieces = [(high, high), (low, low), (low + step, middle), (middle + step, high - step)]
    return [{var: piece} for piece in pieces if piece[0] <= piece[1]]


def _contradict(rows: list[Row], ranges: Ranges) -> bool:
    """Whether no fractions satisfy the rows and ranges together: eliminate one variable after another."""
    names = sorted({var for form, _ in rows for var, _ in form.terms})
    if len(names) > MOST_ELIMINATED:
        return False
    system = [(dict(form.terms), Fraction(form.const), strict) for form, strict in rows]
    for var in names:
        low, high = ranges[var]
        system += [({var: 1}, Fraction(-low), False), ({var: -1}, Fraction(high), False)]
    for var in names:
        rising = [row for row in system if row[0].get(var, 0) > 0]
        falling = [row for row in system if row[0].get(var, 0) < 0]
        system = [row for row in system if not row[0].get(var, 0)]
        system += [_eliminated(var, up, down) for up in rising for down in falling]
    return any(const < 0 or (strict and const == 0) for _, const, strict in system)


_Equation = tuple[dict[Var, int], Fraction, bool]


def _eliminated(var: Var, up: _Equation, down: _Equation) -> _Equation:
    """Add two rows so that the variable falls out."""
    one, other = -down[0][var], up[0][var]
    sums = {
        name: up[0].get(name, 0) * one + down[0].get(name, 0) * other
        for name in up[0].keys() | down[0].keys()
    }
    return sums, up[1] * one + down[1] * other, up[2] or down[2]


def _sure(row: Row, ranges: Ranges) -> bool:
    """Whether the row holds wherever in the ranges."""
    form, strict = row
    least = form.const
    for var, factor in form.terms:
        least += factor * ranges[var][0 if factor > 0 else 1]  # type: ignore[assignment]
    return least > 0 if strict else least >= 0


def _narrow(rows: list[Row], ranges: Ranges, dense: frozenset[Var]) -> bool:
    """Tighten the ranges by each row until nothing moves; False when a row cannot hold."""
    alone = all(len(form.terms) == 1 for form, _ in rows)
    for _ in range(1 if alone else ROUNDS):
        moved = False
        for form, strict in rows:
            most = form.const
            for var, factor in form.terms:
                most += factor * ranges[var][1 if factor > 0 else 0]  # type: ignore[assignment]
            if most < 0 or (strict and most == 0):
                return False
            for var, factor in form.terms:
                low, high = ranges[var]
                end = _end(
                    most - factor * (high if factor > 0 else low), factor, strict=strict, dense=var in dense
                )
                if factor > 0 and end > low:
                    ranges[var] = (end, high)
                elif factor < 0 and end < high:
                    ranges[var] = (low, end)
                else:
                    continue
                moved = True
        if not moved:
            break
    return True


def _end(rest: int | Fraction, factor: int, *, strict: bool, dense: bool) -> int | Fraction:
    """Return the bound that `factor * x + rest` at least (or above) zero sets for x, whole unless dense."""
    if dense:
        return Fraction(-rest) / factor
    if factor > 0:
        return int(-rest // factor) + 1 if strict else int(-(rest // factor))
    return -(int(-rest // -factor) + 1) if strict else int(rest // -factor)

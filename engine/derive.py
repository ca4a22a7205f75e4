"""Computed numbers: what they are when their facts are known, and their range while they are not."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from engine.build.vocabulary import Computed, day_number
from engine.domain import FAR, FIRST_DAY, LAST_DAY, Domain
from engine.evaluate import Known, truth, worth
from engine.models.checklist import Fact, Table
from engine.tree import Quantity, Var, union, vars_of
from engine.workdays import NoCalendar, deadline, month_of, workdays_between

ANYTHING = Fraction(FAR)
"""Stands for any number, where a divisor is zero or no figure of the law applies."""

REGION = "@region"
TODAY = "@ago:0"
MINUTES_A_DAY = 24 * 60


def compute(made: Computed, known: Known) -> Fraction | None:
    """Return the value of a computed number; None while something it reads is missing."""
    if made.table is not None:
        ends = _aggregate(made, known)
        return ends[0] if ends and ends[0] == ends[1] else None
    if made.operator == "choose":
        return _chosen(made, known)
    if made.operator == "count":
        results = [truth(one, known) for one in made.conditions if one]
        return None if None in results else Fraction(sum(map(bool, results)))
    if made.operator == "parameter":
        return _parameter(made, known)
    values = [worth(one, known) for one in made.quantities]
    if None in values:
        return None
    return _combine(made, [value for value in values if value is not None])


def has_blanks(made: Computed, known: Known) -> bool:
    """Whether a cell that an aggregate reads is blank in some row."""
    if made.table is None:
        return False
    rows = known.get(made.table.table)
    reads = union(made.conditions).union(*(vars_of(one.top) for one in made.quantities)) - known.keys()
    return isinstance(rows, tuple) and any(reads - row.keys() for row in rows)


def _combine(made: Computed, values: list[Fraction]) -> Fraction | None:
    match made.operator:
        case "sum":
            return sum(values, Fraction(0))
        case "times":
            return values[0] * values[1]
        case "ratio":
            return values[0] / values[1] if values[1] > 0 else None
        case "least":
            return min(values)
        case "greatest":
            return max(values)
        case "quotient":
            return values[0]
        case "date_of":
            return Fraction(values[0] // MINUTES_A_DAY)
    try:
        if made.operator.startswith("workdays"):
            counted = made.operator == "workdays_with_start"
            return Fraction(workdays_between(int(values[0]), int(values[1]), start_counts=counted))
        days, workdays, roll = made.amounts
        return Fraction(deadline(int(values[0]), days, workdays, roll=bool(roll)))
    except NoCalendar:
        return None


def _chosen(made: Computed, known: Known) -> Fraction | None:
    for when, value in zip(made.conditions, made.quantities, strict=True):
        result = True if when is None else truth(when, known)
        if result is None:
            return None
        if result:
            return worth(value, known)
    return None


def _parameter(made: Computed, known: Known) -> Fraction | None:
    """Return the value in force on the day and in the region; a value for the region beats one for all."""
    assert made.parameter is not None
    values = made.parameter.values
    day = worth(made.quantities[-1], known) if made.parameter.by else known.get(TODAY)
    if day is None:
        return None
    region = known.get(REGION)
    for wanted in (region, None):
        for dated, value in zip(values, made.quantities, strict=False):
            early = dated.from_ is not None and day < day_number(dated.from_)  # type: ignore[operator]
            late = dated.to is not None and day > day_number(dated.to)  # type: ignore[operator]
            if dated.region == wanted and not early and not late:
                return worth(value, known)
    return None


def _aggregate(made: Computed, known: Known, blank: Domain | None = None) -> tuple[Fraction, Fraction] | None:
    """Return the least and greatest an aggregate can be; a blank cell may be anything in its column's range.

    None when the rows are not known, or there is none to compute from.
    """
    assert made.table is not None
    rows = known.get(made.table.table)
    if not isinstance(rows, tuple):
        return None
    where, of = made.conditions
    counted = [truth(of, {**known, **row}) if of else True for row in rows]
    base = [row for row, held in zip(rows, counted, strict=True) if held]
    results = [truth(where, {**known, **row}) if where else True for row in base]
    if None in counted:
        return None
    if made.operator in ("count", "share") and not made.table.distinct:
        sure, open_ = Fraction(results.count(True)), results.count(None)
        size = len(base) if made.operator == "share" else 1
        return (sure / size, (sure + open_) / size) if size else None
    kept = [row for row, held in zip(base, results, strict=True) if held]
    return None if None in results else _column(made, kept, known, blank)


def _column(
    made: Computed, rows: list[dict[str, Any]], known: Known, blank: Domain | None
) -> tuple[Fraction, Fraction] | None:
    cells = [
        row.get(made.table.column or "")
        if made.table and made.table.distinct
        else worth(made.quantities[0], row)
        for row in rows
    ]
    if None in cells and (blank is None or made.operator in _WHOLE):
        return None
    ends = list[Fraction]()
    for end in (blank.low, blank.high) if blank is not None else (0, 0):
        value = _folded(made, [Fraction(end) if cell is None else cell for cell in cells], rows, known)
        if value is None:
            return None
        ends.append(value)
    return ends[0], ends[1]


_WHOLE = ("latest", "months_covered", "count", "weighted_mean")
"""Aggregates that wait until no cell is blank."""


def _folded(made: Computed, values: list[Any], rows: list[dict[str, Any]], known: Known) -> Fraction | None:
    assert made.table is not None
    rank = made.table.rank
    match made.operator:
        case "count":
            return Fraction(len(set(values)))
        case "sum":
            return sum(values, Fraction(0))
        case "months_covered":
            today = known.get(TODAY)
            if not isinstance(today, int):
                return None
            this_month = month_of(today)
            since = this_month - (made.table.months or 1200)
            return Fraction(
                len({month_of(int(day)) for day in values if since < month_of(int(day)) <= this_month})
            )
    if len(values) < rank:
        return None
    match made.operator:
        case "latest":
            return Fraction(max(values))
        case "mean":
            return sum(values, Fraction(0)) / len(values)
        case "least":
            return Fraction(sorted(values)[rank - 1])
        case "greatest":
            return Fraction(sorted(values)[-rank])
    weights = [weight for row in rows if (weight := worth(made.quantities[1], row)) is not None]
    total = sum(weights)
    if len(weights) < len(rows) or not total:
        return None
    return sum((v * w for v, w in zip(values, weights, strict=True)), Fraction(0)) / total


def reach(made: Computed, known: Known, domains: Mapping[Var, Domain], fact: Fact | None) -> Domain:
    """Return the range a computed number can lie in while it is not known."""
    if made.table is not None and fact is not None and fact.answer.table is not None:
        return _table_range(made, known, fact.answer.table)
    ranges = [span(one, known, domains) for one in made.quantities]
    match made.operator:
        case "count":
            results = [truth(one, known) for one in made.conditions if one]
            return Domain(results.count(True), len(results) - results.count(False))
        case "workdays" | "workdays_with_start":
            (a, b), (c, d) = ranges[0], ranges[1]
            more = int(made.operator == "workdays_with_start")
            return Domain(min(int(c - b), 0) - more, max(int(d - a), 0) + more)
        case "date_of":
            low, high = ranges[0]
            return Domain(int(low // MINUTES_A_DAY), int(high // MINUTES_A_DAY))
        case "deadline":
            days, workdays, _ = made.amounts
            return Domain(int(ranges[0][0]) + days, int(ranges[0][1]) + days + workdays * 4 + 20)
        case "sum":
            return Domain(ranges[0][0] + ranges[1][0], ranges[0][1] + ranges[1][1], dense=True)
        case "times":
            return _hull([a * b for a in ranges[0] for b in ranges[1]])
        case "ratio":
            low, high = ranges[1]
            return (
                _hull([a / b for a in ranges[0] for b in (low, high)])
                if low > 0
                else _hull([-ANYTHING, ANYTHING])
            )
        case "least":
            return Domain(min(r[0] for r in ranges), min(r[1] for r in ranges), dense=True)
        case "greatest":
            return Domain(max(r[0] for r in ranges), max(r[1] for r in ranges), dense=True)
    if made.parameter is not None:
        return _figures(made, known, ranges)
    return _hull([end for one in ranges for end in one])


def _figures(made: Computed, known: Known, ranges: list[tuple[Fraction, Fraction]]) -> Domain:
    """Return the range of a figure of the law: those of this region, if they cover every day it may be."""
    assert made.parameter is not None
    anything = _hull([-ANYTHING, ANYTHING])
    if not made.parameter.by or worth(made.quantities[-1], known) is not None:
        return anything
    first, last = ranges[-1]
    here = [
        (_day(one.from_, FIRST_DAY), _day(one.to, LAST_DAY), values)
        for one, values in zip(made.parameter.values, ranges, strict=False)
        if one.region in (known.get(REGION), None)
    ]
    possible = sorted((one for one in here if one[0] <= last and one[1] >= first), key=lambda one: one[:2])
    covered = first
    for start, end, _ in possible:
        covered = max(covered, Fraction(end + 1)) if start <= covered else covered
    return _hull([end for *_, values in possible for end in values]) if covered > last else anything


def _day(text: str | None, otherwise: int) -> int:
    return otherwise if text is None else day_number(text)


def _hull(ends: list[Fraction]) -> Domain:
    return Domain(min(ends), max(ends), dense=True)


def span(quantity: Quantity, known: Known, domains: Mapping[Var, Domain]) -> tuple[Fraction, Fraction]:
    """Return the least and greatest value of a quantity over the ranges of what it reads."""
    (a, b), (c, d) = (_ends(form, known, domains) for form in (quantity.top, quantity.bottom))
    if d <= 0:
        return -ANYTHING, ANYTHING
    divisors = [max(c, Fraction(1)), d] if quantity.divides else [c]
    ends = [top / bottom for top in (a, b) for bottom in divisors]
    return min(ends), max(ends)


def _ends(form: Any, known: Known, domains: Mapping[Var, Domain]) -> tuple[Fraction, Fraction]:
    low = high = Fraction(form.const)
    for var, factor in form.terms:
        value, domain = known.get(var), domains.get(var, Domain())
        around = (value, value) if isinstance(value, int | Fraction) else (domain.low, domain.high)
        ends = [factor * Fraction(one) for one in around]
        low, high = low + min(ends), high + max(ends)
    return low, high


def _table_range(made: Computed, known: Known, table: Table) -> Domain:
    """Return the range of an aggregate: from the rows that are there, or from what rows there could be."""
    assert made.table is not None
    column = _column_range(table, made.table.column) if made.table.column else Domain()
    ends = _aggregate(made, known, column)
    whole = made.operator in ("count", "months_covered", "latest")
    if ends is not None:
        return Domain(int(ends[0]), int(ends[1])) if whole else Domain(*ends, dense=True)
    rows = known.get(made.table.table)
    fewest, most = (len(rows), len(rows)) if isinstance(rows, tuple) else (table.at_least, table.at_most)
    match made.operator:
        case "count":
            return Domain(0, most)
        case "share":
            return Domain(Fraction(0), Fraction(1), dense=True)
        case "months_covered":
            return Domain(0, min(most, made.table.months or most))
        case "latest":
            return Domain(FIRST_DAY, LAST_DAY)
        case "sum":
            low = min(column.low * most, column.low * fewest)
            return Domain(low, max(column.high * most, column.high * fewest), dense=True)
    return column


def _column_range(table: Table, column: str) -> Domain:
    if column in table.derive:
        return _hull([-ANYTHING, ANYTHING])
    answer = table.columns[column]
    bounds = answer.integer or answer.number or answer.percent or answer.money
    low = bounds.at_least if bounds and isinstance(bounds.at_least, Fraction) else Fraction(0)
    far = Fraction(1) if answer.kind == "percent" else Fraction(10**9)
    high = bounds.at_most if bounds and isinstance(bounds.at_most, Fraction) else far
    return Domain(low, high, dense=True)

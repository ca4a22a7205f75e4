"""Computed numbers: what they are when their facts are known, and their range while they are not."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from engine.build.vocabulary import Computed, day_number, scale_of
from engine.domain import FAR, FIRST_DAY, LAST_DAY, Domain
from engine.evaluate import Known, truth, worth
from engine.models.checklist import Fact, Table
from engine.tree import Quantity, Var
from engine.workdays import NoCalendar, deadline, month_of, workdays_between

Rows = tuple[dict[str, Any], ...]
REGION = "@region"
TODAY = "@ago:0"


def compute(made: Computed, known: Known) -> Fraction | None:
    """Return the value of a computed number; None while something it reads is missing."""
    if made.table is not None:
        low, high = _aggregate(made, known)
        return low if low == high else None
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
    try:
        if made.operator == "workdays":
            return Fraction(workdays_between(int(values[0]), int(values[1])))
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
    """The value in force on the day and in the region; a value for the region beats one for all."""
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


def _aggregate(made: Computed, known: Known) -> tuple[Fraction | None, Fraction | None]:
    """Return the least and greatest an aggregate can be, given blank cells in rows."""
    assert made.table is not None
    rows = known.get(made.table.table)
    if not isinstance(rows, tuple):
        return None, Fraction(0)
    where, of = made.conditions
    if made.operator in ("count", "share"):
        return _counted(made.operator, rows, where, of, known)
    kept = list[dict[str, Any]]()
    for row in rows:
        result = True if where is None else truth(where, {**known, **row})
        if result is None:
            return None, Fraction(0)
        kept += [row] if result else []
    value = _column(made, kept, known)
    return (value, value) if value is not None else (None, Fraction(0))


def _counted(
    operator: str, rows: Rows, where: Any, of: Any, known: Known
) -> tuple[Fraction | None, Fraction | None]:
    base = [row for row in rows if of is None or truth(of, {**known, **row})]
    if of is not None and any(truth(of, {**known, **row}) is None for row in rows):
        return None, Fraction(0)
    results = [True if where is None else truth(where, {**known, **row}) for row in base]
    sure, open_ = results.count(True), results.count(None)
    if operator == "count":
        return Fraction(sure), Fraction(sure + open_)
    return (Fraction(sure, len(base)), Fraction(sure + open_, len(base))) if base else (None, Fraction(0))


def _column(made: Computed, rows: list[dict[str, Any]], known: Known) -> Fraction | None:
    assert made.table is not None
    cells = [worth(made.quantities[0], row) for row in rows]
    values = [cell for cell in cells if cell is not None]
    if len(values) < len(cells):
        return None
    if made.operator == "latest":
        return max(values, default=None)
    if made.operator == "months_covered":
        this_month = month_of(int(known[TODAY]))  # type: ignore[arg-type]
        since = this_month - (made.table.months or 1200)
        return Fraction(len({month_of(int(day)) for day in values if since < month_of(int(day)) <= this_month}))
    return _folded(made, values, rows)


def _folded(made: Computed, values: list[Fraction], rows: list[dict[str, Any]]) -> Fraction | None:
    if made.operator == "sum":
        return sum(values, Fraction(0))
    if not values:
        return None
    match made.operator:
        case "mean":
            return sum(values, Fraction(0)) / len(values)
        case "least":
            return min(values)
        case "greatest":
            return max(values)
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
        case "workdays":
            (a, b), (c, d) = ranges[0], ranges[1]
            return Domain(min(int(c - b), 0), max(int(d - a), 0))
        case "deadline":
            days, workdays, _ = made.amounts
            return Domain(int(ranges[0][0]) + days, int(ranges[0][1]) + days + workdays * 4 + 20)
        case "sum":
            return Domain(ranges[0][0] + ranges[1][0], ranges[0][1] + ranges[1][1], dense=True)
        case "times":
            return _hull([a * b for a in ranges[0] for b in ranges[1]])
        case "ratio":
            low, high = ranges[1]
            return _hull([a / b for a in ranges[0] for b in (low, high)]) if low > 0 else Domain(-FAR, FAR, dense=True)
        case "least":
            return Domain(min(r[0] for r in ranges), min(r[1] for r in ranges), dense=True)
        case "greatest":
            return Domain(max(r[0] for r in ranges), max(r[1] for r in ranges), dense=True)
    if made.parameter is not None and made.parameter.by:
        ranges = ranges[:-1]
    return _hull([end for one in ranges for end in one])


def _hull(ends: list[Fraction]) -> Domain:
    return Domain(min(ends), max(ends), dense=True)


def span(quantity: Quantity, known: Known, domains: Mapping[Var, Domain]) -> tuple[Fraction, Fraction]:
    """Return the least and greatest value of a quantity over the ranges of what it reads."""
    (a, b), (c, d) = (_ends(form, known, domains) for form in (quantity.top, quantity.bottom))
    divisors = [max(c, Fraction(1)), max(d, Fraction(1))] if quantity.divides else [c]
    ends = [Fraction(top) / bottom for top in (a, b) for bottom in divisors]
    return min(ends), max(ends)


def _ends(form: Any, known: Known, domains: Mapping[Var, Domain]) -> tuple[Fraction, Fraction]:
    low = high = Fraction(form.const)
    for var, factor in form.terms:
        value = known.get(var)
        domain = domains.get(var, Domain())
        ends = [Fraction(factor * one) for one in ((value, value) if value is not None else (domain.low, domain.high))]  # type: ignore[operator]
        low, high = low + min(ends), high + max(ends)
    return low, high


def _table_range(made: Computed, known: Known, table: Table) -> Domain:
    assert made.table is not None
    rows = known.get(made.table.table)
    most = len(rows) if isinstance(rows, tuple) else table.at_most
    fewest = len(rows) if isinstance(rows, tuple) else table.at_least
    low, high = _aggregate(made, known)
    match made.operator:
        case "count":
            return Domain(int(low or 0), int(high or most)) if low is not None else Domain(0, most)
        case "share":
            return Domain(low, high or 0, dense=True) if low is not None else Domain(Fraction(0), Fraction(1), dense=True)
        case "months_covered":
            return Domain(0, min(most, made.table.months or most))
        case "latest":
            return Domain(FIRST_DAY, LAST_DAY)
    ends = _column_range(table, made.table.column or "")
    if made.operator == "sum":
        return Domain(min(ends.low * most, ends.low * fewest), max(ends.high * most, 0), dense=True)
    return ends


def _column_range(table: Table, column: str) -> Domain:
    answer = table.columns[column]
    bounds = answer.integer or answer.number or answer.percent or answer.money
    low = bounds.at_least if bounds and isinstance(bounds.at_least, Fraction) else Fraction(0)
    far = Fraction(1) if answer.kind == "percent" else Fraction(10**9)
    high = bounds.at_most if bounds and isinstance(bounds.at_most, Fraction) else far
    return Domain(low, high, dense=scale_of(answer) != 0)

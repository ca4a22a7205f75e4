"""Sums, quotients and the like of quantities: linear where they can be, computed where they must."""

from collections.abc import Callable
from dataclasses import replace
from math import gcd

from engine.build.scope import CALLED, NUMERIC, Scope
from engine.problem import Path
from engine.tree import ONE, Kind, Linear, Quantity


def fits(
    scope: Scope, parts: list[Quantity], kinds: tuple[Kind, ...], path: Path, places: tuple[Path, ...] = ()
) -> bool:
    """Whether all parts are of these kinds; a problem where one is not."""
    operator = path[-1]
    for index, part in enumerate(parts):
        if part.kind not in kinds:
            what = f"{scope.who}：{part.title}是{CALLED[part.kind]}，不能用 {operator} 计算"
            wanted = "、".join(CALLED[kind] for kind in kinds)
            at = places[index] if places else (*path, index)
            scope.complain(at, what, f"{operator} 只接受{wanted}", "kind")
            return False
    return True


def alike(scope: Scope, parts: list[Quantity], path: Path, *, days: tuple[Kind, ...]) -> bool:
    """Whether all parts are numbers, or all are days of one kind; a problem where one is not."""
    first = parts[0].kind
    return fits(scope, parts, (first,) if first in days else NUMERIC, path)


def _reduced(top: Linear, bottom: Linear, like: Quantity) -> Quantity:
    divisor = gcd(top.divisor, bottom.divisor) or 1
    return Quantity("", "", like.kind, top.over(divisor), bottom.over(divisor), like.unit)


def opaque(scope: Scope, operator: str, parts: list[Quantity], path: Path) -> Quantity:
    """Return a computed number for what is no quotient of linear forms."""
    made = scope.compute(operator, path, scope.who, quantities=tuple(parts))
    return replace(made, kind=parts[0].kind, unit=parts[0].unit)


def add(scope: Scope, parts: list[Quantity], path: Path) -> Quantity:
    """Add quantities."""
    total = parts[0]
    for index, part in enumerate(parts[1:], 1):
        if total.bottom == part.bottom:
            total = _reduced(total.top + part.top, total.bottom, total)
        elif total.divides or part.divides:
            total = opaque(scope, "sum", [total, part], (*path, index))
        else:
            top = total.top * part.bottom.const + part.top * total.bottom.const
            total = _reduced(top, Linear((), total.bottom.const * part.bottom.const), total)
    return total


def times(scope: Scope, parts: list[Quantity], path: Path) -> Quantity:
    """Multiply two quantities."""
    left, right = parts
    if left.literal is None:
        left, right = right, left
    factor = left.literal
    if factor is None:
        return opaque(scope, "times", parts, path)
    return _reduced(right.top * factor.numerator, right.bottom * factor.denominator, right)


def ratio(scope: Scope, parts: list[Quantity], path: Path) -> Quantity | None:
    """Divide one quantity by another; None after a problem."""
    left, right = parts
    if right.literal == 0:
        scope.complain((*path, 1), f"{scope.who} 的除数是 0", "请改正除数", "zero")
        return None
    if right.divides or (left.divides and right.literal is None):
        return opaque(scope, "ratio", parts, path)
    if left.divides:
        top, bottom = left.top * right.bottom.const, left.bottom * right.top.const
    else:
        top, bottom = left.top * right.bottom.const, right.top * left.bottom.const
    if right.literal is not None and right.literal < 0:
        top, bottom = -top, -bottom
    return replace(_reduced(top, bottom, left), kind="percent", unit="")


def _difference(scope: Scope, parts: list[Quantity], path: Path) -> Quantity | None:
    left, right = parts
    if not alike(scope, parts, path, days=("date", "datetime")):
        return None
    minus = _reduced(-right.top, right.bottom, right)
    made = add(scope, [left, minus], path)
    if left.kind in NUMERIC:
        return made
    return replace(made, kind="number", unit="天" if left.kind == "date" else "分钟")


def _days(scope: Scope, parts: list[Quantity], path: Path) -> Quantity | None:
    return _difference(scope, [parts[1], parts[0]], path) if fits(scope, parts, ("date",), path) else None


def _mean(scope: Scope, parts: list[Quantity], path: Path) -> Quantity:
    share = Quantity("", "", "number", ONE, Linear((), len(parts)))
    return times(scope, [share, add(scope, parts, path)], path)


def _extreme(word: str) -> Callable[[Scope, list[Quantity], Path], Quantity | None]:
    def build(scope: Scope, parts: list[Quantity], path: Path) -> Quantity | None:
        if not alike(scope, parts, path, days=("date", "datetime")):
            return None
        made = opaque(scope, word, parts, path)
        return replace(made, extreme=word, parts=tuple(parts))  # type: ignore[arg-type]

    return build


def _workdays(word: str) -> Callable[[Scope, list[Quantity], Path], Quantity | None]:
    def build(scope: Scope, parts: list[Quantity], path: Path) -> Quantity | None:
        if not fits(scope, parts, ("date",), path):
            return None
        return replace(opaque(scope, word, parts, path), kind="number", unit="个工作日")

    return build


def date_of(scope: Scope, moment: Quantity, path: Path) -> Quantity | None:
    """Return the day of a moment; None after a problem."""
    if not fits(scope, [moment], ("datetime",), path, (path,)):
        return None
    return replace(opaque(scope, "date_of", [moment], path), kind="date")


def _of_numbers(
    build: Callable[[Scope, list[Quantity], Path], Quantity | None],
) -> Callable[[Scope, list[Quantity], Path], Quantity | None]:
    def checked(scope: Scope, parts: list[Quantity], path: Path) -> Quantity | None:
        return build(scope, parts, path) if fits(scope, parts, NUMERIC, path) else None

    return checked


ARITHMETIC: dict[str, Callable[[Scope, list[Quantity], Path], Quantity | None]] = {
    "ratio": _of_numbers(ratio),
    "sum": _of_numbers(add),
    "difference": _difference,
    "times": _of_numbers(times),
    "mean": _of_numbers(_mean),
    "least": _extreme("least"),
    "greatest": _extreme("greatest"),
    "days": _days,
    "workdays": _workdays("workdays"),
    "workdays_with_start": _workdays("workdays_with_start"),
}
"""What each operator of a list of operands builds; None after a problem."""

"""Operands and derivations become quantities: linear where they can be, computed where they must."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import gcd

from engine.build.vocabulary import (
    Computed,
    Defined,
    Vocabulary,
    column_quantity,
    day_number,
    minute_number,
)
from engine.exact import NotANumber, read_number
from engine.models.checklist import Scalar
from engine.models.conditions import (
    All,
    Choice,
    Condition,
    Derivation,
    Derived,
    Facts,
    OfTable,
    Parameter,
    Test,
    Weighted,
)
from engine.problem import Path, Problem, listed, nearest
from engine.strict_yaml import Document
from engine.tree import ONE, Compare, Kind, Linear, Quantity, union, vars_of
from engine.tree import Condition as Built

NUMERIC: tuple[Kind, ...] = ("number", "percent", "money")


@dataclass(slots=True)
class Scope:
    """Where a rule is read: who asks, in which document, with which words."""

    words: Vocabulary
    document: Document
    who: str
    problems: list[Problem]
    ask: Callable[["Scope", Condition, Path], Built | None]
    name: str = ""
    columns: dict[str, Scalar] | None = None

    def condition(self, item: Condition, path: Path) -> Built | None:
        """Build a condition in this scope; None after a problem."""
        return self.ask(self, item, path)

    def complain(self, path: Path, what: str, next_: str, code: str) -> None:
        """Note a problem at the path."""
        self.problems.append(Problem(self.document.place(path), what, next_, code))

    def compute(self, operator: str, path: Path, title: str = "", **parts: object) -> Quantity:
        """Register a computed number and return the quantity that stands for it."""
        tail = "/".join(map(str, path[-4:]))
        var = (
            f"={self.name}"
            if self.name and f"={self.name}" not in self.words.computed
            else f"={self.who}/{tail}"
        )
        made = Computed(var, title, operator, **parts)  # type: ignore[arg-type]
        reads = union(made.conditions) | frozenset().union(
            *(vars_of(q.top, q.bottom) for q in made.quantities),
            {made.table.table} if made.table else set(),
        )
        reads = frozenset(name for name in reads if name.split("#")[0] not in (self.columns or ()))
        self.words.computed[var] = replace(made, inputs=reads)
        kind: Kind = "date" if operator in ("latest", "deadline") else "number"
        return Quantity(var, title, kind, Linear(((var, 1),)))


def resolve(scope: Scope, name: str, path: Path) -> Quantity | None:
    """Return the quantity of a fact, derived fact, parameter or table column; None after a problem."""
    if scope.columns is not None and name in scope.columns:
        return column_quantity(name, name, scope.columns[name])
    words = scope.words
    words.uses.setdefault(scope.name, set()).add(name)
    if name in words.quantities:
        return words.quantities[name]
    found = words.defined.get(name)
    if found is None:
        if scope.columns is not None and "." not in name:
            near = nearest(name, scope.columns)
            next_ = f"最接近的是 {near}" if near else f"这张表有:{listed(scope.columns)}"
            scope.complain(path, f"{scope.who} 用到的列“{name}”表里没有", next_, "unknown-column")
        else:
            what = f"{scope.who} 用到的事实 {name} 在填报清单里找不到"
            scope.complain(path, what, words.nearest(name), "unknown-fact")
        return None
    words.quantities[name] = None
    if isinstance(found.item, Derived):
        words.quantities[name] = _derived(scope, found)
    elif isinstance(found.item, Parameter):
        words.quantities[name] = _parameter(scope, found)
    return words.quantities[name]


def _derived(scope: Scope, found: Defined) -> Quantity | None:
    item = found.item
    assert isinstance(item, Derived)
    inner = replace(scope, document=found.document, who=f"派生事实 {item.id}", name=item.id, columns=None)
    made = derivation(inner, item, found.path)
    if made is None:
        return None
    kind: Kind = "percent" if item.operator in ("ratio", "share") and not item.unit else made.kind
    if item.unit:
        kind = "number" if kind == "percent" else kind
    return replace(made, id=item.id, title=item.title, unit=item.unit or made.unit, kind=kind)


def _parameter(scope: Scope, found: Defined) -> Quantity | None:
    item = found.item
    assert isinstance(item, Parameter)
    inner = replace(scope, document=found.document, who=f"参数 {item.id}", name=item.id, columns=None)
    by = resolve(inner, item.by, (*found.path, "by")) if item.by else None
    values, kinds = [], set[Kind]()
    for index, dated in enumerate(item.values):
        one = literal(inner, dated.value, None, (*found.path, "values", index, "value"))
        if one is None:
            return None
        values.append(one)
        kinds.add(one.kind)
    made = inner.compute(
        "parameter", found.path, item.title, quantities=(*values, *([by] if by else [])), parameter=item
    )
    kind = kinds.pop() if len(kinds) == 1 else "number"
    return replace(made, id=item.id, unit=item.unit or "", kind=kind)


def literal(scope: Scope, value: bool | str, kind: Kind | None, path: Path) -> Quantity | None:
    """Read a written value as a quantity of that kind (None: a number or a day); None after a problem."""
    text = str(value)
    try:
        if kind == "truth":
            if not isinstance(value, bool):
                raise NotANumber("只能是 true 或 false")
            return Quantity("", text, "truth", Linear((), int(value)))
        if kind == "date" or (kind is None and len(text) == 10 and text[4:8:3] == "--"):
            return Quantity("", text, "date", Linear((), day_number(text)))
        if kind == "datetime":
            return Quantity("", text, "datetime", Linear((), minute_number(text)))
        number = read_number(value)
    except NotANumber as reason:
        scope.complain(
            path, f"{scope.who} 写了 {text}:{reason}", "请改成同一类型的值,或已有的事实号", "literal"
        )
        return None
    except ValueError:
        scope.complain(path, f"{scope.who} 写了 {text}:不是日期", "日期写成 2024-01-26", "literal")
        return None
    shown: Kind = "percent" if text.endswith(("%", "%")) else "number"
    return Quantity("", text, shown, Linear((), number.numerator), Linear((), number.denominator))


def operand(
    scope: Scope, value: bool | str | Derivation, path: Path, kind: Kind | None = None
) -> Quantity | None:
    """Read a number, the id of a fact or a nested derivation."""
    if isinstance(value, Derivation):
        return derivation(scope, value, path)
    known = isinstance(value, str) and (
        value in scope.words.defined
        or (scope.columns is not None and value in scope.columns)
        or (value[:1].isascii() and value[:1].islower() and "." in value)
    )
    return resolve(scope, str(value), path) if known else literal(scope, value, kind, path)


def derivation(scope: Scope, item: Derivation, path: Path) -> Quantity | None:
    """Build the one operator that a derivation writes."""
    operator = item.operator
    content = getattr(item, operator)
    at = (*path, operator)
    if isinstance(content, OfTable):
        return _aggregate(scope, operator, content, at)
    if operator == "count":
        parts = [scope.condition(one, (*at, i)) for i, one in enumerate(content)]
        return _count(scope, [part for part in parts if part], at) if all(parts) else None
    if operator == "choose":
        return _choose(scope, content, at)
    if operator == "deadline":
        start = operand(scope, content.from_, (*at, "from"), "date")
        if start is None or (content.days is None) == (content.workdays is None):
            if start:
                scope.complain(at, f"{scope.who} 的期限要写 days 或 workdays 之一", "请改正", "deadline")
            return None
        amounts = (content.days or 0, -1 if content.workdays is None else content.workdays, int(content.roll))
        return scope.compute("deadline", at, scope.who, quantities=(start,), amounts=amounts)
    if operator == "weighted_mean":
        return _weighted(scope, content, at)
    parts = [operand(scope, one, (*at, i)) for i, one in enumerate(content)]
    if not all(parts):
        return None
    return _ARITHMETIC[operator](scope, [part for part in parts if part], at)


def _count(scope: Scope, parts: list[Built], path: Path) -> Quantity:
    """Count conditions: a plain sum where each is one truth fact that must be 是."""
    plain = [
        part.form.terms[0][0]
        for part in parts
        if isinstance(part, Compare)
        and part.sign == "="
        and part.form.const == -1
        and len(part.form.terms) == 1
    ]
    if len(plain) == len(parts) == len(set(plain)):
        return Quantity("", "", "number", Linear(tuple((var, 1) for var in plain)), unit="项")
    return scope.compute("count", path, scope.who, conditions=tuple(parts))


def _choose(scope: Scope, lines: tuple[Choice, ...], path: Path) -> Quantity | None:
    values, conditions = list[Quantity](), list[Built | None]()
    for index, line in enumerate(lines):
        value = operand(scope, line.value, (*path, index, "value"))
        when = scope.condition(line.when, (*path, index, "when")) if line.when else None
        if value is None or (line.when and when is None):
            return None
        values.append(value)
        conditions.append(when)
    return scope.compute("choose", path, scope.who, quantities=tuple(values), conditions=tuple(conditions))


def _weighted(scope: Scope, terms: tuple[Weighted, ...], path: Path) -> Quantity | None:
    products, weights = list[Quantity](), list[Quantity]()
    for index, term in enumerate(terms):
        value = operand(scope, term.value, (*path, index, "value"))
        weight = operand(scope, term.weight, (*path, index, "weight"))
        if value is None or weight is None:
            return None
        products.append(times(scope, [value, weight], (*path, index)))
        weights.append(weight)
    return ratio(scope, [add(scope, products, path), add(scope, weights, path)], path)


def _aggregate(scope: Scope, operator: str, item: OfTable, path: Path) -> Quantity | None:
    fact = scope.words.fact(item.table)
    if fact is None or fact.answer.table is None:
        scope.complain(
            (*path, "table"),
            f"{scope.who} 用到的表 {item.table} 不是表格事实",
            scope.words.nearest(item.table),
            "unknown-fact",
        )
        return None
    columns = fact.answer.table.columns
    inner = replace(scope, columns=columns)
    wanted = {"column"} if operator not in ("count", "share") else set()
    wanted |= {"weight"} if operator == "weighted_mean" else set()
    cells = list[Quantity]()
    for key in ("column", "weight"):
        name = getattr(item, key)
        if name is None and key in wanted:
            scope.complain(
                path,
                f"{scope.who} 的 {operator} 要写取哪一列({key})",
                f"这张表有:{listed(columns)}",
                "column",
            )
            return None
        if name is not None:
            cell = resolve(inner, name, (*path, key))
            if cell is None:
                return None
            cells.append(cell)
    where, of = _rows_counted(inner, operator, item), item.of
    parts = [
        inner.condition(one, (*path, key)) if one else None for key, one in (("where", where), ("of", of))
    ]
    if any(one and part is None for one, part in zip((where, of), parts, strict=True)):
        return None
    made = inner.compute(
        operator, path, scope.who, quantities=tuple(cells), conditions=tuple(parts), table=item
    )
    column = columns.get(item.column or "")
    kind = made.kind
    if operator == "share" or (column is not None and column.kind == "percent"):
        kind = "percent"
    unit = column.unit or "" if column is not None else ""
    return replace(made, kind=kind, unit="行" if operator == "count" else unit)


def _rows_counted(inner: Scope, operator: str, item: OfTable) -> Condition | None:
    """Return which rows count: those that fit, and of these the recent ones where months are written."""
    day = item.day or (item.column if operator in ("count", "share") else None)
    if item.months is None or day is None or operator == "months_covered":
        return item.where
    recent = Facts({day: Test(within_months=item.months)})
    return All(all=(recent, item.where)) if item.where else recent


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


def ratio(scope: Scope, parts: list[Quantity], path: Path) -> Quantity:
    """Divide one quantity by another."""
    left, right = parts
    if right.literal == 0:
        scope.complain(path, f"{scope.who} 的除数是 0", "请改正", "zero")
    if right.divides or (left.divides and right.literal is None):
        return opaque(scope, "ratio", parts, path)
    if left.divides:
        top, bottom = left.top * right.bottom.const, left.bottom * right.top.const
    else:
        top, bottom = left.top * right.bottom.const, right.top * left.bottom.const
    return replace(_reduced(top, bottom, left), kind="percent", unit="")


def _difference(scope: Scope, parts: list[Quantity], path: Path) -> Quantity:
    left, right = parts
    minus = _reduced(-right.top, right.bottom, right)
    made = add(scope, [left, minus], path)
    return replace(made, kind="number", unit="天") if left.kind == "date" else made


def _days(scope: Scope, parts: list[Quantity], path: Path) -> Quantity:
    return replace(_difference(scope, [parts[1], parts[0]], path), kind="number", unit="天")


def _mean(scope: Scope, parts: list[Quantity], path: Path) -> Quantity:
    share = Quantity("", "", "number", ONE, Linear((), len(parts)))
    return times(scope, [share, add(scope, parts, path)], path)


def _extreme(word: str) -> Callable[[Scope, list[Quantity], Path], Quantity]:
    def build(scope: Scope, parts: list[Quantity], path: Path) -> Quantity:
        made = opaque(scope, word, parts, path)
        return replace(made, extreme=word, parts=tuple(parts))  # type: ignore[arg-type]

    return build


def _workdays(scope: Scope, parts: list[Quantity], path: Path) -> Quantity:
    return replace(opaque(scope, "workdays", parts, path), kind="number", unit="个工作日")


_ARITHMETIC: dict[str, Callable[[Scope, list[Quantity], Path], Quantity]] = {
    "ratio": ratio,
    "sum": add,
    "difference": _difference,
    "times": times,
    "mean": _mean,
    "least": _extreme("least"),
    "greatest": _extreme("greatest"),
    "days": _days,
    "workdays": _workdays,
}

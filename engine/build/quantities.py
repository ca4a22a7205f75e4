"""Facts, written values and derivations become quantities: linear where they can be, computed where they must."""

from dataclasses import replace

from engine.build.arithmetic import ARITHMETIC, add, alike, date_of, fits, ratio, times
from engine.build.parameters import periods_meet, same_kind
from engine.build.scope import NUMERIC, Scope
from engine.build.tables import aggregate, as_column, column_of
from engine.build.vocabulary import Defined, RowColumn, day_number, minute_number
from engine.exact import NotANumber, read_number
from engine.models.checklist import Fact, Scalar
from engine.models.conditions import Choice, Deadline, Derivation, Derived, OfTable, Parameter, Weighted
from engine.problem import Path
from engine.tree import Compare, Kind, Linear, Quantity, vars_of
from engine.tree import Condition as Built


def resolve(scope: Scope, name: str, path: Path) -> Quantity | None:
    """Return the quantity of a fact, derived fact, parameter or table column; None after a problem."""
    if scope.columns is not None and (name in scope.columns or "." not in name):
        return column_of(scope, name, path)
    words = scope.words
    words.uses.setdefault(scope.name, set()).add(name)
    if name in words.trail:
        ring = " → ".join([*words.trail[words.trail.index(name) :], name])
        scope.complain(
            path, f"{scope.who} 用到 {name}，绕成了一圈：{ring}", "请让其中一个不再用到另一个", "cycle"
        )
        return None
    if name in words.quantities:
        return words.quantities[name]
    found = words.defined.get(name)
    if found is None:
        scope.unknown(path, name)
        return None
    words.trail.append(name)
    made = None
    if isinstance(found.item, Derived):
        made = _derived(scope, found.item, found)
    elif isinstance(found.item, Parameter):
        made = _parameter(scope, found.item, found)
    words.trail.pop()
    words.quantities[name] = made
    return made


def row_columns(scope: Scope, fact: Fact, path: Path) -> tuple[RowColumn, ...]:
    """Build the columns of a table that are computed row by row, from columns and written numbers alone."""
    table = fact.answer.table
    assert table is not None
    made, columns = list[RowColumn](), dict[str, Scalar | Quantity](table.columns)
    for name, item in table.derive.items():
        at, who = (*path, name), f"事实 {fact.id} 的列“{name}”"
        inner = replace(scope, who=who, columns=dict(columns))
        if name in columns:
            inner.complain(at, f"{who}已经有了", "请换一个名字", "column")
            continue
        before = set(scope.words.computed)
        quantity = derivation(inner, item, at)
        if quantity is None:
            continue
        order = tuple(one for var, one in scope.words.computed.items() if var not in before)
        reads = vars_of(quantity.top, quantity.bottom).union(*(one.inputs for one in order))
        foreign = sorted(reads - columns.keys() - {one.var for one in order})
        if foreign:
            inner.complain(at, f"{who}用到 {foreign[0]}", "逐行计算只能用本表的列和数字", "column")
            continue
        made.append(RowColumn(name, quantity, order))
        columns[name] = as_column(made[-1])
    return tuple(made)


def _derived(scope: Scope, item: Derived, found: Defined) -> Quantity | None:
    inner = replace(scope, document=found.document, who=f"派生事实 {item.id}", name=item.id, columns=None)
    made = derivation(inner, item, found.path)
    if made is None:
        return None
    kind: Kind = "percent" if item.operator in ("ratio", "share") and not item.unit else made.kind
    if item.unit:
        kind = "number" if kind == "percent" else kind
    return replace(made, id=item.id, title=item.title, unit=item.unit or made.unit, kind=kind)


def _parameter(scope: Scope, item: Parameter, found: Defined) -> Quantity | None:
    inner = replace(scope, document=found.document, who=f"参数 {item.id}", name=item.id, columns=None)
    by = resolve(inner, item.by, (*found.path, "by")) if item.by else None
    if periods_meet(inner, item, found.path) or (item.by and by is None):
        return None
    if by and by.kind != "date":
        inner.complain(
            (*found.path, "by"), f"参数 {item.id} 的 by 要写日期事实，{by.title}不是日期", "请改正", "kind"
        )
        return None
    values = list[Quantity]()
    for index, dated in enumerate(item.values):
        one = literal(inner, dated.value, None, (*found.path, "values", index, "value"))
        if one is None:
            return None
        values.append(one)
    if not same_kind(inner, item, values, found.path):
        return None
    kinds = {value.kind for value in values}
    made = inner.compute(
        "parameter", found.path, item.title, quantities=(*values, *([by] if by else [])), parameter=item
    )
    kind = kinds.pop() if len(kinds) == 1 else "number"
    return replace(made, id=item.id, unit=item.unit or "", kind=kind)


def written(value: bool | str) -> str:
    """Print a written value the way it stands in the document."""
    return str(value).lower() if isinstance(value, bool) else value


def literal(scope: Scope, value: bool | str, kind: Kind | None, path: Path) -> Quantity | None:
    """Read a written value as a quantity of that kind (None: a number or a day); None after a problem."""
    text = written(value)
    try:
        if kind == "truth":
            if not isinstance(value, bool):
                scope.complain(
                    path,
                    f"{scope.who} 写了 {text}，这里只能是 true 或 false",
                    "请改成 true 或 false",
                    "literal",
                )
                return None
            return Quantity("", text, "truth", Linear((), int(value)))
        if kind == "date" or (kind is None and len(text) == 10 and text[4:8:3] == "--"):
            return Quantity("", text, "date", Linear((), day_number(text)))
        if kind == "datetime":
            return Quantity("", text, "datetime", Linear((), minute_number(text)))
        number = read_number(value)
    except NotANumber as reason:
        what = f"{scope.who} 写了 {text}：{reason}"
        scope.complain(path, what, "请写数字，或一个事实号", "literal")
        return None
    except ValueError:
        example = "2024-01-26 15:00" if kind == "datetime" else "2024-01-26"
        scope.complain(path, f"{scope.who} 写了 {text}，不是日历上的日期", f"请写成 {example}", "literal")
        return None
    shown: Kind = "percent" if text.endswith(("%", "％")) else "number"
    return Quantity("", text, shown, Linear((), number.numerator), Linear((), number.denominator))


def operand(
    scope: Scope, value: bool | str | Derivation, path: Path, kind: Kind | None = None
) -> Quantity | None:
    """Read a number, the id of a fact or a nested derivation."""
    if isinstance(value, Derivation):
        return derivation(scope, value, path)
    known = isinstance(value, str) and (
        value in scope.words.defined
        or (scope.columns is not None and (value in scope.columns or not value[:1].isascii()))
        or (value[:1].isascii() and value[:1].islower() and "." in value)
    )
    return resolve(scope, str(value), path) if known else literal(scope, value, kind, path)


def derivation(scope: Scope, item: Derivation, path: Path) -> Quantity | None:
    """Build the one operator that a derivation writes."""
    operator = item.operator
    content = getattr(item, operator)
    at = (*path, operator)
    if isinstance(content, OfTable):
        return aggregate(scope, operator, content, at)
    if operator == "count":
        conditions = [scope.condition(one, (*at, i)) for i, one in enumerate(content)]
        return _count(scope, [one for one in conditions if one], at) if all(conditions) else None
    if operator == "choose":
        return _choose(scope, content, at)
    if operator == "deadline":
        return _deadline(scope, content, at)
    if operator == "weighted_mean":
        return _weighted(scope, content, at)
    if operator == "date_of":
        moment = operand(scope, content, at)
        return date_of(scope, moment, at) if moment else None
    parts = [operand(scope, one, (*at, i)) for i, one in enumerate(content)]
    whole = [part for part in parts if part]
    return ARITHMETIC[operator](scope, whole, at) if len(whole) == len(parts) else None


def _count(scope: Scope, parts: list[Built], path: Path) -> Quantity:
    """Count conditions: a plain sum where each is one truth fact that must be 是."""
    plain = [
        part.form.terms[0][0]
        for part in parts
        if isinstance(part, Compare)
        and part.about.kind == "truth"
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
        if line.when is None and index < len(lines) - 1:
            what = f"{scope.who} 第 {index + 1} 行没有 when，后面的行永远用不到"
            scope.complain((*path, index), what, "其余情形只能写在最后一行", "otherwise")
            return None
        value = operand(scope, line.value, (*path, index, "value"))
        when = scope.condition(line.when, (*path, index, "when")) if line.when else None
        if value is None or (line.when and when is None):
            return None
        values.append(value)
        conditions.append(when)
    if not alike(scope, values, path, days=("date", "datetime")):
        return None
    made = scope.compute("choose", path, scope.who, quantities=tuple(values), conditions=tuple(conditions))
    kinds = {value.kind for value in values}
    return replace(made, kind=values[0].kind) if len(kinds) == 1 else made


def _deadline(scope: Scope, item: Deadline, path: Path) -> Quantity | None:
    start = operand(scope, item.from_, (*path, "from"), "date")
    if start is None or not fits(scope, [start], ("date",), path, ((*path, "from"),)):
        return None
    if (item.days is None) == (item.workdays is None):
        scope.complain(
            path, f"{scope.who} 的期限要写 days 或 workdays 之一", "请补上一个，或删去一个", "deadline"
        )
        return None
    amounts = (item.days or 0, -1 if item.workdays is None else item.workdays, int(item.roll))
    return scope.compute("deadline", path, scope.who, quantities=(start,), amounts=amounts)


def _weighted(scope: Scope, terms: tuple[Weighted, ...], path: Path) -> Quantity | None:
    products, weights = list[Quantity](), list[Quantity]()
    for index, term in enumerate(terms):
        places: tuple[Path, Path] = (*path, index, "value"), (*path, index, "weight")
        value, weight = operand(scope, term.value, places[0]), operand(scope, term.weight, places[1])
        if value is None or weight is None or not fits(scope, [value, weight], NUMERIC, path, places):
            return None
        products.append(times(scope, [value, weight], (*path, index)))
        weights.append(weight)
    whole = add(scope, weights, path)
    if whole.literal == 0:
        scope.complain(path, f"{scope.who} 的权重合计是 0", "请改正权重", "zero")
        return None
    return ratio(scope, [add(scope, products, path), whole], path)

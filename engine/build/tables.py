"""Rows of a table become one computed number: how many, which share, the sum or the mean of a column."""

from collections.abc import Mapping
from dataclasses import replace

from engine.build.scope import CALLED, NUMERIC, Scope
from engine.build.vocabulary import RowColumn, Vocabulary, column_quantity
from engine.models.checklist import Fact, Scalar
from engine.models.conditions import All, Condition, Facts, OfTable, Test
from engine.problem import Path, listed, nearest
from engine.tree import Kind, Linear, Quantity

_FOR: dict[str, tuple[str, ...]] = {
    "weight": ("weighted_mean",),
    "of": ("share",),
    "rank": ("least", "greatest"),
    "distinct": ("count",),
}
"""Which operators each extra key belongs to; elsewhere it would silently do nothing."""

_NO_COLUMN = ("count", "share")
_OF_DAYS = ("months_covered", "latest")


def aggregate(scope: Scope, operator: str, item: OfTable, path: Path) -> Quantity | None:
    """Build one operator over the rows of a table; None after a problem."""
    fact = scope.words.fact(item.table)
    if fact is None:
        scope.unknown((*path, "table"), item.table, f"{scope.who} 用到的表 {item.table} 在填报清单里找不到")
        return None
    if fact.answer.table is None:
        what = f"{scope.who} 用到的 {item.table} 不是表格事实"
        scope.complain((*path, "table"), what, "请换一个表格事实", "kind")
        return None
    columns = columns_of(scope.words, fact)
    inner = replace(scope, columns=columns)
    if not _keys_belong(scope, operator, item, path) or not _dated(inner, operator, item, path):
        return None
    cells = _cells(inner, operator, item, columns, path)
    if cells is None:
        return None
    where, of = _rows_counted(operator, item), item.of
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
    if operator == "share" or (column is not None and column.kind == "percent" and operator != "count"):
        kind = "percent"
    unit = column.unit or "" if column is not None else ""
    return replace(made, kind=kind, unit="行" if operator == "count" else unit)


def _keys_belong(scope: Scope, operator: str, item: OfTable, path: Path) -> bool:
    for key, operators in _FOR.items():
        if key in item.model_fields_set and operator not in operators:
            what = f"{scope.who}：{key} 只和{'、'.join(operators)} 一起用，这里是 {operator}"
            scope.complain((*path, key), what, "请删去", "column")
            return False
    if item.distinct and item.column is None:
        scope.complain(path, f"{scope.who} 的 distinct 要写数哪一列（column）", "请补上 column", "column")
        return False
    return True


def _dated(inner: Scope, operator: str, item: OfTable, path: Path) -> bool:
    """Whether what is asked of the last months can be told by a column of dates."""
    if item.months is None or operator == "months_covered":
        return True
    name, key = item.day or item.column, "day" if item.day else "column"
    if name is None:
        what = f"{inner.who} 写了 months，没写按哪一列日期"
        inner.complain((*path, "months"), what, "请补上 day", "column")
        return False
    cell = column_of(inner, name, (*path, key))
    if cell is not None and cell.kind != "date":
        what = f"{inner.who}：列“{name}”是{CALLED[cell.kind]}，不能用 months 看近期"
        inner.complain((*path, key), what, "请用 day 写一列日期", "kind")
    return cell is not None and cell.kind == "date"


def _cells(
    inner: Scope, operator: str, item: OfTable, columns: Mapping[str, Scalar | Quantity], path: Path
) -> list[Quantity] | None:
    """Return the columns that are read; None after a problem."""
    wanted = {"column"} if operator not in _NO_COLUMN else set()
    wanted |= {"weight"} if operator == "weighted_mean" else set()
    cells = list[Quantity]()
    for key in ("column", "weight"):
        name = getattr(item, key)
        if name is None and key in wanted:
            what = f"{inner.who} 的 {operator} 要写取哪一列（{key}）"
            inner.complain(path, what, f"这张表有：{listed(columns)}", "column")
            return None
        if name is None:
            continue
        cell = column_of(inner, name, (*path, key))
        kinds: tuple[Kind, ...] = ("date",) if operator in _OF_DAYS else NUMERIC
        if cell is None:
            return None
        if key in wanted and cell.kind not in kinds:
            what = f"{inner.who}：列“{name}”是{CALLED[cell.kind]}，不能用 {operator} 计算"
            wanted_kinds = "、".join(CALLED[kind] for kind in kinds)
            inner.complain((*path, key), what, f"{operator} 只接受{wanted_kinds}列", "kind")
            return None
        cells.append(cell)
    return cells


def column_of(inner: Scope, name: str, path: Path) -> Quantity | None:
    """Return the quantity of a table column; None after a problem."""
    columns = inner.columns
    assert columns is not None
    if name not in columns:
        near = nearest(name, columns)
        next_ = f"最接近的是 {near}" if near else f"这张表有：{listed(columns)}"
        inner.complain(path, f"{inner.who} 用到的列“{name}”表里没有", next_, "unknown-column")
        return None
    column = columns[name]
    if isinstance(column, Quantity):
        return column
    return column_quantity(name, name, column) if column.kind else None


def columns_of(words: Vocabulary, fact: Fact) -> dict[str, Scalar | Quantity]:
    """Return the columns of a table fact: those that are filled in, and those that are computed row by row."""
    assert fact.answer.table is not None
    made = words.row_columns.get(fact.id, ())
    return {**fact.answer.table.columns, **{one.name: as_column(one) for one in made}}


def as_column(one: RowColumn) -> Quantity:
    """Return the quantity that a computed column stands for: its value in the row."""
    quantity = one.quantity
    return Quantity(one.name, one.name, quantity.kind, Linear(((one.name, 1),)), unit=quantity.unit)


def _rows_counted(operator: str, item: OfTable) -> Condition | None:
    """Return which rows count: those that fit, and of these the recent ones where months are written."""
    day = item.day or item.column
    if item.months is None or operator == "months_covered":
        return item.where
    assert day is not None
    recent = Facts({day: Test(within_months=item.months)})
    return All(all=(recent, item.where)) if item.where else recent

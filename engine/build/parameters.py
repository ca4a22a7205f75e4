"""Figures that change with the day and the place: which value stands when, and that no two stand at once."""

from itertools import combinations

from engine.build.scope import CALLED, NUMERIC, Scope
from engine.models.conditions import DatedValue, Parameter
from engine.problem import Path
from engine.tree import Quantity


def periods_meet(scope: Scope, item: Parameter, path: Path) -> bool:
    """Report a period that ends before it begins, and two values that stand on the same day for one region."""
    problems = len(scope.problems)
    for index, one in enumerate(item.values):
        if one.from_ and one.to and one.from_ > one.to:
            what = f"参数 {item.id} 第 {index + 1} 个值从 {one.from_} 到 {one.to}，没有一天适用"
            scope.complain((*path, "values", index, "from"), what, "请改 from 或 to", "period")
    for (first, one), (second, other) in combinations(enumerate(item.values), 2):
        if one.region == other.region and _overlap(one, other):
            day = max(one.from_ or "", other.from_ or "")
            when = f"在 {day} 都适用" if day else "同时适用"
            where = f"({one.region})" if one.region else ""
            what = f"参数 {item.id} 的第 {first + 1} 个和第 {second + 1} 个值{when}{where}"
            scope.complain(
                (*path, "values", second), what, "请改 from、to 或 region，让每天只有一个值", "period"
            )
    return len(scope.problems) > problems


def _overlap(one: DatedValue, other: DatedValue) -> bool:
    starts, ends = max(one.from_ or "", other.from_ or ""), min(one.to or "9999", other.to or "9999")
    return starts <= ends and all(not v.from_ or not v.to or v.from_ <= v.to for v in (one, other))


def same_kind(scope: Scope, item: Parameter, values: list[Quantity], path: Path) -> bool:
    """Whether all values are numbers or all are days; a problem where one is not."""
    for index, value in enumerate(values):
        if (value.kind in NUMERIC) != (values[0].kind in NUMERIC):
            what = f"参数 {item.id} 的值有{CALLED[values[0].kind]}也有{CALLED[value.kind]}"
            scope.complain((*path, "values", index, "value"), what, "请写成同一类", "kind")
            return False
    return True

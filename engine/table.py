"""The decision table of an indicator, as a drafter would print it: every case there is, and its points."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from engine.build.edition import Edition
from engine.cases import MOST_LEVELS, TooMany, World, cases
from engine.exact import show
from engine.intervals import interval
from engine.models.scoring import Each, Judge
from engine.tree import (
    Add,
    All,
    Among,
    AnyOf,
    Chain,
    Compare,
    Condition,
    Held,
    Leaf,
    Linear,
    Points,
    Quantity,
    Step,
    Take,
)
from engine.wording import say_number, say_rule


@dataclass(frozen=True, slots=True)
class Row:
    """One case: what holds for each fact, and the least and most points."""

    cells: tuple[tuple[str, str], ...]
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Table:
    """One additive part; `columns` in the order they are asked. No rows: too many cases to print."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    low: int
    high: int


def tables(edition: Edition, leaf: Leaf, world: World) -> list[Table]:
    """Return the tables of an indicator: its gate, then each additive part."""
    found = list[Table]()
    node = leaf.node
    if leaf.applies is not None:
        found.append(_gate("适用条件", leaf.applies, "适用", "缺项"))
    if leaf.source.zero_when is not None and isinstance(node, Chain):
        gate, rest = node.rungs
        if gate.when is not None:
            found.append(_gate("一处不合规整项 0 分", gate.when, "0 分", "照常计分"))
        node = rest.then
    parts = node.parts if isinstance(node, Add | Take) else (node,)
    word = {Add: "得分项", Take: "扣分项"}.get(type(node), "计分")
    for number, part in enumerate(parts, 1):
        title = word if len(parts) == 1 else f"{word} {number}"
        found.append(_table(edition, title, part, world))
    return found


def _gate(title: str, condition: Condition, yes: str, no: str) -> Table:
    rows = (
        Row((("条件", say_rule(condition)), ("结果", yes)), 0, 0),
        Row((("条件", "其余"), ("结果", no)), 0, 0),
    )
    return Table(title, ("条件", "结果"), rows, 0, 0)


def _table(edition: Edition, title: str, part: Points, world: World) -> Table:
    low, high = interval(part, world)
    if isinstance(part, Held):
        return _counted(title, part, low, high)
    try:
        found = [_row(edition, after, low, high) for after, low, high in cases(part, world)]
    except TooMany:
        found = []
    columns = dict.fromkeys(name for row in found for name, _ in row.cells)
    return Table(title, tuple(columns), tuple(_merged(found)), low, high)


def _counted(title: str, part: Held, low: int, high: int) -> Table:
    """Print a list that is counted by how many of it hold, not item by item."""
    items = "、".join(say_rule(one) for one in part.conditions)
    ladder = [*part.ladder, (0, 0)]
    rows, above = [], len(part.conditions) + 1
    for count, points in ladder:
        text = f"{count} 项" if above - count == 1 else f"{count}–{above - 1} 项"
        rows.append(Row((("成立", text),), points, points))
        above = count
    return Table(f"{title}（共 {len(part.conditions)} 项：{items}）", ("成立",), tuple(rows), low, high)


def _merged(rows: Iterable[Row]) -> list[Row]:
    """Drop rows that say the same twice (the two sides of an exact value)."""
    return list(dict.fromkeys(rows))


def _row(edition: Edition, world: World, low: int, high: int) -> Row:
    ranges: dict[str, _Range] = {}
    cells: dict[str, str] = {}
    for what, held in world.said:
        if isinstance(what, tuple):
            step, least, most = what
            name = step.about.title
            cells[name] = _levels(edition, step, least, most)
        elif isinstance(what, Compare) and what.about.kind != "truth" and what.limit.literal is not None:
            ranges.setdefault(what.about.title, _Range(what.about)).take(what, held=held)
        elif isinstance(what, Among):
            fact = edition.words.fact(what.var)
            left = world.domains[what.var].options
            titles = (
                [o.title or o.id for o in (fact.answer.choice or ()) if o.id in left]
                if fact
                else sorted(left)
            )
            cells[what.about.title] = "、".join(titles)
        elif isinstance(what, Compare) and what.about.kind == "truth":
            yes = ((what.word == "equals") == bool(what.limit.literal)) == held
            cells[what.about.title] = "是" if yes else "否"
        elif not isinstance(what, All | AnyOf):
            cells[say_rule(what)] = "成立" if held else "不成立"
    for name, found in ranges.items():
        exact = name in cells and cells[name].startswith("=")
        cells[name] = cells[name] if exact else ",".join(t for t in (found.text(), cells.get(name)) if t)
    return Row(tuple(cells.items()), low, high)


class _Range:
    """Collects the bounds that conditions put on one number."""

    def __init__(self, about: Quantity) -> None:
        self.about = about
        self.low: tuple[Fraction, bool] | None = None
        self.high: tuple[Fraction, bool] | None = None
        self.not_: list[Fraction] = []

    def take(self, condition: Compare, *, held: bool) -> None:
        """Add what a condition says, held or not."""
        limit = condition.limit.literal or Fraction(0)
        word = condition.word
        if word in ("equals", "differs"):
            if (word == "equals") == held:
                self.low = self.high = (limit, True)
            else:
                self.not_.append(limit)
        elif (word in ("at_least", "more_than")) == held:
            bound = (limit, (word == "at_least") if held else (word == "less_than"))
            self.low = bound if self.low is None or bound[0] > self.low[0] else self.low
        else:
            bound = (limit, (word == "at_most") if held else (word == "more_than"))
            self.high = bound if self.high is None or bound[0] < self.high[0] else self.high

    def text(self) -> str:
        """Print the range: ≥ 95%,< 100%."""
        if self.low and self.high and self.low[0] == self.high[0]:
            return f"= {say_number(self.low[0], self.about)}"
        parts = []
        if self.low:
            parts.append(f"{'≥' if self.low[1] else '>'} {say_number(self.low[0], self.about)}")
        if self.high:
            parts.append(f"{'≤' if self.high[1] else '<'} {say_number(self.high[0], self.about)}")
        parts += [f"≠ {say_number(one, self.about)}" for one in self.not_]
        return ",".join(parts)


def _levels(edition: Edition, step: Step, least: int, most: int) -> str:
    """Print which values of a number reach these levels of a staircase."""
    if isinstance(step.source, Judge):
        return "评审专家认定"
    if most - least > MOST_LEVELS or (isinstance(step.source, Each) and least != most):
        unit = show(Fraction(step.gain, edition.per_point))
        return f"按比例，每档 {unit} 分"
    bounds = [_threshold(step, least) if least > step.least else None]
    bounds.append(_threshold(step, most + 1) if most < step.most else None)
    if all(bound is None for bound in bounds):
        return "任何值"
    low, high = bounds if _rising(step) else (bounds[1], bounds[0])
    over, under = ("≥", "<") if _rising(step) == (step.mode != "ceil") else (">", "≤")
    if _whole(step):
        low = low if low is None or over == "≥" else Fraction(low // 1 + 1)
        high = high if high is None or under == "≤" else Fraction(-(-high // 1) - 1)
        over, under = "≥", "≤"
        if low is not None and low == high:
            return f"= {say_number(low, step.about)}"
    parts = [f"{over} {say_number(low, step.about)}"] if low is not None else []
    parts += [f"{under} {say_number(high, step.about)}"] if high is not None else []
    return ",".join(parts)


def _whole(step: Step) -> bool:
    return step.about.bottom == Linear((), 1)


def _rising(step: Step) -> bool:
    """Whether more of the number means a higher level."""
    tops, abouts = dict(step.top.terms), dict(step.about.top.terms)
    return all(tops.get(var, 0) * factor >= 0 for var, factor in abouts.items())


def _threshold(step: Step, level: int) -> Fraction | None:
    """Return the value of the number at which a level begins, where that is a written number."""
    form, _ = step.reaches(level)
    about = step.about
    var, factor = about.top.terms[0] if about.top.terms else ("", 0)
    share = Fraction(dict(form.terms).get(var, 0), factor) if factor else Fraction(0)
    if not share:
        return None
    rest = form - Linear(tuple((v, int(k * share)) for v, k in about.top.terms), int(about.top.const * share))
    if about.bottom.terms:
        var, factor = about.bottom.terms[0]
        return -Fraction(dict(rest.terms).get(var, 0), factor) / share
    return -Fraction(rest.const, about.bottom.const) / share if not rest.terms else None

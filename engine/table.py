"""The decision table of an indicator, as a drafter would print it: every case there is, and its points."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.build.edition import Edition
from engine.cases import MOST_LEVELS, TooMany, World, cases
from engine.derive import span
from engine.exact import show, show_points
from engine.intervals import interval
from engine.models.scoring import Each, Judge
from engine.tree import (
    Add,
    Among,
    Chain,
    Compare,
    Condition,
    Held,
    Leaf,
    Linear,
    Overrule,
    Points,
    Quantity,
    Step,
    Take,
)
from engine.wording import rising, say_item, say_number, say_rule, wants


@dataclass(frozen=True, slots=True)
class Row:
    """One case: what holds for each fact, and the least and most points."""

    cells: tuple[tuple[str, str], ...]
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Table:
    """One additive part; `columns` in the order they are asked. No rows: too many cases to print.

    `notes` are the items that the rows count.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    low: int
    high: int
    notes: tuple[str, ...] = ()


def tables(edition: Edition, leaf: Leaf, world: World) -> list[Table]:
    """Return the tables of an indicator: its gate, then each additive part."""
    found = list[Table]()
    node = leaf.node
    if leaf.applies is not None:
        found.append(_gate("适用条件", leaf.applies, "适用", "缺项"))
    if leaf.source.zero_when is not None and isinstance(node, Chain):
        gate, rest = node.rungs
        assert gate.when is not None
        found.append(_gate("一处不合规，整项 0 分", gate.when, "0 分", "照常计分"))
        node = rest.then
    parts = node.parts if isinstance(node, Add | Take) else (node,)
    word = {Add: "得分项", Take: "扣分项"}.get(type(node), "计分")
    cap = node.cap if isinstance(node, Add) else None
    full = node.full if isinstance(node, Take) else cap if len(parts) == 1 else None
    most = (
        f"（合计最多 {show_points(cap, edition.per_point)} 分）" if cap is not None and len(parts) > 1 else ""
    )
    for number, part in enumerate(parts, 1):
        title = word if len(parts) == 1 else f"{word} {number}{most}"
        found.append(_table(edition, title, part, world, full))
    return found


def veto_tables(veto: Overrule) -> list[Table]:
    """Return the tables of a veto: when it applies, when it holds, when it is in doubt."""
    found = list[Table]()
    if veto.applies is not None:
        found.append(_gate("适用条件", veto.applies, "适用", "不适用"))
    if veto.when is not None:
        found.append(_gate("否决条件", veto.when, "成立", "不成立"))
    if veto.doubt is not None:
        found.append(_gate("没有成立时", veto.doubt, veto.source.doubt or "存疑", "不成立"))
    return found


def _gate(title: str, condition: Condition, yes: str, no: str) -> Table:
    rows = (
        Row((("条件", say_rule(condition)), ("结果", yes)), 0, 0),
        Row((("条件", "其余"), ("结果", no)), 0, 0),
    )
    return Table(title, ("条件", "结果"), rows, 0, 0)


def _table(edition: Edition, title: str, part: Points, world: World, full: int | None) -> Table:
    low, high = interval(part, world)
    if isinstance(part, Held):
        return _counted(title, part, low, high)
    if isinstance(part, Step) and isinstance(part.source, Judge):
        name, step = part.about.title, show_points(part.gain, edition.per_point)
        return Table(title, (name,), (Row(((name, f"评审专家评定，每档 {step} 分"),), low, high),), low, high)
    try:
        found = [_case(edition, after, low, high) for after, low, high in cases(part, world)]
    except TooMany:
        found = []
    most = high if full is None else min(high, full)
    found = _merged(replace(one, low=min(one.low, most), high=min(one.high, most)) for one in found)
    columns = dict.fromkeys(name for case in found for name in case.cells)
    return Table(title, tuple(columns), tuple(case.row(world) for case in found), min(low, most), most)


def _counted(title: str, part: Held, low: int, high: int) -> Table:
    """Print a list that is counted by how many of it hold, not item by item."""
    items = tuple(say_item(one) for one in part.conditions)
    rows, above = list[Row](), len(items) + 1
    for count, points in [*part.ladder, (0, 0)]:
        text = f"{count} 项" if above - count == 1 else f"{count}–{above - 1} 项"
        rows.append(Row((("成立", text),), points, points))
        above = count
    return Table(f"{title}（共 {len(items)} 项）", ("成立",), tuple(rows), low, high, items)


Bound = tuple[Fraction, bool]
"""A number, and whether it belongs to the range."""


@dataclass(frozen=True, slots=True)
class _Range:
    """The bounds that a case puts on one number."""

    about: Quantity
    low: Bound | None = None
    high: Bound | None = None

    def within(self, low: Bound | None, high: Bound | None) -> "_Range":
        """Return the range narrowed by more bounds."""
        lows = [(number, not closed) for number, closed in (one for one in (self.low, low) if one)]
        highs = [one for one in (self.high, high) if one]
        best = max(lows, default=None)
        return replace(self, low=best and (best[0], not best[1]), high=min(highs, default=None))

    def taking(self, condition: Compare, *, held: bool) -> "_Range":
        """Return the range narrowed by what a condition says, held or not."""
        limit, word = condition.limit.literal or Fraction(0), condition.word
        if word in ("equals", "differs"):
            return self.within((limit, True), (limit, True))
        closed = (word in ("at_least", "at_most")) == held
        if (word in ("at_least", "more_than")) == held:
            return self.within((limit, closed), None)
        return self.within(None, (limit, closed))

    def text(self, world: World) -> str:
        """Print the range: ≥ 95%，< 100%; whole numbers without gaps: 8–11 个月."""
        low, high, about = self.low, self.high, self.about
        if _whole(about):
            low = (low[0] if low[1] else Fraction(low[0] // 1 + 1), True) if low else None
            high = (high[0] if high[1] else Fraction(-(-high[0] // 1) - 1), True) if high else None
            least, _ = span(about, {}, world.domains)
            low = (least, True) if low is None and high and least >= 0 else low
        if low and high and low[0] == high[0]:
            return f"= {say_number(low[0], about)}"
        if low and high and low[1] and high[1]:
            return f"{show(low[0]) if about.kind == 'number' else say_number(low[0], about)}–{say_number(high[0], about)}"
        parts = [f"{'≥' if low[1] else '>'} {say_number(low[0], about)}"] if low else []
        parts += [f"{'≤' if high[1] else '<'} {say_number(high[0], about)}"] if high else []
        return "，".join(parts) or "任何值"


@dataclass(frozen=True, slots=True)
class _Case:
    """A case before it is put into words."""

    cells: dict[str, "_Range | str"]
    low: int
    high: int

    def row(self, world: World) -> Row:
        """Put the case into words."""
        cells = {name: one if isinstance(one, str) else one.text(world) for name, one in self.cells.items()}
        return Row(tuple(cells.items()), self.low, self.high)


def _merged(found: Iterable[_Case]) -> list[_Case]:
    """Join neighbours with the same points that touch in one number."""
    result = list[_Case]()
    for case in found:
        cells = _joined(result[-1], case) if result else None
        if cells is not None:
            result[-1] = replace(result[-1], cells=cells)
        else:
            result.append(case)
    return result


def _joined(one: _Case, two: _Case) -> dict[str, "_Range | str"] | None:
    """Return the cells of two cases taken together, where they differ in a range that goes on without a break."""
    if (
        (one.low, one.high) != (two.low, two.high)
        or one.cells.keys() != two.cells.keys()
        or one.low < one.high
    ):
        return None
    apart = [name for name in one.cells if one.cells[name] != two.cells[name]]
    a, b = (case.cells[apart[0]] if len(apart) == 1 else "" for case in (one, two))
    if not isinstance(a, _Range) or not isinstance(b, _Range):
        return None
    for upper, lower in ((a, b), (b, a)):
        if upper.low and lower.high and upper.low[0] == lower.high[0] and upper.low[1] != lower.high[1]:
            return one.cells | {apart[0]: replace(upper, low=lower.low)}
    return None


def _case(edition: Edition, world: World, low: int, high: int) -> _Case:
    cells = dict[str, _Range | str]()
    for what, held in world.said:
        if isinstance(what, tuple):
            step, least, most = what
            name = step.about.title
            before = cells.get(name, _Range(step.about))
            assert isinstance(before, _Range)
            cells[name] = _levels(edition, step, least, most, before)
        elif isinstance(what, Among):
            left = world.domains[what.var].options
            fact = edition.words.fact(what.var)
            options = (fact.answer.choice or ()) if fact else ()
            cells[what.about.title] = "、".join(one.title or one.id for one in options if one.id in left)
        elif isinstance(what, Compare) and what.about.kind == "truth":
            cells[what.about.title] = "是" if wants(what, held=held) else "否"
        elif isinstance(what, Compare) and what.limit.literal is not None:
            name = what.about.title
            range_ = cells.get(name, _Range(what.about))
            cells[name] = range_.taking(what, held=held) if isinstance(range_, _Range) else range_
        else:
            cells[say_rule(what)] = "成立" if held else "不成立"
    return _Case(cells, low, high)


def _levels(edition: Edition, step: Step, least: int, most: int, before: _Range) -> "_Range | str":
    """Return which values of a number reach these levels of a staircase."""
    if most - least > MOST_LEVELS or (isinstance(step.source, Each) and least != most):
        return f"按比例，每档 {show_points(step.gain, edition.per_point)} 分"
    bounds = [_threshold(step, least) if least > step.least else None]
    bounds.append(_threshold(step, most + 1) if most < step.most else None)
    if bounds == [None, None]:
        return f"第 {least} 档"
    low, high = bounds if rising(step) else (bounds[1], bounds[0])
    closed = rising(step) == (step.mode != "ceil")
    return before.within(None if low is None else (low, closed), None if high is None else (high, not closed))


def _whole(about: Quantity) -> bool:
    """Whether a number is always whole: it counts something that people fill in."""
    return about.bottom == Linear((), 1) and not any(var.startswith("=") for var, _ in about.top.terms)


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

"""Scoring shapes become points: chains, staircases, sums."""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil

from engine.build.arithmetic import add, opaque
from engine.build.conditions import compare, condition
from engine.build.quantities import operand
from engine.build.scope import CALLED, Scope
from engine.exact import half_up, show
from engine.models import scoring as written
from engine.models.base import Model
from engine.problem import Path
from engine.tree import (
    Add,
    Chain,
    Condition,
    Const,
    Held,
    Linear,
    Pick,
    Points,
    Quantity,
    Rung,
    Step,
    Take,
)


@dataclass(slots=True)
class Shaper:
    """Builds the points of one indicator."""

    scope: Scope
    indicator: str
    per_point: Fraction
    judged: int = 0

    def whole(self, points: Fraction, path: Path) -> int:
        """Return points in the smallest unit; a finer number is a problem, and counts as the next unit."""
        number = points * self.per_point
        if number.denominator != 1:
            what = f"{self.scope.who} 的分值 {show(points)} 比标准的最小单位还细"
            self.scope.complain(path, what, "请改分值，或在 standard.yaml 里改 unit", "unit")
        return ceil(number)

    def build(self, part: object, path: Path, need: int) -> Points | None:
        """Build one shape; `need` is the most that could matter to what stands around it."""
        match part:
            case tuple():
                return self._steps(part, path)
            case written.Steps():
                return self._steps(part.steps, (*path, "steps"))
            case written.Line():
                return self._steps((part,), path, single=True)
            case written.Each():
                return self._each(part, path, need)
            case written.Deduct():
                full = self.whole(part.deduct_from, (*path, "deduct_from"))
                parts = self._all(part.items, (*path, "items"), full)
                return Take(full, tuple(_no_more(part, full) for part in parts), path) if parts else None
            case written.Items():
                return self._items(part, path, need)
            case written.Linear():
                return self._linear(part, path)
            case written.Judge():
                return self._judge(part, path)
            case written.Parts():
                cap = self.whole(part.up_to, (*path, "up_to")) if part.up_to else None
                parts = self._all(part.parts, (*path, "parts"), cap or need)
                return Add(parts, cap, path) if parts else None
            case written.BestOf() | written.WorstOf():
                best = isinstance(part, written.BestOf)
                content = part.best_of if isinstance(part, written.BestOf) else part.worst_of
                parts = self._all(content, (*path, "best_of" if best else "worst_of"), need)
                return Pick(best, parts, path) if parts else None
        assert isinstance(part, written.Held)
        what = f"{self.scope.who} 这里要写分值（points）"
        self.scope.complain(path, what, "when 单独成行只能和 by_count 一起用", "held")
        return None

    def _all(self, parts: tuple[object, ...], path: Path, need: int) -> tuple[Points, ...] | None:
        built = [self.build(part, (*path, index), need) for index, part in enumerate(parts)]
        whole = tuple(part for part in built if part is not None)
        return whole if len(whole) == len(built) else None

    def _steps(self, lines: tuple[written.Line, ...], path: Path, *, single: bool = False) -> Points | None:
        rungs = list[Rung | None]()
        for index, line in enumerate(lines):
            at = path if single else (*path, index)
            if line.when is None and index < len(lines) - 1:
                self.scope.complain(
                    at,
                    f"{self.scope.who} 第 {index + 1} 行没有 when，后面的行永远用不到",
                    "其余情形只能写在最后一行",
                    "otherwise",
                )
                rungs.append(None)
                continue
            when = condition(self.scope, line.when, (*at, "when")) if line.when else None
            points = Const(self.whole(line.points, (*at, "points")))
            rungs.append(None if line.when and when is None else Rung(when, points, at))
        whole = tuple(rung for rung in rungs if rung is not None)
        return Chain(whole, path) if len(whole) == len(rungs) else None

    def _each(self, part: written.Each, path: Path, need: int) -> Points | None:
        about = operand(self.scope, part.each, (*path, "each"))
        if about is None or not self._number(about, (*path, "each")):
            return None
        gain = self.whole(part.points, (*path, "points"))
        cap = self.whole(part.up_to, (*path, "up_to")) if part.up_to else None
        counted: Quantity | None = about
        if part.over is not None and part.under is not None:
            self.scope.complain(
                (*path, "under"), f"{self.scope.who} 的 over 和 under 只能写一个", "请删去一个", "each"
            )
            return None
        for key, value in (("over", part.over), ("under", part.under)):
            if value is not None:
                counted = self._gap(about, value, key, (*path, key))
        if counted is None:
            return None
        top, bottom = counted.top, counted.bottom
        mode = "ceil" if part.part == "counts" else "floor"
        base = self.whole(part.base.points, (*path, "base")) if part.base else 0
        if part.base:
            top = top * part.base.at.denominator - bottom * part.base.at.numerator
            bottom = bottom * part.base.at.denominator
        if part.per:
            top, bottom = top * part.per.denominator, bottom * part.per.numerator
        levels = max(-(-((cap or need) - base) // gain), 0) + (0 if cap else 1)
        step = Step(top, bottom, mode, gain, base, 0, levels, about, part, path)  # type: ignore[arg-type]
        node: Points = step
        if part.base:
            start = Quantity(
                "",
                show(part.base.at),
                about.kind,
                Linear((), part.base.at.numerator),
                Linear((), part.base.at.denominator),
            )
            node = Chain((Rung(compare(about, "at_least", start), step, path),), path)
        return Add((node,), cap, path) if cap is not None and (base + gain * levels) > cap else node

    def _gap(self, about: Quantity, value: bool | str, key: str, path: Path) -> Quantity | None:
        limit = operand(self.scope, value, path)
        if limit is None or not self._number(limit, path):
            return None
        if about.divides and limit.literal is not None:
            top = about.top * limit.bottom.const - about.bottom * limit.top.const
            gap = Quantity("", "", about.kind, top, about.bottom * limit.bottom.const)
        else:
            minus = replace(limit, top=-limit.top)
            gap = add(self.scope, [about, minus], path)
        return replace(gap, top=-gap.top) if key == "under" else gap

    def _number(self, about: Quantity, path: Path) -> bool:
        if about.kind in ("choice", "text", "table", "date", "datetime"):
            what = f"{self.scope.who}：{about.title}是{CALLED[about.kind]}，这里要用数字"
            self.scope.complain(path, what, "请换一个数字事实或派生事实", "kind")
            return False
        return True

    def _items(self, part: written.Items, path: Path, need: int) -> Points | None:
        if part.by_count is None:
            parts = self._all(part.items, (*path, "items"), need)
            return Add(parts, None, path) if parts else None
        conditions = list[Condition]()
        for index, item in enumerate(part.items):
            at = (*path, "items", index)
            if not isinstance(item, written.Held):
                self.scope.complain(
                    at, f"{self.scope.who} 写了 by_count，各项只写 when", "请删去这一项的 points", "held"
                )
                return None
            made = condition(self.scope, item.when, (*at, "when"))
            if made is None:
                return None
            conditions.append(made)
        ladder = sorted(part.by_count.items(), reverse=True)
        rungs = tuple((count, self.whole(points, (*path, "by_count", count))) for count, points in ladder)
        for count, _ in rungs:
            if not 1 <= count <= len(conditions):
                self.scope.complain(
                    (*path, "by_count", count),
                    f"{self.scope.who} 一共 {len(conditions)} 项，by_count 却写了成立 {count} 项",
                    f"请写 1 到 {len(conditions)}",
                    "by-count",
                )
        return Held(tuple(conditions), rungs, path)

    def _linear(self, part: written.Linear, path: Path) -> Points | None:
        about = operand(self.scope, part.linear, (*path, "linear"))
        if about is None or not self._number(about, (*path, "linear")):
            return None
        ends = part.through or (part.from_, part.to)
        if (part.through is None) == (part.from_ is None) or None in ends:
            self.scope.complain(
                path,
                f"{self.scope.who} 的 linear 要写 from 和 to，或只写 through",
                "例如 from: [0%, 0]、to: [100%, 5]",
                "linear",
            )
            return None
        corners = list[tuple[Quantity, Fraction]]()
        for index, (value, points) in enumerate(end for end in ends if end):
            at = (*path, "through", index) if part.through else (*path, "to" if index else "from")
            corner = operand(self.scope, value, at)
            if corner is None or not self._number(corner, at):
                return None
            corners.append((corner, points))
        written_ends = [corner.literal for corner, _ in corners if corner.literal is not None]
        if any(left >= right for left, right in pairwise(written_ends)):
            self._unordered(path)
            return None
        step = self.whole(part.step, (*path, "step")) if part.step else 1
        mode = "floor" if part.round == "down" else "half_up"
        rungs = list[Rung]()
        for left, right in pairwise(corners):
            segment = self._segment(about, left, right, (step, mode, part), path)
            if segment is None:
                return None
            last = right is corners[-1]
            rungs.append(Rung(None if last else compare(about, "at_most", right[0]), segment, path))
        return rungs[0].then if len(rungs) == 1 else Chain(tuple(rungs), path)

    def _unordered(self, path: Path) -> None:
        self.scope.complain(path, f"{self.scope.who} 的线性各点要从小到大", "请调换顺序", "linear")

    def _segment(
        self,
        about: Quantity,
        left: tuple[Quantity, Fraction],
        right: tuple[Quantity, Fraction],
        how: tuple[int, str, Model],
        path: Path,
    ) -> Step | None:
        """Points on the straight line between two corners: p0 + (x - x0)(p1 - p0)/(x1 - x0), in steps."""
        step, mode, source = how
        low, high = (self.whole(points, path) for _, points in (left, right))
        rise = add(self.scope, [about, replace(left[0], top=-left[0].top)], path)
        if about.divides and left[0].literal is not None:
            x0 = left[0].literal
            top = about.top * x0.denominator - about.bottom * x0.numerator
            rise = Quantity("", "", about.kind, top, about.bottom * x0.denominator)
        run = add(self.scope, [right[0], replace(left[0], top=-left[0].top)], path)
        if not run.top.terms and run.top.const <= 0:  # the same fact at both ends, or the greater one first
            self._unordered(path)
            return None
        if rise.divides and run.literal is None:
            rise = opaque(self.scope, "quotient", [rise], path)
        slope, numerator = high - low, run.top
        if rise.bottom.terms:
            denominator = rise.bottom * (run.top.const * step)
            top = rise.top * (run.bottom.const * slope) + rise.bottom * (run.top.const * low)
        else:
            denominator = numerator * (rise.bottom.const * step)
            top = rise.top * (run.bottom.const * slope) + numerator * (rise.bottom.const * low)
        ends = [points // step if mode == "floor" else half_up(points, step) for points in (low, high)]
        least, most = sorted(ends)
        return Step(top, denominator, mode, step, 0, least, most, about, source, path)  # type: ignore[arg-type]

    def _judge(self, part: written.Judge, path: Path) -> Points | None:
        self.judged += 1
        if self.judged > 1:
            self.scope.complain(
                path, f"{self.scope.who} 一个指标只能有一处人工评定", "请拆成两个指标", "judge"
            )
            return None
        step = self.whole(part.step, (*path, "step")) if part.step else 1
        full = self.whole(part.judge, (*path, "judge"))
        if full % step:
            what = f"{self.scope.who} 人工评定满分 {show(part.judge)}，不是 step 的整数倍"
            self.scope.complain((*path, "step"), what, "请改 step", "judge")
        var = f"judge:{self.indicator}"
        about = Quantity(var, "人工评定", "number", Linear(((var, 1),)), Linear((), step), "分")
        return Step(
            Linear(((var, 1),)), Linear((), step), "floor", step, 0, 0, full // step, about, part, path
        )


def _no_more(part: Points, full: int) -> Points:
    """Let a deduction end where nothing is left to deduct."""
    if isinstance(part, Step) and part.gain * (part.most - 1) >= full:
        return replace(part, most=part.most - 1)
    return part

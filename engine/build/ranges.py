"""What each fact may be: its range, its options, and the bounds that tie facts to each other."""

from fractions import Fraction

from engine.build.vocabulary import (
    Defined,
    Vocabulary,
    bounds_of,
    column_quantity,
    day_number,
    minute_number,
    scale_of,
)
from engine.domain import FAR, FIRST_DAY, LAST_DAY, Domain
from engine.exact import show
from engine.models.checklist import Answer, Bounds, Fact, Scalar
from engine.problem import Path, Problem
from engine.tree import Linear

_TYPES = "请在 yes_no、integer、number、percent、money、date、datetime、choice、choices、text 中写一种"


def read_ranges(words: Vocabulary) -> list[Problem]:
    """Note what every fact may be; return what cannot be."""
    ranges = Ranges(words)
    for found in list(words.defined.values()):
        if isinstance(found.item, Fact):
            ranges.read(found.item, found)
    ranges.circles()
    return ranges.problems


class Ranges:
    """Reads the ranges of all facts, noting every problem."""

    def __init__(self, words: Vocabulary) -> None:
        self.words = words
        self.problems = list[Problem]()
        self.below = dict[str, list[tuple[str, Defined, Path]]]()

    def _say(self, found: Defined, path: Path, what: str, next_: str, code: str) -> None:
        place = found.document.place((*found.path, "answer", *path))
        if not found.document.faulty(place):
            self.problems.append(Problem(place, what, next_, code))

    def read(self, fact: Fact, found: Defined) -> None:
        """Read one fact."""
        answer, name = fact.answer, fact.id
        if not answer.kind:
            self._say(found, (), f"事实 {name} 的 answer 要写且只写一种类型", f"{_TYPES}，或 table", "answer")
            return
        self.words.quantities[name] = column_quantity(name, fact.name, answer)
        self.words.domains[f"{name}@evidence"] = Domain(0, 1000)
        self._options(found, answer, name, (answer.kind,))
        if answer.table is not None:
            self._table(found, answer)
        elif answer.choice:
            self.words.domains[name] = Domain(options=frozenset(option.id for option in answer.choice))
        elif answer.choices:
            self.words.domains |= {f"{name}#{option.id}": Domain(0, 1) for option in answer.choices}
        elif answer.kind == "yes_no":
            self.words.domains[name] = Domain(0, 1)
        elif answer.kind in ("date", "datetime"):
            self.words.domains[name] = self._days(found, answer, name, (answer.kind,))
        elif bounds_of(answer) is not None:
            self._number(found, answer, name)

    def _options(self, found: Defined, answer: Scalar, name: str, path: Path) -> None:
        seen = set[str]()
        for index, option in enumerate(answer.choice or answer.choices or ()):
            words = {option.id, option.title or option.id}
            if words & seen:
                what = f"{name} 的选项“{option.title or option.id}”重复了"
                self._say(found, (*path, index), what, "请删去一个，或换一个名字", "duplicate-option")
            seen |= words

    def _table(self, found: Defined, answer: Answer) -> None:
        table = answer.table
        assert table is not None
        if table.at_least > table.at_most:
            what = f"事实 {found.item.id} 最少 {table.at_least} 行，最多 {table.at_most} 行"
            self._say(found, ("table",), what, "请改正行数", "bounds")
        for title, column in table.columns.items():
            path = ("table", "columns", title)
            if not column.kind:
                self._say(found, path, f"列“{title}”要写且只写一种类型", _TYPES, "answer")
                continue
            self._options(found, column, f"列“{title}”", (*path, column.kind))
            if column.kind in ("date", "datetime"):
                self._days(found, column, f"列“{title}”", (*path, column.kind))
            bounds = bounds_of(column)
            if bounds is None:
                continue
            for key in ("at_least", "at_most"):
                if isinstance(getattr(bounds, key), str):
                    what = f"列“{title}”的范围不能用别的事实 {getattr(bounds, key)}"
                    self._say(found, (*path, column.kind, key), what, "列的范围只写数字", "bounds")
            self._ends(found, column, f"列“{title}”", (*path, column.kind))

    def _days(self, found: Defined, answer: Scalar, name: str, path: Path) -> Domain:
        bounds = answer.date or answer.datetime
        factor, read = (1, day_number) if answer.kind == "date" else (24 * 60, minute_number)
        ends = {"at_least": FIRST_DAY * factor, "at_most": (LAST_DAY + 1) * factor - 1}
        for key in ends:
            text = getattr(bounds, key)
            if text is None:
                continue
            try:
                ends[key] = read(text)
            except ValueError:
                example = "2024-01-26" if factor == 1 else "2024-01-26 15:00"
                self._say(
                    found, (*path, key), f"{name} 的范围写了 {text}，不是日期", f"请写成 {example}", "day"
                )
        return self._domain(found, name, path, ends["at_least"], ends["at_most"])

    def _domain(self, found: Defined, name: str, path: Path, low: int, high: int) -> Domain:
        if low > high:
            what = f"{name} 的下限大于上限，没有答案填得进去"
            self._say(found, path, what, "请改 at_least 或 at_most", "bounds")
        return Domain(low, max(low, high))

    def _ends(self, found: Defined, answer: Scalar, name: str, path: Path) -> Domain:
        """Read the written ends of a number."""
        bounds, scale = bounds_of(answer) or Bounds(), scale_of(answer)
        ends = {"at_least": 0, "at_most": scale if answer.kind == "percent" else FAR * scale}
        if answer.kind == "integer" and bounds.decimals:
            self._say(
                found,
                (*path, "decimals"),
                f"{name} 是整数，不能有小数位",
                "请删去 decimals，或改用 number",
                "bounds",
            )
        for key in ends:
            bound = getattr(bounds, key)
            if not isinstance(bound, Fraction):
                continue
            number = bound * scale
            if number.denominator != 1:
                what = f"{name} 的范围 {show(bound)} 比答案的小数位还细"
                self._say(found, (*path, key), what, "请改 decimals 或范围", "bounds")
            ends[key] = int(number)
        return self._domain(found, name, path, ends["at_least"], ends["at_most"])

    def _number(self, found: Defined, answer: Answer, name: str) -> None:
        path = (answer.kind,)
        domain = self._ends(found, answer, name, path)
        bounds = bounds_of(answer)
        for key in ("at_least", "at_most"):
            other = getattr(bounds, key)
            if isinstance(other, str) and self._link(found, name, other, (*path, key)) and key == "at_most":
                domain = self._within(name, other, domain)
        self.words.domains[name] = domain

    def _link(self, found: Defined, name: str, other: str, path: Path) -> bool:
        """Tie a fact to the fact that bounds it."""
        fact, mine = self.words.fact(other), self.words.fact(name)
        assert mine is not None
        if fact is None:
            what = f"{name} 的范围用到的事实 {other} 在填报清单里找不到"
            if self.words.whole:
                self._say(found, path, what, self.words.nearest(other), "unknown-fact")
            return False
        if bounds_of(fact.answer) is None:
            what = f"{name} 的范围用到的 {other} 不是数字事实"
            self._say(found, path, what, "请换一个数字事实", "bounds")
            return False
        if (fact.answer.kind == "percent") != (mine.answer.kind == "percent"):
            what = f"{name} 和它的范围 {other} 一个是百分数，一个不是"
            self._say(found, path, what, "请换一个同类的事实", "bounds")
            return False
        lower, upper = (name, other) if path[-1] == "at_most" else (other, name)
        self.below.setdefault(lower, []).append((upper, found, path))
        gap = Linear(((other, scale_of(mine.answer)), (name, -scale_of(fact.answer))))
        self.words.links.append(gap if path[-1] == "at_most" else -gap)
        return True

    def _within(self, name: str, other: str, domain: Domain) -> Domain:
        """Cut the range of a fact at the written end of the fact that bounds it."""
        fact, mine = self.words.fact(other), self.words.fact(name)
        assert fact is not None
        assert mine is not None
        bounds = bounds_of(fact.answer)
        end = bounds.at_most if bounds else None
        if not isinstance(end, Fraction):
            return domain
        return Domain(domain.low, max(domain.low, int(end * scale_of(mine.answer))))

    def circles(self) -> None:
        """Report bounds that lead back to where they start; such facts could only be equal."""
        done = set[str]()
        for start in self.below:
            trail = [start]
            while trail:
                name = trail[-1]
                above = [edge for edge in self.below.get(name, ()) if edge[0] not in done]
                back = next((edge for edge in above if edge[0] in trail), None)
                if back is not None:
                    ring = [*trail[trail.index(back[0]) :], back[0]]
                    what = f"这几个事实的范围绕成了一圈：{' ≤ '.join(ring)}"
                    self._say(back[1], back[2], what, "请去掉其中一个范围", "bound-cycle")
                    done.add(name)
                    trail.pop()
                elif above:
                    trail.append(above[0][0])
                else:
                    done.add(name)
                    trail.pop()

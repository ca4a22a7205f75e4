"""All facts of all checklists by id: their numbers, ranges and links."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import NamedTuple

from engine.domain import FAR, FIRST_DAY, LAST_DAY, Domain
from engine.models.checklist import Bounds, Checklist, Fact, Scalar
from engine.models.conditions import Derived, OfTable, Parameter
from engine.problem import Path, Place, Problem, nearest
from engine.strict_yaml import Document
from engine.tree import Condition, Kind, Linear, Quantity, Var

KIND: dict[str, Kind] = {
    "yes_no": "truth",
    "integer": "number",
    "number": "number",
    "percent": "percent",
    "money": "money",
    "date": "date",
    "datetime": "datetime",
    "choice": "choice",
    "choices": "number",
    "text": "text",
    "table": "table",
}


class Defined(NamedTuple):
    """Something a checklist or a standard defines, and where."""

    item: Fact | Derived | Parameter
    document: Document
    path: Path

    @property
    def place(self) -> Place:
        """Where it is defined."""
        return self.document.place(self.path)


@dataclass(frozen=True, slots=True)
class Computed:
    """A number that is no linear form: it is computed when all it reads is known."""

    var: Var
    title: str
    operator: str
    quantities: tuple[Quantity, ...] = ()
    conditions: tuple[Condition | None, ...] = ()
    table: OfTable | None = None
    parameter: Parameter | None = None
    amounts: tuple[int, ...] = ()
    inputs: frozenset[Var] = frozenset()


@dataclass(slots=True)
class Vocabulary:
    """What rules may speak of."""

    defined: dict[str, Defined] = field(default_factory=dict)
    quantities: dict[str, Quantity | None] = field(default_factory=dict)
    computed: dict[Var, Computed] = field(default_factory=dict)
    domains: dict[Var, Domain] = field(default_factory=dict)
    links: list[Linear] = field(default_factory=list)
    agos: set[int] = field(default_factory=set)
    uses: dict[str, set[str]] = field(default_factory=dict)
    """Which names a derived fact speaks of; the empty name stands for the rules themselves."""

    def fact(self, name: str) -> Fact | None:
        """Return the fact of that id."""
        found = self.defined.get(name)
        return found.item if found and isinstance(found.item, Fact) else None

    def branch(self) -> "Vocabulary":
        """Return a copy that can take a standard's own parameters."""
        return Vocabulary(
            dict(self.defined),
            dict(self.quantities),
            dict(self.computed),
            dict(self.domains),
            list(self.links),
            set(self.agos),
            dict(self.uses),
        )

    def used(self) -> set[str]:
        """Return every name the rules speak of, through derived facts to what these speak of."""
        found, queue = set[str](), list(self.uses.get("", ()))
        while queue:
            name = queue.pop()
            if name not in found:
                found.add(name)
                queue += self.uses.get(name, ())
        return found

    def nearest(self, word: str) -> str:
        """Return 最接近的是 … with its place, or the next step when nothing is near."""
        found = nearest(word, self.defined)
        if not found:
            return "请先在 checklists/ 里写这个事实,或改成已有的事实号"
        place = self.defined[found].place
        return f"最接近的是 {found}({place.file}:{place.line})"


def scale_of(answer: Scalar) -> int:
    """Return how many smallest steps of the answer make one."""
    bounds = answer.integer or answer.number or answer.percent or answer.money
    if answer.kind == "integer" or bounds is None:
        return 1
    decimals = 2 if bounds.decimals is None else bounds.decimals
    return int(10 ** (decimals + (2 if answer.kind == "percent" else 0)))


def day_number(text: str) -> int:
    """Return the ordinal of a day; raises ValueError for what is no day."""
    return date.fromisoformat(text).toordinal()


def minute_number(text: str) -> int:
    """Return the minutes of a moment; raises ValueError for what is no moment."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError(text)
    return (moment.toordinal() * 24 + moment.hour) * 60 + moment.minute


def vocabulary(checklists: Iterable[tuple[Checklist, Document]]) -> tuple[Vocabulary, list[Problem]]:
    """Collect the facts of all checklists; a second definition of an id is a problem."""
    words, problems = Vocabulary(), list[Problem]()
    for checklist, document in checklists:
        items = [("facts", i, fact) for i, fact in enumerate(checklist.facts)]
        derived = [("derive", i, one) for i, one in enumerate(checklist.derive)]
        for key, index, item in (*items, *derived):
            define(words, Defined(item, document, (key, index)), problems)
    for name, found in words.defined.items():
        if isinstance(found.item, Fact):
            _fact(words, name, found, problems)
    return words, problems


def define(words: Vocabulary, found: Defined, problems: list[Problem]) -> None:
    """Add a definition unless its id is taken."""
    name = found.item.id
    earlier = words.defined.get(name)
    if earlier:
        place = found.document.place((*found.path, "id"))
        what = f"事实号 {name} 已经在 {earlier.place.file}:{earlier.place.line} 定义过"
        problems.append(Problem(place, what, "一个事实只写一处,请删去一处或换一个号", "duplicate-fact"))
    else:
        words.defined[name] = found


def _fact(words: Vocabulary, name: str, found: Defined, problems: list[Problem]) -> None:
    fact = found.item
    assert isinstance(fact, Fact)
    answer = fact.answer
    if not answer.kind:
        what = f"事实 {name} 的 answer 要写且只写一种类型"
        problems.append(
            Problem(found.document.place((*found.path, "answer")), what, "请看规则语言第 1 节", "answer")
        )
        return
    words.quantities[name] = column_quantity(name, fact.name, answer)
    words.domains[f"{name}@evidence"] = Domain(0, 1000)
    if answer.kind == "table" and answer.table:
        for title, column in answer.table.columns.items():
            if not column.kind:
                place = found.document.place((*found.path, "answer", "table", "columns", title))
                problems.append(
                    Problem(place, f"列“{title}”要写且只写一种类型", "请看规则语言第 1 节", "answer")
                )
    elif answer.kind == "choice" and answer.choice:
        words.domains[name] = Domain(options=frozenset(option.id for option in answer.choice))
    elif answer.kind == "choices" and answer.choices:
        words.domains |= {f"{name}#{option.id}": Domain(0, 1) for option in answer.choices}
    elif answer.kind == "yes_no":
        words.domains[name] = Domain(0, 1)
    elif answer.kind in ("date", "datetime"):
        _days(words, name, found, problems)
    elif answer.kind != "text":
        _range(words, name, found, problems)


def column_quantity(name: str, title: str, answer: Scalar) -> Quantity:
    """Return the quantity that a fact or a table column of this type stands for."""
    kind = KIND[answer.kind]
    if answer.choices:
        terms = tuple((f"{name}#{option.id}", 1) for option in answer.choices)
        return Quantity(name, title, kind, Linear(terms), unit=answer.unit or "项")
    bottom = Linear((), scale_of(answer))
    unit = answer.unit or ("元" if kind == "money" else "")
    return Quantity(name, title, kind, Linear(((name, 1),)), bottom, unit)


def _days(words: Vocabulary, name: str, found: Defined, problems: list[Problem]) -> None:
    assert isinstance(found.item, Fact)
    answer = found.item.answer
    bounds = answer.date or answer.datetime
    factor, read = (1, day_number) if answer.kind == "date" else (24 * 60, minute_number)
    low, high = FIRST_DAY * factor, LAST_DAY * factor
    for key in ("at_least", "at_most"):
        text = getattr(bounds, key)
        if text is None:
            continue
        try:
            number = read(text)
        except ValueError:
            place = found.document.place((*found.path, "answer", answer.kind, key))
            problems.append(Problem(place, f"{text} 不是日期", "日期写成 2024-01-26", "day"))
            continue
        low, high = (number, high) if key == "at_least" else (low, number)
    words.domains[name] = Domain(low, high)


def _range(words: Vocabulary, name: str, found: Defined, problems: list[Problem]) -> None:
    assert isinstance(found.item, Fact)
    answer = found.item.answer
    bounds = answer.integer or answer.number or answer.percent or answer.money or Bounds()
    scale = scale_of(answer)
    low, high = 0, (scale if answer.kind == "percent" else FAR * scale)
    for key in ("at_least", "at_most"):
        bound = getattr(bounds, key)
        path = (*found.path, "answer", answer.kind, key)
        if isinstance(bound, Fraction):
            number = bound * scale
            if number.denominator != 1:
                what = f"事实 {name} 的范围 {bound} 比答案的小数位还细"
                problems.append(Problem(found.document.place(path), what, "请改 decimals 或范围", "bounds"))
            low, high = (int(number), high) if key == "at_least" else (low, int(number))
        elif isinstance(bound, str):
            high = _link(words, name, bound, key, Defined(found.item, found.document, path), problems) or high
    if low > high:
        what = f"事实 {name} 的下限大于上限,没有答案填得进去"
        problems.append(Problem(found.document.place((*found.path, "answer")), what, "请改正范围", "bounds"))
    words.domains[name] = Domain(low, max(low, high))


def _link(
    words: Vocabulary, name: str, bound: str, key: str, found: Defined, problems: list[Problem]
) -> int | None:
    """Tie a fact to the fact that bounds it; return the upper end that follows for its own range."""
    other = words.fact(bound)
    if other is None or other.answer.kind not in ("integer", "number", "percent", "money"):
        what = f"事实 {name} 的范围用到的 {bound} 不是清单里的数字事实"
        problems.append(Problem(found.document.place(found.path), what, words.nearest(bound), "unknown-fact"))
        return None
    assert isinstance(found.item, Fact)
    mine, its = scale_of(found.item.answer), scale_of(other.answer)
    gap = Linear(((bound, mine), (name, -its)))
    words.links.append(gap if key == "at_most" else -gap)
    theirs = other.answer.integer or other.answer.number or other.answer.percent or other.answer.money
    top = theirs.at_most if theirs else None
    return int(top * mine) if key == "at_most" and isinstance(top, Fraction) else None

"""All facts of all checklists by id: their numbers, ranges and links."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from engine.domain import Domain
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


class RowColumn(NamedTuple):
    """A column that is computed row by row, with the computed numbers behind it, each after what it reads."""

    name: str
    quantity: Quantity
    order: tuple[Computed, ...]


@dataclass(slots=True)
class Vocabulary:
    """What rules may speak of."""

    defined: dict[str, Defined] = field(default_factory=dict)
    quantities: dict[str, Quantity | None] = field(default_factory=dict)
    computed: dict[Var, Computed] = field(default_factory=dict)
    domains: dict[Var, Domain] = field(default_factory=dict)
    row_columns: dict[str, tuple[RowColumn, ...]] = field(default_factory=dict)
    """The computed columns of each table fact."""
    links: list[Linear] = field(default_factory=list)
    agos: set[int] = field(default_factory=set)
    whole: bool = True
    """Whether every checklist could be read; else nobody can say what is not in them."""
    trail: list[str] = field(default_factory=list)
    """The names being resolved, each because the one before speaks of it."""
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
            self.row_columns,
            list(self.links),
            set(self.agos),
            self.whole,
            uses={name: set(spoken) for name, spoken in self.uses.items() if name},
        )

    def used(self) -> set[str]:
        """Return every name the rules speak of, through derived facts to what these speak of."""
        return self.behind(self.uses.get("", ()))

    def behind(self, names: Iterable[str]) -> set[str]:
        """Return names and everything the derived facts among them speak of."""
        found, queue = set[str](), list(names)
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
            return "请先在 checklists/ 里写这个事实，或改成已有的事实号"
        place = self.defined[found].place
        return f"最接近的是 {found}（{place.file}:{place.line}）"


def bounds_of(answer: Scalar) -> Bounds | None:
    """Return the range of a numeric answer; None for any other."""
    return answer.integer or answer.number or answer.percent or answer.money


def scale_of(answer: Scalar) -> int:
    """Return how many smallest steps of the answer make one."""
    bounds = bounds_of(answer)
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


def defined_by(checklists: Iterable[tuple[Checklist, Document]]) -> tuple[Vocabulary, list[Problem]]:
    """Collect the facts of all checklists; a second definition of an id is a problem."""
    words, problems = Vocabulary(), list[Problem]()
    for checklist, document in checklists:
        for index, fact in enumerate(checklist.facts):
            define(words, Defined(fact, document, ("facts", index)), problems)
        for index, derived in enumerate(checklist.derive):
            define(words, Defined(derived, document, ("derive", index)), problems)
    return words, problems


def define(words: Vocabulary, found: Defined, problems: list[Problem]) -> None:
    """Add a definition unless its id is taken."""
    name = found.item.id
    earlier = words.defined.get(name)
    if earlier:
        place = found.document.place((*found.path, "id"))
        what = f"事实号 {name} 已经在 {earlier.place.file}:{earlier.place.line} 定义过"
        problems.append(Problem(place, what, "一个事实只写一处，请删去一处或换一个号", "duplicate-fact"))
    else:
        words.defined[name] = found


def column_quantity(name: str, title: str, answer: Scalar) -> Quantity:
    """Return the quantity that a fact or a table column of this type stands for."""
    kind = KIND[answer.kind]
    if answer.choices:
        terms = tuple((f"{name}#{option.id}", 1) for option in answer.choices)
        return Quantity(name, title, kind, Linear(terms), unit=answer.unit or "项")
    bottom = Linear((), scale_of(answer))
    unit = answer.unit or ("元" if kind == "money" else "")
    return Quantity(name, title, kind, Linear(((name, 1),)), bottom, unit)

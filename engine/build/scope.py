"""Where a rule is read: who asks, in which document, with which words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from engine.build.vocabulary import Computed, Vocabulary
from engine.models.checklist import Scalar
from engine.models.conditions import Condition
from engine.problem import Path, Problem
from engine.strict_yaml import Document
from engine.tree import Condition as Built
from engine.tree import Kind, Linear, Quantity, union, vars_of

NUMERIC: tuple[Kind, ...] = ("number", "percent", "money")
DAYS: tuple[Kind, ...] = ("date", "datetime")
CALLED: dict[Kind, str] = {
    "number": "数字",
    "percent": "百分数",
    "money": "金额",
    "date": "日期",
    "datetime": "时刻",
    "truth": "是非题",
    "choice": "单选题",
    "text": "文字",
    "table": "表格",
}
"""What messages call each kind."""


@dataclass(slots=True)
class Scope:
    """Where a rule is read; it notes what is wrong with it."""

    words: Vocabulary
    document: Document
    who: str
    problems: list[Problem]
    ask: Callable[["Scope", Condition, Path], Built | None]
    name: str = ""
    columns: Mapping[str, Scalar | Quantity] | None = None

    def condition(self, item: Condition, path: Path) -> Built | None:
        """Build a condition in this scope; None after a problem."""
        return self.ask(self, item, path)

    def complain(self, path: Path, what: str, next_: str, code: str) -> None:
        """Note a problem at the path, unless that place is known to be wrong."""
        place = self.document.place(path)
        if not self.document.faulty(place):
            self.problems.append(Problem(place, what, next_, code))

    def unknown(self, path: Path, name: str, what: str = "") -> None:
        """Note that nothing of that name is defined, where all that is defined could be read."""
        if self.words.whole:
            said = what or f"{self.who} 用到的事实 {name} 在填报清单里找不到"
            self.complain(path, said, self.words.nearest(name), "unknown-fact")

    def compute(self, operator: str, path: Path, title: str = "", **parts: object) -> Quantity:
        """Register a computed number under a name of its own and return the quantity that stands for it."""
        var = f"={self.name}" if self.name else f"={self.who}/{'/'.join(map(str, path))}"
        while var in self.words.computed:
            var += "'"
        made = Computed(var, title, operator, **parts)  # type: ignore[arg-type]
        reads = union(made.conditions) | frozenset().union(
            *(vars_of(q.top, q.bottom) for q in made.quantities),
            {made.table.table} if made.table else set(),
        )
        reads = frozenset(name for name in reads if name.split("#")[0] not in (self.columns or ()))
        self.words.computed[var] = replace(made, inputs=reads)
        kind: Kind = "date" if operator in ("latest", "deadline") else "number"
        return Quantity(var, title, kind, Linear(((var, 1),)))

"""The typed rule tree: what every rule becomes, whoever reads it afterwards.

Numbers are quotients of linear forms over integer variables, so that every comparison is one integer
inequality; 95 % of 50 compares by cross-multiplication. Points are integers in the standard's smallest
unit. A variable is a fact (`canteen.staff`), one option of a multiple choice (`office.rules#财务`), a count
of evidence (`canteen.staff@evidence`), a person's judgement (`judge:site`), a day relative to the day
of assessment (`@ago:36`), or a computed value (`=dues.rate`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.models.base import Model
    from engine.models.standard import Grade as GradeModel
    from engine.models.standard import Incident, Indicator, Requirement
    from engine.models.veto import Veto
    from engine.problem import Path

Var = str
Value = int | str | Fraction | tuple[dict[str, Any], ...]
"""What a variable is worth: a number, the id of an option, or the rows of a table."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A whole-number combination of variables plus a constant."""

    terms: tuple[tuple[Var, int], ...] = ()
    const: int = 0

    def __add__(self, other: Linear) -> Linear:
        sums = dict(self.terms)
        for var, factor in other.terms:
            sums[var] = sums.get(var, 0) + factor
        return Linear(tuple((v, k) for v, k in sums.items() if k), self.const + other.const)

    def __mul__(self, factor: int) -> Linear:
        return Linear(tuple((v, k * factor) for v, k in self.terms) if factor else (), self.const * factor)

    def __sub__(self, other: Linear) -> Linear:
        return self + other * -1

    def __neg__(self) -> Linear:
        return self * -1

    def over(self, divisor: int) -> Linear:
        """Divide by a common divisor of all coefficients."""
        return Linear(tuple((v, k // divisor) for v, k in self.terms), self.const // divisor)

    @property
    def divisor(self) -> int:
        """The greatest common divisor of all coefficients (0 for the empty form)."""
        return gcd(self.const, *(k for _, k in self.terms))


ONE = Linear((), 1)
Kind = Literal["number", "percent", "date", "datetime", "money", "truth", "choice", "text", "table"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A named number: top / bottom; `parts` are set where it is the least or greatest of others."""

    id: str
    title: str
    kind: Kind
    top: Linear
    bottom: Linear = ONE
    unit: str = ""
    extreme: Literal["", "least", "greatest"] = ""
    parts: tuple[Quantity, ...] = ()

    @property
    def literal(self) -> Fraction | None:
        """The value of a written number; None when it depends on a fact."""
        if self.top.terms or self.bottom.terms:
            return None
        return Fraction(self.top.const, self.bottom.const)

    @property
    def divides(self) -> bool:
        """Whether the bottom depends on facts, so that it could be zero."""
        return bool(self.bottom.terms)


def vars_of(*forms: Linear | None) -> frozenset[Var]:
    """Return the variables of linear forms."""
    return frozenset(var for form in forms if form for var, _ in form.terms)


def union(nodes: Iterable[Condition | Points | None]) -> frozenset[Var]:
    """Return the variables that several nodes read."""
    return frozenset().union(*(node.vars for node in nodes if node is not None))


# Conditions: yes, no, or not known yet. Negation is pushed down to the comparisons when a rule is built.


@dataclass(frozen=True, slots=True)
class Compare:
    """`form` against zero; `guard` must be at least 1, else the quotient behind it has no value."""

    form: Linear
    sign: Literal[">=", ">", "=", "!="]
    guard: Linear | None
    about: Quantity
    word: str
    limit: Quantity
    vars: frozenset[Var] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vars", vars_of(self.form, self.guard))


@dataclass(frozen=True, slots=True)
class Among:
    """A single choice is one of these options."""

    var: Var
    options: frozenset[str]
    about: Quantity
    shown: tuple[str, ...]
    vars: frozenset[Var] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vars", frozenset((self.var,)))


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]
    vars: frozenset[Var] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vars", union(self.parts))


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]
    vars: frozenset[Var] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vars", union(self.parts))


Condition = Compare | Among | All | AnyOf


# Points: integers in the standard's smallest unit.


@dataclass(frozen=True, slots=True)
class Const:
    """So many points."""

    points: int
    vars: frozenset[Var] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """A staircase: `gain` points for each level that top / bottom reaches, between two levels.

    `points = base + gain * clip(round(top / bottom), least, most)`; it never falls when top / bottom grows.
    """

    top: Linear
    bottom: Linear
    mode: Literal["floor", "ceil", "half_up"]
    gain: int
    base: int
    least: int
    most: int
    about: Quantity
    source: Model
    path: Path
    vars: frozenset[Var] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vars", vars_of(self.top, self.bottom))

    def reaches(self, level: int) -> tuple[Linear, Literal[">=", ">"]]:
        """Return the inequality that holds exactly when the rounded quotient is at least `level`."""
        if self.mode == "floor":
            return self.top - self.bottom * level, ">="
        if self.mode == "ceil":
            return self.top - self.bottom * (level - 1), ">"
        return self.top * 2 - self.bottom * (2 * level - 1), ">="


@dataclass(frozen=True, slots=True)
class Rung:
    """One line of a chain: `when` is None for whatever is left."""

    when: Condition | None
    then: Points
    path: Path


@dataclass(frozen=True, slots=True)
class Chain:
    """The first rung whose condition holds counts; none holds: 0."""

    rungs: tuple[Rung, ...]
    path: Path
    vars: frozenset[Var] = field(init=False)

    def __post_init__(self) -> None:
        both = [node for rung in self.rungs for node in (rung.when, rung.then)]
        object.__setattr__(self, "vars", union(both))


@dataclass(frozen=True, slots=True)
class Add:
    """A sum, at most `cap` where one is given."""

    parts: tuple[Points, ...]
    cap: int | None
    path: Path
    vars: frozenset[Var] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vars", union(self.parts))


@dataclass(frozen=True, slots=True)
class Take:
    """Start full, take the parts away, never below zero."""

    full: int
    parts: tuple[Points, ...]
    path: Path
    vars: frozenset[Var] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vars", union(self.parts))


@dataclass(frozen=True, slots=True)
class Pick:
    """The best or the worst of several yardsticks."""

    best: bool
    parts: tuple[Points, ...]
    path: Path
    vars: frozenset[Var] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vars", union(self.parts))


@dataclass(frozen=True, slots=True)
class Held:
    """Points by how many conditions hold: the highest rung of the ladder that is reached."""

    conditions: tuple[Condition, ...]
    ladder: tuple[tuple[int, int], ...]
    path: Path
    vars: frozenset[Var] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vars", union(self.conditions))

    def points(self, held: int) -> int:
        """Return the points for so many that hold."""
        return next((points for count, points in self.ladder if held >= count), 0)


Points = Const | Step | Chain | Add | Take | Pick | Held


# What stands above an indicator.


@dataclass(frozen=True, slots=True)
class Leaf:
    """One indicator ready to be judged."""

    id: str
    title: str
    points: int
    node: Points
    applies: Condition | None
    voids: Condition | None
    source: Indicator
    file: str
    path: Path
    vars: frozenset[Var]


@dataclass(frozen=True, slots=True)
class Branch:
    """A section (depth 0) or a group inside it.

    `leaves` are all indicators below, in order; a breach in one of `voiding` takes the points of this branch.
    """

    id: str
    title: str
    points: int
    depth: int
    children: tuple[Branch | Leaf, ...]
    file: str
    path: Path
    leaves: tuple[Leaf, ...] = field(init=False)
    voiding: tuple[Leaf, ...] = field(init=False)

    def __post_init__(self) -> None:
        leaves = [leaf for c in self.children for leaf in ((c,) if isinstance(c, Leaf) else c.leaves)]
        near = [
            leaf
            for leaf in leaves
            if leaf in self.children or (self.depth == 0 and leaf.source.voids == "section")
        ]
        object.__setattr__(self, "leaves", tuple(leaves))
        object.__setattr__(self, "voiding", tuple(leaf for leaf in near if leaf.voids is not None))


@dataclass(frozen=True, slots=True)
class Extra:
    """One group of bonus items."""

    id: str
    title: str
    highest: bool
    cap: int | None
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Overrule:
    """A veto ready to be judged; `when` is None where it looks at what was earned instead of at facts."""

    id: str
    title: str
    when: Condition | None
    applies: Condition | None
    doubt: Condition | None
    source: Veto
    file: str
    path: Path
    vars: frozenset[Var] = field(init=False)

    def __post_init__(self) -> None:
        read = (self.when, self.applies, self.doubt)
        object.__setattr__(self, "vars", union([one for one in read if one is not None]))


@dataclass(frozen=True, slots=True)
class Loss:
    """An incident deduction ready to be judged."""

    id: str
    title: str
    node: Step
    source: Incident


@dataclass(frozen=True, slots=True)
class Demand:
    """One requirement of a grade; `when` is set where it is a condition."""

    source: Requirement
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Rank:
    """A grade with its line in points; `above` means the line itself is not enough."""

    id: str
    title: str
    line: int
    above: bool
    demands: tuple[Demand, ...]
    source: GradeModel

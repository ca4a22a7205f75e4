"""The scorecard as a document, for whoever reads it without this program."""

from typing import Annotated, Any, Literal

from pydantic import Field

from engine.models.base import Day, Model, Text
from engine.models.submission import Subject
from engine.models.veto import Cap, Drop, VetoState

Points = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", max_length=40)]
"""An exact decimal number of points."""

Positive = Annotated[
    str, Field(pattern=r"^([0-9]*[1-9][0-9]*(\.[0-9]+)?|0+\.[0-9]*[1-9][0-9]*)$", max_length=40)
]
"""An exact decimal number above zero."""


class Ends(Model):
    """The least and the most points."""

    low: Points
    high: Points


class Why(Ends):
    """One part of an explanation; the parts re-add to it by `op`, bounded by `bound`."""

    op: Literal["is", "add", "take", "best", "worst"]
    text: str
    parts: tuple["Why", ...] = ()
    bound: Points | None = None


class Indicator(Ends):
    """One finding."""

    id: Text
    title: Text
    points: Positive
    state: Literal["settled", "open", "absent", "doubtful"]
    mode: str
    sentence: str
    next: tuple[str, ...]
    missing: tuple[str, ...]
    why: Why
    key: bool
    fix: str | None
    provenance: Literal["sourced", "adapted", "proposed"]
    basis: tuple[dict[str, Any], ...]


class Branch(Ends):
    """A section or group added up."""

    id: Text
    title: Text
    points: Positive
    counts: bool | None
    applicable: Ends
    void: bool | None
    groups: tuple["Branch", ...]
    indicators: tuple[Indicator, ...]


class BonusGroup(Ends):
    """One group of bonus items."""

    id: Text
    title: Text
    combine: Literal["add", "highest"]
    up_to: Points | None
    indicators: tuple[Indicator, ...]


class Bonus(Ends):
    """Points on top."""

    up_to: Points
    groups: tuple[BonusGroup, ...]


class Lost(Ends):
    """One kind of incident."""

    id: Text
    title: Text
    why: Why


class Weighed(Ends):
    """What one side brings to the final total."""

    weight: Points


class Ruling(Model):
    """One veto."""

    id: Text
    title: Text
    effect: Literal["stop", "deny"] | Cap | Drop
    holds: bool | None
    state: VetoState
    doubt: str | None
    sentence: str
    missing: tuple[Text, ...]
    fix: str | None
    basis: tuple[dict[str, Any], ...]


class Line(Model):
    """The line of a grade."""

    id: Text
    title: Text
    line: Points
    above: bool
    on_fail: Literal["next", "none"]


class StandardHead(Model):
    """Which edition judged, and the figures needed to add up again."""

    id: Text
    edition: Text
    title: Text
    status: Literal["draft", "trial", "official", "withdrawn"]
    disclaimer: str | None
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    total: Positive
    unit: Positive
    spread: Literal["group", "section", "total"]
    absence_limit: Points | None
    total_cap: Points | None
    rounding: dict[Literal["section", "total"], Positive]
    no_grade: Text
    denied_title: Text
    grades: tuple[Line, ...]


class Named(Model):
    """Something by id and title."""

    id: Text
    title: Text


class GradeResult(Model):
    """The grade, or those still possible, best first."""

    settled: str | None
    possible: tuple[Named, ...]


class Met(Model):
    """A requirement of a grade."""

    grade: Text
    title: Text
    met: bool | None


class Coverage(Model):
    """How much has been answered."""

    asked: int
    answered: int
    settled_points: Points
    missing: tuple[Named, ...]


class Way(Model):
    """A list of facts that could fix a grade."""

    grade: Text
    title: Text
    facts: tuple[Text, ...]


class Matter(Model):
    """An unanswered fact and what hangs on it."""

    fact: Text
    title: Text
    indicators: tuple[Text, ...]
    points: Points


class Settling(Model):
    """What would settle it."""

    vetoes: tuple[Text, ...]
    ways: tuple[Way, ...]
    matters: tuple[Matter, ...]


class Computed(Model):
    """A derived fact and its value."""

    id: Text
    title: Text
    text: Text


class Told(Model):
    """A problem."""

    where: Text
    message: Text


class ScorecardDocument(Model):
    """A whole scorecard."""

    format: Literal["zhunsheng.scorecard/1"]
    layer: Text
    standard: StandardHead
    subject: Subject
    as_of: Day
    region: str | None
    total: Ends
    base: Ends
    grade: GradeResult
    sections: tuple[Branch, ...]
    bonus: Bonus | None
    incidents: tuple[Lost, ...]
    vetoes: tuple[Ruling, ...]
    requirements: tuple[Met, ...]
    absent: Ends
    weighing: dict[Literal["self", "panel", "survey"], Weighed] = Field(
        description="最终总分由哪几方、各占多少；不加权时为空"
    )
    coverage: Coverage
    derived: tuple[Computed, ...]
    settling: Settling
    problems: tuple[Told, ...]


class Part(Model):
    """One part of a published result."""

    title: Text
    points: Points


class PublishedResult(Model):
    """A result as somebody published it: the parts and the stated total."""

    format: Literal["zhunsheng.published/1"]
    title: Text
    source: Text
    parts: tuple[Part, ...] = Field(min_length=1)
    total: Points
    grade: Text | None = None


Why.model_rebuild()
Branch.model_rebuild()

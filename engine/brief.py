"""A scorecard in short: what a page shows beside the questions while somebody fills them in. Points are exact text."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.exact import show_points
from engine.finding import Finding
from engine.grades import outcome_title
from engine.judge import Scorecard
from engine.rulings import said_of
from engine.total import Tally


@dataclass(frozen=True, slots=True)
class Mark:
    """One indicator: the points that are certain and possible, out of how many, and its state."""

    id: str
    points: str
    low: str
    high: str
    state: str


@dataclass(frozen=True, slots=True)
class Tier:
    """One section, or one group in it."""

    id: str
    title: str
    points: str
    low: str
    high: str
    groups: tuple["Tier", ...] = ()


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade that is still possible."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Brake:
    """A veto that holds or is in doubt."""

    id: str
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Brief:
    """Where one subject stands: certain (`low`) and possible (`high`) points, grades, and what stands in the way.

    `absent` are the points of indicators left out, whose place the others take; `vetoes_open` counts the vetoes that
    cannot be told yet; `missing` are the questions that something still waits for.
    """

    points: str
    low: str
    high: str
    grade: str | None
    possible: tuple[Grade, ...]
    sections: tuple[Tier, ...]
    absent: str
    vetoes: tuple[Brake, ...]
    vetoes_open: int
    asked: int
    answered: int
    missing: tuple[str, ...]
    problems: tuple[str, ...]


def brief(card: Scorecard, missing: tuple[str, ...] | None = None) -> Brief:
    """Return a scorecard in short, without its indicators; `missing` are those of the card where they are known."""
    edition, answered = card.edition, len(card.answered)
    missing = card.missing if missing is None else missing
    return Brief(
        show_points(edition.total, edition.per_point),
        show_points(card.low, edition.per_point),
        show_points(card.high, edition.per_point),
        card.outcome.settled,
        tuple(Grade(one, outcome_title(edition, one)) for one in card.outcome.possible),
        tuple(_tier(one, edition.per_point) for one in card.sum.sections),
        show_points(
            sum(leaf.points for leaf in edition.leaves if card.findings[leaf.id].state == "absent"),
            edition.per_point,
        ),
        tuple(
            Brake(one.veto.id, one.veto.title, said_of(one))
            for one in card.rulings
            if one.holds or one.word == "doubtful"
        ),
        sum(one.holds is None and not one.word for one in card.rulings),
        answered + len(missing),
        answered,
        missing,
        tuple(one.message for one in card.problems),
    )


def _tier(tally: Tally, per_point: int) -> Tier:
    return Tier(
        tally.branch.id,
        tally.branch.title,
        show_points(tally.branch.points, per_point),
        show_points(tally.low, per_point),
        show_points(tally.high, per_point),
        tuple(_tier(one, per_point) for one in tally.children),
    )


def marks(card: Scorecard, before: tuple[Scorecard, Mapping[str, Mark]] | None = None) -> Mapping[str, Mark]:
    """Return every indicator of a scorecard, bonus items too; what is as it was in a card `before` is taken over."""
    findings, known = (before[0].findings, before[1]) if before is not None else ({}, {})
    return {
        name: known[name] if findings.get(name) is one else _mark(one, card.edition.per_point)
        for name, one in card.findings.items()
    }


def _mark(one: Finding, per_point: int) -> Mark:
    return Mark(
        one.leaf.id,
        show_points(one.leaf.points, per_point),
        show_points(one.low, per_point),
        show_points(one.high, per_point),
        one.state,
    )

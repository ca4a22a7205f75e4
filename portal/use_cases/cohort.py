"""Numbers about a round, for pages: all of them out of scorecards that were kept, none of them made here."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection, func, select

from engine.build.edition import Edition
from engine.cohort import (
    Earned,
    Gap,
    Mark,
    Moved,
    bands,
    earned,
    edges,
    gaps,
    growth,
    mean,
    moved,
    quartiles,
    read_marks,
)
from engine.exact import read_number, show
from engine.grades import DENIED, NONE, STOPPED, WITHHELD, outcome_title
from portal.agreement import Agreement, agreement
from portal.assessments import Round, load_round, round_of
from portal.cases import Declined, pinned
from portal.policy import Actor
from portal.policy_sql import visible
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.scoring import FINAL, PANEL, SELF, current
from portal.store.tables import assessments, rounds, scorecards, universities
from portal.unproven import Unproven, unproven
from portal.use_cases.panels import units_of

FEWEST = 3
"""With fewer universities than this, numbers about all would be numbers about one."""


@dataclass(frozen=True, slots=True)
class Group:
    """Universities of one kind or region. Of fewer than `FEWEST` only how many there are."""

    by: str
    title: str
    universities: int
    subjects: int
    mean: str | None
    quartiles: tuple[str, str, str] | None
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The round before, by the same standard.

    `both` universities took part twice; `growth` is the mean change of their shares of the full points, in
    percentage points.
    """

    round: str
    title: str
    edition: str
    as_of: str
    universities: int
    subjects: int
    full: str
    mean: str | None
    quartiles: tuple[str, str, str] | None
    grades: Mapping[str, int]
    both: int
    growth: str | None
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Cohort:
    """A round in numbers: final totals of the subjects, grades, where points are lost, self against the panel."""

    round: str
    title: str
    edition: str
    universities: int
    subjects: int
    open: int
    full: str
    mean: str | None
    quartiles: tuple[str, str, str] | None
    edges: tuple[tuple[str, str], ...]
    bands: tuple[int, ...]
    grades: Mapping[str, int]
    groups: tuple[Group, ...]
    hardest: tuple[Earned, ...]
    gaps: tuple[Gap, ...]
    agreement: Agreement
    by_indicator: Mapping[str, Agreement]
    unproven: tuple[Unproven, ...]
    earlier: Earlier | None
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Countable:
    """A round of which the actor may have numbers."""

    id: str
    title: str
    standard: str
    edition: str
    as_of: str
    universities: int


@use_case("cohort.rounds", "cohort.read", writes=False)
def countable(portal: Portal, actor: Actor) -> tuple[Countable, ...]:
    """Return the rounds with results that the actor may count, the newest first."""
    with portal.database.read() as connection:
        rows = connection.execute(
            select(
                rounds.c.id, rounds.c.title, rounds.c.standard, rounds.c.edition, rounds.c.as_of, func.count()
            )
            .join(assessments, assessments.c.round_id == rounds.c.id)
            .where(visible(actor, "cohort.read"))
            .group_by(rounds.c.id, rounds.c.title, rounds.c.standard, rounds.c.edition, rounds.c.as_of)
            .order_by(rounds.c.as_of.desc(), rounds.c.id.desc())
        ).all()
    return tuple(Countable(*row) for row in rows)


@use_case("cohort.read", "cohort.read", writes=False)
def cohort(portal: Portal, actor: Actor, round_id: str) -> Cohort | Refusal:
    """Return a round in numbers, of the universities whose results the actor may count."""
    with portal.database.read() as connection:
        head = load_round(connection, round_id)
        chosen = _counted(connection, actor, round_id) if head is not None else {}
        if head is None or not chosen:
            return MISSING
        if len(chosen) < FEWEST:
            return Refusal(
                "state",
                "too-few",
                f"有结果的学校只有 {len(chosen)} 所，少于 {FEWEST} 所不做统计",
                "请等更多学校评审完成",
            )
        try:
            return _numbers(connection, portal, actor, head, chosen)
        except Declined as declined:
            return declined.refusal


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose an assessment is."""

    university: str
    kind: str
    region: str


def _counted(connection: Connection, actor: Actor, round_id: str) -> dict[str, Whose]:
    """Return the assessments that the actor may count: the table of permissions as a filter, in one query."""
    chosen = (
        select(assessments.c.id, universities.c.id, universities.c.kind, universities.c.region)
        .join(universities, universities.c.id == assessments.c.university_id)
        .where(assessments.c.round_id == round_id, visible(actor, "cohort.read"))
        .order_by(assessments.c.id)
    )
    return {row[0]: Whose(*row[1:]) for row in connection.execute(chosen)}


@dataclass(frozen=True, slots=True)
class Card:
    """A kept scorecard of one subject, as far as numbers need it."""

    assessment: str
    low: str
    high: str
    grade: str | None
    marks: Mapping[str, Mark]

    @property
    def settled(self) -> Fraction | None:
        """The total, when nothing is open."""
        return read_number(self.low) if self.low == self.high else None


def _numbers(
    connection: Connection, portal: Portal, actor: Actor, head: Round, chosen: Mapping[str, Whose]
) -> Cohort:
    edition = pinned(portal, head)
    cards = kept_cards(connection, list(chosen))
    finals = [layers[FINAL] for layers in cards.values() if FINAL in layers]
    settled, full = _settled(finals), edition.standard.total
    units = units_of(
        [card.marks for name, card in layers.items() if name.startswith("inspector:")]
        for layers in cards.values()
    )
    both = [layers for layers in cards.values() if SELF in layers and PANEL in layers]
    agreed = {name: agreement(some) for name, some in units.items()}
    return Cohort(
        head.id,
        head.title,
        head.edition,
        len(chosen),
        len(finals),
        sum(one.grade is None for one in finals),
        show(full),
        mean(settled),
        quartiles(settled),
        edges(full),
        bands(settled, full),
        _grades(edition, finals),
        tuple(_groups(edition, finals, chosen)),
        earned([one.marks for one in finals]),
        gaps([(layers[SELF].marks, layers[PANEL].marks) for layers in both]),
        agreement(unit for some in units.values() for unit in some),
        dict(sorted(agreed.items(), key=lambda one: _apart(one[1]))),
        unproven(connection, edition, list(chosen)),
        _earlier(connection, portal, actor, head, edition, finals, chosen),
        {leaf.id: leaf.title for leaf in edition.every_leaf},
    )


def _settled(cards: Iterable[Card]) -> list[Fraction]:
    return [total for one in cards if (total := one.settled) is not None]


def _apart(found: Agreement) -> Fraction:
    """Order by how far inspectors agree, the least first; where nobody can be compared comes last."""
    return Fraction(101) if found.percent is None else read_number(found.percent)


def _grades(edition: Edition, cards: Iterable[Card]) -> dict[str, int]:
    counts = Counter(one.grade for one in cards)
    order = [STOPPED, DENIED, WITHHELD, *(rank.id for rank in edition.ranks), NONE]
    return {outcome_title(edition, one): counts[one] for one in order if counts[one]}


def _groups(edition: Edition, finals: Sequence[Card], chosen: Mapping[str, Whose]) -> Iterable[Group]:
    """Yield the groups by kind and by region, where there is more than one."""
    for by in ("kind", "region"):
        titles = sorted({getattr(one, by) for one in chosen.values()})
        for title in titles if len(titles) > 1 else ():
            mine = {name for name, one in chosen.items() if getattr(one, by) == title}
            cards = [one for one in finals if one.assessment in mine]
            many = len(mine) >= FEWEST
            totals = _settled(cards) if many else []
            grades = _grades(edition, cards) if many else {}
            yield Group(by, title, len(mine), len(cards), mean(totals), quartiles(totals), grades)


def _earlier(
    connection: Connection,
    portal: Portal,
    actor: Actor,
    head: Round,
    edition: Edition,
    finals: Sequence[Card],
    chosen: Mapping[str, Whose],
) -> Earlier | None:
    """Return the newest earlier round by the same standard that can be counted, beside this one."""
    rows = connection.execute(
        select(rounds)
        .where(rounds.c.standard == head.standard, rounds.c.id != head.id, rounds.c.as_of < head.as_of)
        .order_by(rounds.c.as_of.desc(), rounds.c.id.desc())
        .limit(8)
    ).all()
    for row in rows:
        before = round_of(row)
        rules = portal.edition(before.standard, before.edition, before.edition_hash)
        whose = _counted(connection, actor, before.id) if rules is not None else {}
        if rules is None or len(whose) < FEWEST:
            continue
        cards = [one[FINAL] for one in kept_cards(connection, list(whose)).values() if FINAL in one]
        totals = _settled(cards)
        then, now = (
            _shares(cards, whose, rules.standard.total),
            _shares(finals, chosen, edition.standard.total),
        )
        pairs = [(then[one], now[one]) for one in sorted(then.keys() & now.keys())]
        return Earlier(
            before.id,
            before.title,
            before.edition,
            before.as_of,
            len(whose),
            len(cards),
            show(rules.standard.total),
            mean(totals),
            quartiles(totals),
            _grades(rules, cards),
            len(pairs),
            growth(pairs),
            moved([one.marks for one in cards], [one.marks for one in finals]),
        )
    return None


def _shares(cards: Iterable[Card], whose: Mapping[str, Whose], full: Fraction) -> dict[str, Fraction]:
    """Return the mean share of the full points by university, where everything is settled."""
    found = dict[str, list[Fraction | None]]()
    for one in cards:
        found.setdefault(whose[one.assessment].university, []).append(one.settled)
    return {
        name: sum(sure, Fraction(0)) / len(sure) / full
        for name, totals in found.items()
        if len(sure := [one for one in totals if one is not None]) == len(totals)
    }


def kept_cards(connection: Connection, chosen: Sequence[str]) -> dict[str, dict[str, Card]]:
    """Return the newest kept scorecards by subject and layer; a final one after appeals takes the earlier one's place."""
    found = dict[str, dict[str, Card]]()
    table = scorecards.c
    for row in current(
        connection, chosen, table.subject_id, table.layer, table.low, table.high, table.grade, table.marks
    ):
        if row.subject_id is not None:
            card = Card(row.assessment_id, row.low, row.high, row.grade, read_marks(json.loads(row.marks)))
            found.setdefault(row.subject_id, {})[row.layer] = card
    return found

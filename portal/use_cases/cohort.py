"""Numbers about a round, for pages: all of them out of scorecards that were kept, none of them made here."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from engine.build.edition import Edition
from engine.cohort import Earned, Gap, Mark, bands, earned, gaps, mean, quartiles, read_marks
from engine.exact import read_number
from engine.grades import DENIED, NONE, STOPPED, WITHHELD, outcome_title
from portal.agreement import Agreement, agreement
from portal.assessments import Round, load_round
from portal.cases import Declined, pinned
from portal.policy import Actor
from portal.policy_sql import visible
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.scoring import FINAL, PANEL, SELF, current
from portal.store.tables import assessments, scorecards
from portal.use_cases.panels import units_of

FEWEST = 3
"""With fewer universities than this, numbers about all would be numbers about one."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """A round in numbers: final totals of the subjects, grades, where points are lost, self against the panel."""

    round: str
    universities: int
    subjects: int
    open: int
    mean: str | None
    quartiles: tuple[str, str, str] | None
    bands: tuple[int, ...]
    grades: Mapping[str, int]
    hardest: tuple[Earned, ...]
    gaps: tuple[Gap, ...]
    agreement: Agreement
    by_indicator: Mapping[str, Agreement]
    titles: Mapping[str, str]


@use_case("cohort.read", "cohort.read", writes=False)
def cohort(portal: Portal, actor: Actor, round_id: str) -> Cohort | Refusal:
    """Return a round in numbers, of the universities whose results the actor may count."""
    with portal.database.read() as connection:
        head = load_round(connection, round_id)
        chosen = _counted(connection, actor, round_id) if head is not None else []
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
            return _numbers(connection, head, pinned(portal, head), chosen)
        except Declined as declined:
            return declined.refusal


def _counted(connection: Connection, actor: Actor, round_id: str) -> list[str]:
    """Return the assessments that the actor may count: the table of permissions as a filter, in one query."""
    chosen = (
        select(assessments.c.id)
        .where(assessments.c.round_id == round_id, visible(actor, "cohort.read"))
        .order_by(assessments.c.id)
    )
    return list(connection.scalars(chosen))


@dataclass(frozen=True, slots=True)
class Card:
    """A kept scorecard of one subject, as far as numbers need it."""

    low: str
    high: str
    grade: str | None
    marks: Mapping[str, Mark]


def _numbers(connection: Connection, head: Round, edition: Edition, chosen: Sequence[str]) -> Cohort:
    cards = kept_cards(connection, chosen)
    finals = [layers[FINAL] for layers in cards.values() if FINAL in layers]
    settled = [read_number(one.low) for one in finals if one.low == one.high]
    counts = Counter(one.grade for one in finals)
    order = [STOPPED, DENIED, WITHHELD, *(rank.id for rank in edition.ranks), NONE]
    units = units_of(
        [card.marks for name, card in layers.items() if name.startswith("inspector:")]
        for layers in cards.values()
    )
    both = [layers for layers in cards.values() if SELF in layers and PANEL in layers]
    return Cohort(
        head.id,
        len(chosen),
        len(finals),
        counts[None],
        mean(settled),
        quartiles(settled),
        bands(settled, edition.standard.total),
        {outcome_title(edition, one): counts[one] for one in order if counts[one]},
        earned([one.marks for one in finals]),
        gaps([(layers[SELF].marks, layers[PANEL].marks) for layers in both]),
        agreement(unit for some in units.values() for unit in some),
        {name: agreement(some) for name, some in units.items()},
        {leaf.id: leaf.title for leaf in edition.every_leaf},
    )


def kept_cards(connection: Connection, chosen: Sequence[str]) -> dict[str, dict[str, Card]]:
    """Return the newest kept scorecards by subject and layer; a final one after appeals takes the earlier one's place."""
    found = dict[str, dict[str, Card]]()
    table = scorecards.c
    for row in current(
        connection, chosen, table.subject_id, table.layer, table.low, table.high, table.grade, table.marks
    ):
        if row.subject_id is not None:
            card = Card(row.low, row.high, row.grade, read_marks(json.loads(row.marks)))
            found.setdefault(row.subject_id, {})[row.layer] = card
    return found

"""The panel side by side: what is stated, what each inspector says, what follows, and how far the inspectors agree."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection, select

from engine.build.edition import Edition
from engine.cohort import Mark, marks_of, read_marks
from portal.agreement import Agreement, agreement
from portal.assessments import Standing
from portal.cases import Judged, judged_in, look, pinned
from portal.changes import changes_since
from portal.opinions import Finding, Item, findings_of, labels, opinions_of, panel_of, secretary, sees_all
from portal.policy import REVIEWED, Actor
from portal.portal import Portal, use_case
from portal.refusal import Refusal
from portal.scoring import FINAL, PANEL, SELF, Inputs, current, inspector_layer, layers_by_subject
from portal.store.tables import accounts, scorecards
from portal.use_cases.reviews import handed_in

Marks = Mapping[str, Sequence[str]]
"""Points by indicator: full, low, high, state."""
Layered = Mapping[tuple[str, str], Marks]
"""Marks by layer and subject (its id)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one inspector gave to one indicator; the reason is written, the points are the engine's.

    `changed_since` says that the university has handed in something else since, for this indicator.
    """

    inspector: str
    low: str
    high: str
    verdict: str
    reason: str | None
    changed_since: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """One indicator of one subject, all layers side by side."""

    subject: str
    subject_title: str
    indicator: str
    title: str
    points: str
    self: tuple[str, str]
    inspectors: tuple[Said, ...]
    panel: tuple[str, str] | None
    final: tuple[str, str] | None

    @property
    def apart(self) -> bool:
        """Whether the inspectors give it different points."""
        return len({(one.low, one.high) for one in self.inspectors}) > 1


@dataclass(frozen=True, slots=True)
class PanelView:
    """The whole comparison, and how far the inspectors agree: of each indicator over its subjects, and of all."""

    names: Mapping[str, str]
    signed: Mapping[str, str | None]
    rows: tuple[Compared, ...]
    agreement: Agreement
    by_indicator: Mapping[str, Agreement]


@use_case("review.compare", "finding.read", writes=False)
def compare(portal: Portal, actor: Actor, assessment: str) -> PanelView | Refusal:
    """Return the panel side by side.

    Inspectors work independently: until all have signed, each sees only the own column. The university sees no names.
    """

    def work(connection: Connection, case: Standing) -> PanelView:
        edition, judged = pinned(portal, case.round), judged_in(connection, case.id)
        panel = [row for row in panel_of(connection, case.id) if row.ended_at is None]
        called = labels(panel_of(connection, case.id))
        running, whole = secretary(actor, case, panel), sees_all(actor, case, panel)
        shown = [row for row in panel if whole or row.account_id == actor.id]
        done = kept_marks(connection, case.id) if case.state in REVIEWED else {}
        found = done or live_marks(connection, case, edition, judged)
        given = {row.account_id: findings_of(connection, case.id, row.account_id) for row in shown}
        slugs = {row.id: slug for slug, row in judged.rows.items()}
        since = {
            account: changes_since(connection, case, edition, slugs, said).keys()
            for account, said in given.items()
        }
        names = called
        if running:
            wanted = [row.account_id for row in shown]
            rows = connection.execute(select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(wanted)))
            names = {**called, **{row.id: row.name for row in rows}}
        compared = tuple(
            Compared(
                row.id,
                row.title,
                leaf.id,
                leaf.title,
                found[SELF, row.id][leaf.id][0],
                _ends(found.get((SELF, row.id)), leaf.id) or ("0", "0"),
                tuple(
                    _said(found, one.account_id, called[one.account_id], row.id, leaf.id, given, since)
                    for one in shown
                ),
                _ends(found.get((PANEL, row.id)), leaf.id) if whole else None,
                _ends(found.get((FINAL, row.id)), leaf.id) if whole else None,
            )
            for row in judged.rows.values()
            for leaf in edition.every_leaf
        )
        layers = [inspector_layer(one.account_id) for one in shown]
        units = units_of(
            [read_marks(found[layer, subject]) for layer in layers if (layer, subject) in found]
            for subject in judged.ids.values()
        )
        return PanelView(
            {called[row.account_id]: names[row.account_id] for row in shown},
            {called[row.account_id]: row.signed_at for row in shown},
            compared,
            agreement(unit for some in units.values() for unit in some),
            {name: agreement(some) for name, some in units.items()},
        )

    return look(portal, actor, assessment, "finding.read", work)


def kept_marks(connection: Connection, assessment: str) -> Layered:
    """Return the marks of the scorecards that were kept when the review ended; final ones after appeals."""
    table = scorecards.c
    rows = current(connection, [assessment], table.layer, table.subject_id, table.marks)
    return {(row.layer, row.subject_id): json.loads(row.marks) for row in rows if row.subject_id is not None}


def live_marks(connection: Connection, case: Standing, edition: Edition, judged: Judged) -> Layered:
    """Return the marks of all layers as they stand now."""
    inputs = Inputs(handed_in(connection, case), opinions_of(connection, case.id, edition, judged))
    return {
        (name, judged.ids[subject.id]): marks_of(card)
        for subject, layers in layers_by_subject(edition, inputs)
        for name, _, card, _ in layers
    }


def _ends(marks: Marks | None, indicator: str) -> tuple[str, str] | None:
    return None if marks is None else (marks[indicator][1], marks[indicator][2])


def _said(
    found: Layered,
    account: str,
    called: str,
    subject: str,
    indicator: str,
    given: Mapping[str, Mapping[Item, Finding]],
    since: Mapping[str, Collection[Item]],
) -> Said:
    low, high = _ends(found.get((inspector_layer(account), subject)), indicator) or ("0", "0")
    one = given[account].get((subject, indicator))
    changed = (subject, indicator) in since[account]
    return Said(called, low, high, one.verdict if one else "none", one.reason if one else None, changed)


def units_of(cards: Iterable[Sequence[Mapping[str, Mark]]]) -> dict[str, list[list[Fraction]]]:
    """Return what inspectors gave, by indicator and then by subject; `cards` are the inspectors' marks of each subject.

    What is open or absent is left out.
    """
    units = dict[str, list[list[Fraction]]]()
    for some in cards:
        for name in some[0] if some else ():
            units.setdefault(name, []).append([card[name].low for card in some if card[name].settled])
    return units

"""The desk of an inspector: one case with all its items, what stands out of each, and how far the own review is."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from engine.brief import Brief, brief
from engine.build.edition import Edition, asked
from engine.cohort import Mark, Unusual, heaviest, read_marks, unusual
from engine.exact import show_points
from engine.tree import Leaf
from portal.assessments import Standing, allowed
from portal.cases import look, pinned
from portal.changes import Stated, changes_since, stated_in
from portal.evidence.shelf import Piece
from portal.opinions import PHASES, findings_of, labels, panel_of
from portal.policy import SUBMITTED, Actor
from portal.portal import Portal, use_case
from portal.refusal import Refusal
from portal.scoring import SELF, latest
from portal.store.tables import assessments, assignments, notes, scorecards
from portal.use_cases.evidence import list_evidence
from portal.use_cases.review_items import SILENT
from portal.use_cases.reviews import handed_in
from portal.use_cases.signing_off import View, view_of

REUSED = frozenset({"same_before", "same_elsewhere", "alike_before", "alike_elsewhere"})
"""Flags of evidence that was used elsewhere; any other one is about time."""

UNSUPPORTED, HEAVY, REUSE, TIME, CHANGED = "unsupported", "heavy", "reused", "time", "changed"
"""What stands out of an item: a yes without evidence, many points, evidence used elsewhere, evidence that has run out
or is of another time, and a basis that changed since the finding."""


@dataclass(frozen=True, slots=True)
class Item:
    """One indicator of one subject: what it is worth, what was stated, what one said, and what it comes to so far.

    `own` is the result as this inspector sees it; `settled` says that it stands, which signing asks of every item.
    """

    subject: str
    indicator: str
    title: str
    section: str
    key: bool
    points: str
    self: tuple[str, str]
    own: tuple[str, str]
    settled: bool
    mark: str
    verdict: str
    given: str | None
    reason: str | None
    version: int
    at: str | None
    batch: str | None
    note: str | None
    note_version: int
    flags: tuple[str, ...]
    changed_since: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One subject, with its total as stated and as this inspector sees it."""

    id: str
    title: str
    self: tuple[str, str] | None
    own: Brief


@dataclass(frozen=True, slots=True)
class Heading:
    """A section of the standard."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Desk:
    """One case as an inspector works on it. `why_not` says why nothing can be written now; empty when it can."""

    assessment: str
    university: str
    round_title: str
    standard: str
    edition: str
    title: str
    state: str
    until: str | None
    task: str
    me: str
    signed_at: str | None
    why_not: str | None
    panel: tuple[tuple[str, bool], ...]
    sections: tuple[Heading, ...]
    parts: tuple[Part, ...]
    items: tuple[Item, ...]


@use_case("review.desk", "finding.read", writes=False)
def desk(portal: Portal, actor: Actor, assessment: str) -> Desk | Refusal:
    """Return a case with every item of it, for the inspector whose findings they show."""
    pieces = list_evidence(portal, actor, assessment)
    if isinstance(pieces, Refusal):
        return pieces

    def work(connection: Connection, case: Standing) -> Desk:
        edition = pinned(portal, case.round)
        view = view_of(connection, portal, case, actor.id)
        panel = panel_of(connection, case.id)
        mine = connection.execute(
            select(assignments.c.task, assignments.c.signed_at).where(
                assignments.c.assessment_id == case.id, assignments.c.account_id == actor.id
            )
        ).first()
        signed = mine.signed_at if mine else None
        self_cards = {
            one: latest(connection, case.id, SELF, ("submitted", "reviewed"), one) for one in view.cards
        }
        return Desk(
            case.id,
            case.university_title,
            case.round.title,
            case.round.standard,
            case.round.edition,
            edition.standard.title,
            case.state,
            case.round.review_until,
            mine.task if mine else "",
            labels(panel).get(actor.id, ""),
            signed,
            _why_not(connection, actor, case, mine.task if mine else "", signed),
            tuple(
                (labels(panel)[row.account_id], row.signed_at is not None)
                for row in panel
                if row.ended_at is None
            ),
            (
                *(Heading(one.id, one.title) for one in edition.sections),
                *((Heading("", "加分"),) if edition.extras else ()),
            ),
            tuple(
                Part(
                    row.id,
                    row.title,
                    (kept.low, kept.high) if (kept := self_cards[row.id]) is not None else None,
                    brief(view.cards[row.id]),
                )
                for row in view.judged.rows.values()
            ),
            _items(
                connection,
                case,
                actor,
                view,
                pieces,
                {one: json.loads(kept.marks) for one, kept in self_cards.items() if kept is not None},
            ),
        )

    return look(portal, actor, assessment, "finding.read", work)


def _why_not(
    connection: Connection, actor: Actor, case: Standing, task: str, signed_at: str | None
) -> str | None:
    if task != "review":
        return "您不在评审组里，评审组的意见只能看"
    if signed_at is not None:
        return f"您已在 {signed_at[:10]} 签署，意见不再改动；确需修改的，请联系秘书处退回签署"
    refused = allowed(connection, actor, "finding.save", case)
    return None if refused is None else refused.message


def _items(
    connection: Connection,
    case: Standing,
    actor: Actor,
    view: View,
    pieces: Iterable[Piece],
    stated: Mapping[str, Mapping[str, list[str]]],
) -> tuple[Item, ...]:
    edition, judged = view.edition, view.judged
    given = findings_of(connection, case.id, actor.id)
    since = changes_since(
        connection, case, edition, {row.id: slug for slug, row in judged.rows.items()}, given
    )
    noted = _notes(connection, case.id, actor.id)
    outstanding = _Outstanding(edition, judged.whole.id if judged.whole is not None else "", pieces)
    submission, sections, unit = handed_in(connection, case), _sections(edition), edition.per_point
    found = list[Item]()
    for slug, row in judged.rows.items():
        own, said = stated.get(row.id, {}), stated_in(submission, slug)
        for leaf in edition.every_leaf:
            key, mark = (row.id, leaf.id), own.get(leaf.id)
            one, result, note = given.get(key), view.cards[row.id].findings[leaf.id], noted.get(key)
            changed = tuple(each.title for each in since.get(key, ()))
            found.append(
                Item(
                    row.id,
                    leaf.id,
                    leaf.title,
                    sections.get(leaf.id, ""),
                    leaf.source.key,
                    show_points(leaf.points, unit),
                    (mark[1], mark[2]) if mark else ("0", show_points(leaf.points, unit)),
                    (show_points(result.low, unit), show_points(result.high, unit)),
                    view.settled(key),
                    PHASES.get(one.verdict, SILENT) if one else SILENT,
                    one.verdict if one else "none",
                    one.points if one else None,
                    one.reason if one else None,
                    one.version if one else 0,
                    one.at if one else None,
                    one.batch if one else None,
                    note[0] if note else None,
                    note[1] if note else 0,
                    (*outstanding.of(leaf, row.id, said), *((CHANGED,) if changed else ())),
                    changed,
                )
            )
    return tuple(found)


def _sections(edition: Edition) -> dict[str, str]:
    """Return the section of each indicator; bonus items have none."""
    return {leaf.id: one.id for one in edition.sections for leaf in one.leaves}


def _notes(connection: Connection, assessment: str, account: str) -> dict[tuple[str, str], tuple[str, int]]:
    rows = connection.execute(
        select(notes)
        .where(notes.c.assessment_id == assessment, notes.c.account_id == account)
        .order_by(notes.c.version)
    )
    return {(row.subject_id, row.indicator): (row.text, row.version) for row in rows}


class _Outstanding:
    """Says what stands out of an item before anybody has opened it."""

    def __init__(self, edition: Edition, whole: str, pieces: Iterable[Piece]) -> None:
        self.edition, self.whole = edition, whole
        self.heavy = heaviest({leaf.id: leaf.source.points for leaf in edition.every_leaf})
        self.codes = dict[tuple[str, str], set[str]]()
        for piece in pieces:
            codes = self.codes.setdefault((piece.subject, piece.fact), set())
            codes.update(REUSE if flag.code in REUSED else TIME for flag in piece.flags)
        self.facts = {leaf.id: asked(leaf.vars, edition.order_for(leaf.vars)) for leaf in edition.every_leaf}

    def of(self, leaf: Leaf, subject: str, said: Stated) -> tuple[str, ...]:
        """Return what stands out of one indicator of one subject, in a fixed order."""
        names = self.facts[leaf.id]
        found = set[str]().union(
            *(self.codes.get((place, name), ()) for place in (self.whole, subject) for name in names)
        )
        if leaf.id in self.heavy:
            found.add(HEAVY)
        if any(self._unsupported(name, said) for name in names):
            found.add(UNSUPPORTED)
        return tuple(one for one in (UNSUPPORTED, HEAVY, REUSE, TIME) if one in found)

    def _unsupported(self, name: str, said: Stated) -> bool:
        fact = self.edition.words.fact(name)
        asks = fact is not None and fact.answer.kind == "yes_no" and fact.evidence is not None
        return asks and said.value(name)[0] in (True, "是") and not said.evidence(name)


@dataclass(frozen=True, slots=True)
class Outlier:
    """An item whose stated points lie far from those of the same round: `median` and counts are of all others."""

    subject: str
    indicator: str
    above: bool
    median: str
    of: int
    as_far: int


@use_case("review.outliers", "finding.read", writes=False)
def outliers(portal: Portal, actor: Actor, assessment: str) -> tuple[Outlier, ...] | Refusal:
    """Return what a university stated very differently from the others of its round; of them only counts are told."""

    def work(connection: Connection, case: Standing) -> tuple[Outlier, ...]:
        if case.university in actor.employed:
            return ()  # how the others stand is for those who review
        cards = _stated(connection, case.round.id)
        mine = {subject: marks for (one, subject), marks in cards.items() if one == case.id}
        others = [marks for (one, _), marks in cards.items() if one != case.id]
        return tuple(
            _outlier(subject, one) for subject, marks in mine.items() for one in unusual(marks, others)
        )

    return look(portal, actor, assessment, "finding.read", work)


def _outlier(subject: str, one: Unusual) -> Outlier:
    return Outlier(subject, one.indicator, one.above, one.median, one.of, one.as_far)


def _stated(connection: Connection, round_id: str) -> dict[tuple[str, str], Mapping[str, Mark]]:
    """Return the marks that each subject of a round stated itself, as handed in last."""
    rows = connection.execute(
        select(scorecards.c.assessment_id, scorecards.c.subject_id, scorecards.c.marks)
        .join(assessments, assessments.c.id == scorecards.c.assessment_id)
        .where(
            assessments.c.round_id == round_id,
            assessments.c.state.in_(SUBMITTED),
            scorecards.c.layer == SELF,
            scorecards.c.stage == "submitted",
            scorecards.c.subject_id.is_not(None),
        )
        .order_by(scorecards.c.at, scorecards.c.id)
    )
    newest = {(row.assessment_id, row.subject_id): row.marks for row in rows}
    return {key: read_marks(json.loads(marks)) for key, marks in newest.items()}

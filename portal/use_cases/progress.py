"""How far everybody in a round is, in one look: the universities, what can follow, what stands in the way, who is late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, func, literal, or_, select

from engine.build.edition import Edition
from portal.assessments import Round, load_round, round_of
from portal.fill import Part, asked_of
from portal.moment import days_left
from portal.policy import STATES, Action, Actor, Object, State, may
from portal.policy_sql import visible, visible_rounds
from portal.portal import Portal, use_case
from portal.refusal import FORBIDDEN, MISSING, Refusal
from portal.states import MOVES, forbids
from portal.store.tables import (
    accounts,
    answers,
    assessments,
    log,
    memberships,
    rounds,
    subjects,
    universities,
)
from portal.tally import count_of, open_things, situation_of, until_of
from portal.use_cases.rounds import gate_round

LOOKS = ("evidence.read", "photo.read")
"""Lines of the trail that say that somebody looked: nothing changed."""

MOVED_BY: tuple[Action, ...] = ("assessment.advance", "round.publish", "assessment.reopen")
"""What those who run a round may do to move an assessment."""

BARRED = "您与这所学校有回避关系，或参加过它的填报或评审。请由别的同事来办"


@dataclass(frozen=True, slots=True)
class Step:
    """A move that can follow; `obstacle` says what stands in its way, and what to do about it."""

    name: str
    title: str
    to: State
    reason: bool
    obstacle: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one university is. `changed_at` is when anything of it changed last; `days` are left until `until`."""

    assessment: str
    university: str
    code: str
    university_title: str
    region: str
    state: State
    version: int
    places: int
    answered: int
    asked: int
    submitted_at: str | None
    changed_at: str | None
    until: str | None
    days: int | None
    late: bool
    inspectors: int
    unsigned: int
    open_requests: int
    open_appeals: int
    unassigned_appeals: int
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step | None:
        """Return what is said of a move of that name."""
        return next((one for one in self.steps if one.name == name), None)


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """A round, how many of its universities are in each state, and each of them by its code."""

    round: Round
    at: str
    states: Mapping[State, int]
    rows: tuple[Progress, ...]


@use_case("round.progress", "round.manage", writes=False)
def read_progress(portal: Portal, actor: Actor, round_id: str) -> RoundProgress | Refusal:
    """Return how far every university of a round is."""
    at = portal.at()
    with portal.database.read() as connection:
        head = load_round(connection, round_id)
        if head is None:
            return MISSING
        refused = gate_round(connection, actor, "round.manage", head)
        return refused or _progress(portal, connection, actor, head, at)


@dataclass(frozen=True, slots=True)
class RoundStates:
    """A round, and how many of its universities are in each state."""

    round: Round
    states: Mapping[State, int]


@use_case("round.overview", "round.manage", writes=False)
def list_round_states(portal: Portal, actor: Actor) -> tuple[RoundStates, ...] | Refusal:
    """Return the rounds that an actor runs, the newest first, each with its universities by state."""
    with portal.database.read() as connection:
        rows = connection.execute(
            select(rounds)
            .where(visible_rounds(actor))
            .order_by(rounds.c.created_at.desc(), rounds.c.id.desc())
        )
        heads = [round_of(row) for row in rows]
        mine = [one for one in heads if may(actor, "round.manage", Object(round=one.id))]
        if not mine and not may(actor, "round.manage", Object()):
            return FORBIDDEN
        counts = {
            (row.round_id, row.state): row.many
            for row in connection.execute(
                select(assessments.c.round_id, assessments.c.state, func.count().label("many"))
                .where(assessments.c.round_id.in_([one.id for one in mine]))
                .group_by(assessments.c.round_id, assessments.c.state)
            )
        }
    return tuple(
        RoundStates(one, {state: counts.get((one.id, state), 0) for state in STATES}) for one in mine
    )


def _progress(portal: Portal, connection: Connection, actor: Actor, head: Round, at: str) -> RoundProgress:
    edition = portal.edition(head.standard, head.edition, head.edition_hash)
    asked = _asked(edition) if edition is not None else (0, 0, 0)
    rows = tuple(_row(head, asked, row, at) for row in connection.execute(_query(actor, head.id)))
    states = {state: sum(one.state == state for one in rows) for state in STATES}
    return RoundProgress(head, at, states, rows)


def _query(actor: Actor, round_id: str) -> Any:
    shown = subjects.c.withdrawn_at.is_(None)
    return (
        select(
            *(assessments.c[name] for name in ("id", "state", "version", "submitted_at", "fill_until")),
            *(universities.c[name] for name in ("code", "title", "region")),
            assessments.c.university_id,
            count_of(subjects, subjects.c.place_id.is_not(None), shown).label("places"),
            _answered().label("answered"),
            _changed_at().label("changed_at"),
            *open_things(),
            *(visible(actor, one).label(one) for one in MOVED_BY),
        )
        .join(universities, universities.c.id == assessments.c.university_id)
        .where(assessments.c.round_id == round_id, visible(actor, "round.manage"))
        .order_by(universities.c.code)
    )


def _answered() -> ScalarSelect[int]:
    """Return how many answers stand of the subjects that are assessed."""
    return (
        select(func.count())
        .select_from(answers.join(subjects, subjects.c.id == answers.c.subject_id))
        .where(
            answers.c.assessment_id == assessments.c.id,
            answers.c.value.is_not(None),
            subjects.c.withdrawn_at.is_(None),
        )
        .correlate(assessments)
        .scalar_subquery()
    )


def _changed_at() -> ScalarSelect[str]:
    chain: ColumnElement[str] = literal("a:").concat(assessments.c.id)
    return (
        select(log.c.at)
        .where(log.c.chain == chain, log.c.action.not_in(LOOKS))
        .order_by(log.c.place.desc())
        .limit(1)
        .correlate(assessments)
        .scalar_subquery()
    )


def _asked(edition: Edition) -> tuple[int, int, int]:
    """Return how many facts are asked of a university alone, of one with places, and of each place."""
    whole, place = (Part("", one, "", "", "") for one in (None, "place"))
    return (
        len(edition.facts),
        len(asked_of(edition, whole, alone=False)),
        len(asked_of(edition, place, alone=False)),
    )


def _row(head: Round, asked: tuple[int, int, int], row: Row[Any], at: str) -> Progress:
    alone, whole, each = asked
    wanted = whole + each * row.places if row.places else alone
    until = row.fill_until if row.state == "填报中" and row.fill_until else until_of(head, row.state)
    return Progress(
        row.id,
        row.university_id,
        row.code,
        row.title,
        row.region,
        row.state,
        row.version,
        row.places,
        min(row.answered, wanted) if wanted else row.answered,
        wanted,
        row.submitted_at,
        row.changed_at,
        until,
        days_left(until, at) if until else None,
        until is not None and until < at,
        row.inspectors,
        row.unsigned,
        row.open_requests,
        row.open_appeals,
        row.unassigned,
        _steps(head, row, at),
    )


def _steps(head: Round, row: Row[Any], at: str) -> tuple[Step, ...]:
    now = situation_of(head, row, at)
    found = list[Step]()
    for move in MOVES:
        if move.start != row.state or move.action not in MOVED_BY:
            continue
        refused = forbids(move, now, "…")
        obstacle = None if refused is None else f"{refused.what}。{refused.next}"
        if not row._mapping[move.action]:  # noqa: SLF001  the public name has an underscore
            obstacle = BARRED
        found.append(Step(move.name, move.title, move.end, move.reason, obstacle))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A university whose turn it is, and who answers for it and fills in there, by name."""

    assessment: str
    code: str
    university_title: str
    state: State
    answered: int
    asked: int
    open_requests: int
    changed_at: str | None
    until: str | None
    days: int | None
    late: bool
    people: tuple[str, ...]


@use_case("round.reminders", "round.manage", writes=False)
def list_reminders(portal: Portal, actor: Actor, round_id: str) -> tuple[Reminder, ...] | Refusal:
    """Return the universities that a round waits for, those first that are late and those that did least."""
    at = portal.at()
    with portal.database.read() as connection:
        head = load_round(connection, round_id)
        if head is None:
            return MISSING
        refused = gate_round(connection, actor, "round.manage", head)
        if refused is not None:
            return refused
        found = [one for one in _progress(portal, connection, actor, head, at).rows if _waits(one)]
        people = _people(connection, round_id, [one.university for one in found])
    reminders = (
        Reminder(
            one.assessment,
            one.code,
            one.university_title,
            one.state,
            one.answered,
            one.asked,
            one.open_requests,
            one.changed_at,
            one.until,
            one.days,
            one.late,
            tuple(people.get(one.university, ())),
        )
        for one in found
    )
    return tuple(sorted(reminders, key=lambda one: (not one.late, one.until or "~", one.answered, one.code)))


def _waits(one: Progress) -> bool:
    return one.state == "填报中" or (one.state == "补充材料" and one.open_requests > 0)


def _people(connection: Connection, round_id: str, wanted: Sequence[str]) -> dict[str, list[str]]:
    """Return who answers for a university, then who fills in there."""
    rows = connection.execute(
        select(memberships.c.university_id, accounts.c.name)
        .join(accounts, accounts.c.id == memberships.c.account_id)
        .where(
            memberships.c.university_id.in_(wanted),
            memberships.c.role.in_(("approver", "filler")),
            memberships.c.ended_at.is_(None),
            or_(memberships.c.round_id.is_(None), memberships.c.round_id == round_id),
            accounts.c.disabled_at.is_(None),
        )
        .order_by(memberships.c.role, accounts.c.name)
    )
    found = dict[str, list[str]]()
    for university, name in rows:
        names = found.setdefault(university, [])
        names += [] if name in names else [name]
    return found

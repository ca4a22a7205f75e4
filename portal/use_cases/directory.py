"""What is on record to choose from: universities, their places, and who must keep away from whom."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, true

from portal.assessments import load_round
from portal.policy import BY_ACTION, Actor, Object, State, may
from portal.policy_sql import visible
from portal.portal import Portal, use_case
from portal.refusal import FORBIDDEN, MISSING, Refusal
from portal.store.tables import accounts, assessments, places, recusals, subjects, universities
from portal.use_cases.rounds import gate_round


@dataclass(frozen=True, slots=True)
class University:
    """A university on record."""

    id: str
    code: str
    title: str
    kind: str
    region: str


@use_case("university.list", "account.manage", writes=False)
def list_universities(portal: Portal, actor: Actor) -> tuple[University, ...] | Refusal:
    """Return the universities on record, by code: all of them to those who run rounds, else one's own."""
    mine = _known(actor)
    if not mine:
        return FORBIDDEN
    query = select(universities).where(or_(*mine)).order_by(universities.c.code)
    with portal.database.read() as connection:
        return tuple(
            University(row.id, row.code, row.title, row.kind, row.region) for row in connection.execute(query)
        )


def _known(actor: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions for universities whose people an actor looks after, from the table of permissions."""
    return [
        universities.c.id == one.university if one.university else true()
        for rule in BY_ACTION["account.manage"]
        for one in actor.members
        if one.role == rule.role and (rule.relation != "own" or one.university)
    ]


@dataclass(frozen=True, slots=True)
class Offered:
    """A place that may be assessed, and whether it is."""

    id: str
    slug: str
    title: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A university in a round with the places to choose from; a change is based on `version`."""

    assessment: str
    university: str
    code: str
    university_title: str
    state: State
    version: int
    places: tuple[Offered, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be assessed in a round: places of one kind, or of any where the rules do not say."""

    round: str
    kind: str
    universities: tuple[Choice, ...]


@use_case("round.places", "round.manage", writes=False)
def list_choices(portal: Portal, actor: Actor, round_id: str) -> Choices | Refusal:
    """Return, for every university of a round, the places on record that its standard can assess."""
    with portal.database.read() as connection:
        head = load_round(connection, round_id)
        if head is None:
            return MISSING
        refused = gate_round(connection, actor, "round.manage", head)
        if refused is not None:
            return refused
        edition = portal.library().edition(head.standard, head.edition)
        kind = (edition.standard.per or "") if edition is not None else ""
        invited = connection.execute(
            select(assessments, universities.c.code, universities.c.title)
            .join(universities, universities.c.id == assessments.c.university_id)
            .where(assessments.c.round_id == round_id, visible(actor, "round.manage"))
            .order_by(universities.c.code)
        ).all()
        chosen = {
            (row.assessment_id, row.place_id)
            for row in connection.execute(
                select(subjects.c.assessment_id, subjects.c.place_id)
                .join(assessments, assessments.c.id == subjects.c.assessment_id)
                .where(assessments.c.round_id == round_id, subjects.c.withdrawn_at.is_(None))
            )
        }
        there = connection.execute(
            select(places)
            .where(
                places.c.university_id.in_(
                    select(assessments.c.university_id).where(assessments.c.round_id == round_id)
                ),
                places.c.closed_at.is_(None),
                places.c.kind == kind if kind else true(),
            )
            .order_by(places.c.slug)
        ).all()
    offered = dict[str, list[tuple[str, str, str]]]()
    for row in there:
        offered.setdefault(row.university_id, []).append((row.id, row.slug, row.title))
    return Choices(
        round_id,
        kind,
        tuple(
            Choice(
                row.id,
                row.university_id,
                row.code,
                row.title,
                row.state,
                row.version,
                tuple(
                    Offered(*one, (row.id, one[0]) in chosen) for one in offered.get(row.university_id, ())
                ),
            )
            for row in invited
        ),
    )


@dataclass(frozen=True, slots=True)
class Recusal:
    """Who must keep away from which university, and why."""

    id: str
    account: str
    name: str
    university: str
    university_title: str
    reason: str
    declared_at: str


@use_case("recusal.list", "assignment.manage", writes=False)
def list_recusals(portal: Portal, actor: Actor) -> tuple[Recusal, ...] | Refusal:
    """Return the recusals that stand, by name, of the universities whose reviews the actor assigns."""
    query = (
        select(recusals, accounts.c.name, universities.c.title)
        .join(accounts, accounts.c.id == recusals.c.account_id)
        .join(universities, universities.c.id == recusals.c.university_id)
        .where(recusals.c.ended_at.is_(None))
        .order_by(accounts.c.name, universities.c.code)
    )
    with portal.database.read() as connection:
        rows = connection.execute(query).all()
    found = tuple(
        Recusal(row.id, row.account_id, row.name, row.university_id, row.title, row.reason, row.declared_at)
        for row in rows
        if may(actor, "assignment.manage", Object(None, row.university_id))
    )
    return found if found or may(actor, "assignment.manage", Object()) else FORBIDDEN

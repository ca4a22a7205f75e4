"""Lists: the rounds and assessments an actor may see, and nothing that says there are others."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select

from portal.assessments import Round, round_of
from portal.moment import is_id
from portal.policy import Actor, Object, State, may
from portal.portal import Portal, use_case
from portal.store.tables import (
    answer_history,
    answers,
    assessments,
    assignments,
    claim_history,
    evidence,
    rounds,
    universities,
)


@dataclass(frozen=True, slots=True)
class Listed:
    """An assessment in a list."""

    id: str
    round: str
    round_title: str
    university: str
    university_title: str
    state: State
    version: int
    answered: int
    submitted_at: str | None


@use_case("assessment.list", "round.read", writes=False)
def list_assessments(portal: Portal, actor: Actor, *, round_id: str | None = None) -> tuple[Listed, ...]:
    """Return the assessments an actor may see, in one round or in all."""
    with portal.database.read() as connection:
        return _listed(connection, actor, round_id)


@use_case("round.list", "round.read", writes=False)
def list_rounds(portal: Portal, actor: Actor) -> tuple[Round, ...]:
    """Return the rounds an actor runs, watches or takes part in, the newest first."""
    with portal.database.read() as connection:
        mine = {one.round for one in _listed(connection, actor, None)}
        rows = connection.execute(select(rounds).order_by(rounds.c.created_at.desc(), rounds.c.id))
        found = [round_of(row) for row in rows]
    return tuple(one for one in found if one.id in mine or may(actor, "round.read", Object(round=one.id)))


def _listed(connection: Connection, actor: Actor, round_id: str | None) -> tuple[Listed, ...]:
    query = (
        select(
            assessments,
            rounds.c.title.label("round_title"),
            universities.c.title.label("university_title"),
            assignments.c.account_id,
        )
        .join(rounds, rounds.c.id == assessments.c.round_id)
        .join(universities, universities.c.id == assessments.c.university_id)
        .outerjoin(
            assignments,
            and_(
                assignments.c.assessment_id == assessments.c.id,
                assignments.c.account_id == actor.id,
                assignments.c.ended_at.is_(None),
            ),
        )
        .order_by(rounds.c.created_at.desc(), universities.c.code, assessments.c.id)
    )
    if round_id is not None:
        if not is_id(round_id):
            return ()
        query = query.where(assessments.c.round_id == round_id)
    rows = connection.execute(query).all()
    mine = _filled(connection, actor) if any(one.role == "inspector" for one in actor.members) else set()
    seen = [
        row
        for row in rows
        if may(
            actor,
            "round.read",
            Object(
                row.round_id,
                row.university_id,
                row.state,
                frozenset({actor.id} if row.account_id else ()),
                frozenset({actor.id} if row.id in mine else ()),
            ),
        )
    ]
    counts = _counts(connection, [row.id for row in seen])
    return tuple(
        Listed(
            row.id,
            row.round_id,
            row.round_title,
            row.university_id,
            row.university_title,
            row.state,
            row.version,
            counts.get(row.id, 0),
            row.submitted_at,
        )
        for row in seen
    )


def _filled(connection: Connection, actor: Actor) -> set[str]:
    """Return the assessments an actor ever filled something in for."""
    found = set[str]()
    for table in (answer_history, claim_history, evidence):
        query = select(table.c.assessment_id).where(table.c.by == actor.id).distinct()
        found.update(connection.execute(query).scalars())
    return found


def _counts(connection: Connection, wanted: list[str]) -> dict[str, int]:
    rows = connection.execute(
        select(answers.c.assessment_id, func.count())
        .where(answers.c.assessment_id.in_(wanted), answers.c.value.is_not(None))
        .group_by(answers.c.assessment_id)
    )
    return {row[0]: row[1] for row in rows}

"""Lists: the rounds and assessments an actor may see, and nothing that says there are others."""

from dataclasses import dataclass

from sqlalchemy import ScalarSelect, func, select

from portal.assessments import Round, about, gate, round_of
from portal.fill import parts_of
from portal.moment import is_id
from portal.policy import Actor, State, may
from portal.policy_sql import visible, visible_rounds
from portal.portal import Portal, use_case
from portal.refusal import Refusal
from portal.store.tables import answers, assessments, rounds, universities


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
    query = (
        select(
            assessments,
            rounds.c.title.label("round_title"),
            universities.c.title.label("university_title"),
            _answered().label("answered"),
        )
        .join(rounds, rounds.c.id == assessments.c.round_id)
        .join(universities, universities.c.id == assessments.c.university_id)
        .where(visible(actor, "round.read"))
        .order_by(rounds.c.created_at.desc(), universities.c.code, assessments.c.id)
    )
    if round_id is not None:
        if not is_id(round_id):
            return ()
        query = query.where(assessments.c.round_id == round_id)
    with portal.database.read() as connection:
        return tuple(
            Listed(
                row.id,
                row.round_id,
                row.round_title,
                row.university_id,
                row.university_title,
                row.state,
                row.version,
                row.answered,
                row.submitted_at,
            )
            for row in connection.execute(query)
        )


def _answered() -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(answers)
        .where(answers.c.assessment_id == assessments.c.id, answers.c.value.is_not(None))
        .correlate(assessments)
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class Place:
    """One subject of an assessment: the university itself, or a place of it."""

    id: str
    title: str
    kind: str
    is_university: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessment with its subjects; `until` is when filling in ends, also while material is supplied."""

    id: str
    round: str
    round_title: str
    standard: str
    edition: str
    university: str
    university_title: str
    state: State
    version: int
    until: str | None
    may_submit: bool
    may_withdraw: bool
    subjects: tuple[Place, ...]


@use_case("assessment.read", "round.read", writes=False)
def read_assessment(portal: Portal, actor: Actor, assessment: str) -> Assessment | Refusal:
    """Return an assessment with what is assessed in it."""
    with portal.database.read() as connection:
        standing = gate(connection, actor, "round.read", assessment)
        if isinstance(standing, Refusal):
            return standing
        now, seen = standing.round, about(connection, actor, standing)
        return Assessment(
            standing.id,
            now.id,
            now.title,
            now.standard,
            now.edition,
            standing.university,
            standing.university_title,
            standing.state,
            standing.version,
            now.material_until if standing.state == "补充材料" else standing.until,
            may(actor, "assessment.submit", seen),
            may(actor, "assessment.withdraw", seen),
            tuple(
                Place(one.id, one.title, one.kind, one.place is None)
                for one in parts_of(connection, assessment)
            ),
        )


@use_case("round.list", "round.read", writes=False)
def list_rounds(portal: Portal, actor: Actor) -> tuple[Round, ...]:
    """Return the rounds an actor runs, watches or takes part in, the newest first."""
    query = (
        select(rounds).where(visible_rounds(actor)).order_by(rounds.c.created_at.desc(), rounds.c.id.desc())
    )
    with portal.database.read() as connection:
        return tuple(round_of(row) for row in connection.execute(query))

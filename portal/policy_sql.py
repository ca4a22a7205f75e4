"""The table of permissions as SQL: the filter of every list of assessments, and the facts that a single check needs.

Both come from `portal.policy.RULES`. A test compares them for every role, action, relation, state and separation.
"""

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, false, or_, select, true

from portal.policy import (
    BY_ACTION,
    RULES,
    STATES,
    Action,
    Actor,
    Bar,
    Member,
    Object,
    Relation,
    Rule,
    State,
)
from portal.store.tables import (
    answer_history,
    assessments,
    assignments,
    claim_history,
    evidence,
    findings,
    rounds,
)

FILLED_IN = (answer_history, claim_history, evidence)
"""Where it stands who filled something in."""
_SEPARATED = frozenset(rule.role for rule in RULES if rule.unless & {"filled", "reviewed"})
"""Roles for which it matters who filled in or reviewed; for the others nobody looks it up."""


def visible(actor: Actor, action: Action) -> ColumnElement[bool]:
    """Return the condition under which an actor may do something to a row of `assessments`."""
    return or_(false(), *(_granted(rule, actor) for rule in BY_ACTION[action]))


def visible_rounds(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which an actor may read a row of `rounds`: as a whole, or one assessment in it."""
    whole = [
        true() if one.round is None else rounds.c.id == one.round
        for rule in BY_ACTION["round.read"]
        if rule.relation in ("round", "any")
        for one in actor.members
        if one.role == rule.role and one.university is None
    ]
    part = (
        select(assessments.c.id)
        .where(assessments.c.round_id == rounds.c.id, visible(actor, "round.read"))
        .correlate(rounds)
        .exists()
    )
    return or_(part, *whole)


def object_of(connection: Connection, assessment_id: str, actor: Actor | None = None) -> Object | None:
    """Return an assessment as `may` wants to see it, or None when there is none.

    With an actor, who filled in and who reviewed is looked up for that actor only, and only where a rule asks.
    """
    row = connection.execute(select(assessments).where(assessments.c.id == assessment_id)).first()
    if row is None:
        return None
    asked = actor is None or any(one.role in _SEPARATED for one in actor.members)
    return Object(
        round=row.round_id,
        university=row.university_id,
        state=next(one for one in STATES if one == row.state),
        inspectors=inspectors_of(connection, assessment_id),
        filled_by=filled_by(connection, assessment_id, actor) if asked else frozenset(),
        reviewed_by=reviewed_by(connection, assessment_id, actor) if asked else frozenset(),
    )


def inspectors_of(connection: Connection, assessment_id: str) -> frozenset[str]:
    """Return who is assigned to an assessment now."""
    return frozenset(
        connection.scalars(
            select(assignments.c.account_id).where(
                assignments.c.assessment_id == assessment_id, assignments.c.ended_at.is_(None)
            )
        )
    )


def filled_by(connection: Connection, assessment_id: str, actor: Actor | None = None) -> frozenset[str]:
    """Return who ever answered, claimed or added evidence: of everybody, or only whether the actor did."""
    found = set[str]()
    for table in FILLED_IN:
        who = select(table.c.by).where(table.c.assessment_id == assessment_id).distinct()
        found.update(connection.scalars(who if actor is None else who.where(table.c.by == actor.id)))
    return frozenset(found)


def reviewed_by(connection: Connection, assessment_id: str, actor: Actor | None = None) -> frozenset[str]:
    """Return who ever gave a verdict on an assessment: of everybody, or only whether the actor did."""
    who = select(findings.c.account_id).where(findings.c.assessment_id == assessment_id).distinct()
    return frozenset(
        connection.scalars(who if actor is None else who.where(findings.c.account_id == actor.id))
    )


def object_of_round(
    connection: Connection, round_id: str, state: State, actor: Actor | None = None
) -> Object:
    """Return a whole round as `may` wants to see it, as if every assessment in it were in a state.

    Who filled in or reviewed one of them did so for the whole: what is done to all at once is not done by them.
    """
    return Object(
        round=round_id,
        state=state,
        filled_by=filled_in(connection, round_id, actor),
        reviewed_by=reviewed_in(connection, round_id, actor),
    )


def filled_in(connection: Connection, round_id: str, actor: Actor | None = None) -> frozenset[str]:
    """Return who ever answered, claimed or added evidence in a round."""
    return frozenset().union(*(_ever(connection, round_id, table, table.c.by, actor) for table in FILLED_IN))


def reviewed_in(connection: Connection, round_id: str, actor: Actor | None = None) -> frozenset[str]:
    """Return who ever gave a verdict in a round."""
    return _ever(connection, round_id, findings, findings.c.account_id, actor)


def _ever(
    connection: Connection, round_id: str, table: Table, who: Column[str], actor: Actor | None
) -> frozenset[str]:
    query = (
        select(who)
        .join(assessments, assessments.c.id == table.c.assessment_id)
        .where(assessments.c.round_id == round_id)
        .distinct()
    )
    return frozenset(connection.scalars(query if actor is None else query.where(who == actor.id)))


def _granted(rule: Rule, actor: Actor) -> ColumnElement[bool]:
    holding = [
        _near(rule.relation, one, actor)
        for one in actor.members
        if one.role == rule.role and (rule.relation != "own" or one.university is not None)
    ]
    if not holding:
        return false()
    return and_(
        assessments.c.state.in_(sorted(rule.states)),
        or_(*holding),
        *(~_barred(bar, actor) for bar in sorted(rule.unless)),
    )


def _near(relation: Relation, member: Member, actor: Actor) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    if member.round is not None:
        conditions.append(assessments.c.round_id == member.round)
    if member.university is not None:
        conditions.append(assessments.c.university_id == member.university)
    if relation == "assigned":
        conditions.append(
            select(assignments.c.id)
            .where(
                assignments.c.assessment_id == assessments.c.id,
                assignments.c.account_id == actor.id,
                assignments.c.ended_at.is_(None),
            )
            .correlate(assessments)
            .exists()
        )
    return and_(*conditions)


def _barred(bar: Bar, actor: Actor) -> ColumnElement[bool]:
    if bar == "conflict":
        return assessments.c.university_id.in_(sorted(actor.recused | actor.employed))
    if bar == "reviewed":
        return (
            select(findings.c.version)
            .where(findings.c.assessment_id == assessments.c.id, findings.c.account_id == actor.id)
            .correlate(assessments)
            .exists()
        )
    return or_(
        *(
            select(table.c.by)
            .where(table.c.assessment_id == assessments.c.id, table.c.by == actor.id)
            .correlate(assessments)
            .exists()
            for table in FILLED_IN
        ),
    )

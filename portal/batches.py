"""The universities of a round that one change is about: who may change all of them at once, and which are ready."""

from dataclasses import replace

from sqlalchemy import Connection, select

from portal.assessments import Round, Standing, allowed, load, load_round
from portal.cases import Declined
from portal.policy import Action, Actor, may
from portal.policy_sql import object_of_round
from portal.refusal import MISSING, Refusal
from portal.store.tables import assessments, universities

NOBODY: frozenset[str] = frozenset()


def whole_round(
    connection: Connection,
    actor: Actor,
    round_id: str,
    action: Action = "round.publish",
    *,
    lock: bool = True,
) -> Round:
    """Return a round, locked where it is about to change, if the actor may do something to all in it at once."""
    found = load_round(connection, round_id, lock=lock)
    whole = object_of_round(connection, round_id, "定级", actor)
    if found is None or not may(actor, action, replace(whole, filled_by=NOBODY, reviewed_by=NOBODY)):
        raise Declined(MISSING)
    if not may(actor, action, whole):
        raise Declined(
            Refusal(
                "forbidden",
                "partial",
                f"您评审过或填报过“{found.title}”里的学校，不能公布或撤回它的结果",
                "请由没有参加评审和填报的秘书处同事来做",
            )
        )
    return found


def cases_in(
    connection: Connection, round_id: str, states: tuple[str, ...], *, lock: bool = True
) -> list[Standing]:
    """Return the cases of a round that are in some states, those locked that somebody is about to change."""
    rows = connection.execute(
        select(assessments.c.id)
        .join(universities, universities.c.id == assessments.c.university_id)
        .where(assessments.c.round_id == round_id, assessments.c.state.in_(states))
        .order_by(universities.c.code)
    ).scalars()
    found = [load(connection, one, lock=lock) for one in rows.all()]
    return [case for case in found if case is not None and case.state in states]


def ready_in(
    connection: Connection, actor: Actor, round_id: str, states: tuple[str, ...], *, lock: bool = True
) -> tuple[list[Standing], dict[str, str]]:
    """Return the cases in some states that the actor may publish, and why not the others."""
    ready, left = list[Standing](), dict[str, str]()
    for case in cases_in(connection, round_id, states, lock=lock):
        refused = allowed(connection, actor, "round.publish", case)
        if refused is None:
            ready.append(case)
        else:
            left[case.university_title] = refused.message
    return ready, left

"""What others do on the same page: answers they saved, files they brought, and where each of them is at work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from portal.assessments import Standing, about, fillable, gate
from portal.moment import is_moment, moment_of, text_of
from portal.policy import Actor, State, may
from portal.portal import Portal, use_case
from portal.refusal import Refusal
from portal.store.tables import accounts, answers, evidence
from portal.use_cases.forms import Answered, answered

OVERLAP = timedelta(seconds=20)
"""How far back a look reaches beyond the last one: changes become visible a little after the time they bear."""

AT_WORK = timedelta(minutes=2)
"""Who saved something within this time is still at work."""

# Statements of every few seconds are written once: putting one together takes as long as carrying it out.
_CHANGED = (
    select(answers, accounts.c.name.label("by_name"))
    .outerjoin(accounts, accounts.c.id == answers.c.by)
    .where(
        answers.c.assessment_id == bindparam("assessment"),
        answers.c.subject_id == bindparam("subject"),
        answers.c.at >= bindparam("begin"),
    )
    .order_by(answers.c.fact)
)
_FILES = (
    select(evidence.c.id)
    .where(
        evidence.c.assessment_id == bindparam("assessment"),
        or_(evidence.c.at >= bindparam("begin"), evidence.c.removed_at >= bindparam("begin")),
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at work on the same subject, and the fact last answered."""

    id: str
    name: str
    fact: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """What changed since a moment: ask next with `at`. Some of it may have been told before; compare the versions."""

    at: str
    state: State
    version: int
    may_save: bool
    answers: tuple[Answered, ...]
    people: tuple[Person, ...]
    files: bool


@use_case("fill.pulse", "answer.read", writes=False)
def pulse(portal: Portal, actor: Actor, assessment: str, subject: str, *, since: str = "") -> Pulse | Refusal:
    """Return what changed in a subject since a moment, or nothing but the moment when none is given."""
    with portal.database.read() as connection:
        standing = gate(connection, actor, "answer.read", assessment)
        if isinstance(standing, Refusal):
            return standing
        return news_of(connection, actor, standing, subject, since, portal.clock())


def news_of(
    connection: Connection, actor: Actor, standing: Standing, subject: str, since: str, now: datetime
) -> Pulse | Refusal:
    """Return what changed in a subject of an assessment that the actor may read."""
    if since and not is_moment(since):
        return Refusal("invalid", "since", "所给的时刻读不懂", "请用上一次回答里的 at", {"field": "since"})
    at, lately = text_of(now), text_of(now - AT_WORK)
    begin = text_of(moment_of(since) - OVERLAP) if since else at
    where = {"assessment": standing.id, "subject": subject, "begin": min(begin, lately)}
    rows = connection.execute(_CHANGED, where).all()
    return Pulse(
        at,
        standing.state,
        standing.version,
        fillable(standing, at) is None and may(actor, "answer.save", about(connection, actor, standing)),
        tuple(answered(row) for row in rows if row.at >= begin) if since else (),
        _at_work([row for row in rows if row.at >= lately]),
        bool(since) and _files(connection, standing.id, begin),
    )


def _at_work(rows: Sequence[Row[Any]]) -> tuple[Person, ...]:
    """Return who gave these answers, each once, with the fact answered last."""
    given = sorted((row for row in rows if row.by_name is not None), key=lambda row: (row.at, row.fact))
    last = {row.by: Person(row.by, row.by_name, row.fact) for row in given}
    return tuple(sorted(last.values(), key=lambda one: one.name))


def _files(connection: Connection, assessment: str, begin: str) -> bool:
    return connection.execute(_FILES, {"assessment": assessment, "begin": begin}).first() is not None

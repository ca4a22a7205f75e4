"""What others do on the same page: answers they saved, files they brought, and where each of them is at work."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, func, or_, select

from portal.assessments import about, fillable, gate
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
    now = portal.clock()
    at = text_of(now)
    if since and not is_moment(since):
        return Refusal("invalid", "since", "所给的时刻读不懂", "请用上一次回答里的 at", {"field": "since"})
    with portal.database.read() as connection:
        standing = gate(connection, actor, "answer.read", assessment)
        if isinstance(standing, Refusal):
            return standing
        begin = text_of(moment_of(since) - OVERLAP) if since else at
        return Pulse(
            at,
            standing.state,
            standing.version,
            fillable(standing, at) is None and may(actor, "answer.save", about(connection, actor, standing)),
            _changed(connection, assessment, subject, begin) if since else (),
            _at_work(connection, assessment, subject, text_of(now - AT_WORK)),
            bool(since) and _files(connection, assessment, begin),
        )


def _changed(connection: Connection, assessment: str, subject: str, begin: str) -> tuple[Answered, ...]:
    rows = connection.execute(
        select(answers, accounts.c.name.label("by_name"))
        .outerjoin(accounts, accounts.c.id == answers.c.by)
        .where(answers.c.assessment_id == assessment, answers.c.subject_id == subject, answers.c.at >= begin)
        .order_by(answers.c.fact)
    )
    return tuple(answered(row) for row in rows)


def _at_work(connection: Connection, assessment: str, subject: str, begin: str) -> tuple[Person, ...]:
    """Return who saved something lately, each once, with the fact answered last."""
    rows = connection.execute(
        select(answers.c.by, answers.c.fact, accounts.c.name)
        .join(accounts, accounts.c.id == answers.c.by)
        .where(answers.c.assessment_id == assessment, answers.c.subject_id == subject, answers.c.at >= begin)
        .order_by(answers.c.at, answers.c.fact)
    )
    last = {row.by: Person(row.by, row.name, row.fact) for row in rows}
    return tuple(sorted(last.values(), key=lambda one: one.name))


def _files(connection: Connection, assessment: str, begin: str) -> bool:
    found = connection.execute(
        select(func.count())
        .select_from(evidence)
        .where(
            evidence.c.assessment_id == assessment,
            or_(evidence.c.at >= begin, evidence.c.removed_at >= begin),
        )
    ).scalar_one()
    return bool(found)

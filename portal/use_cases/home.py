"""What waits for somebody: one line a task, the nearest deadline first, with how far it is. Nothing else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from sqlalchemy import Connection, bindparam, func, select

from portal.assessments import Round, round_of
from portal.fill import parts_of
from portal.moment import days_left
from portal.opinions import PHASES
from portal.policy import Actor
from portal.policy_sql import visible
from portal.portal import Portal, use_case
from portal.refusal import Refusal
from portal.states import MOVES, forbids
from portal.store.tables import answers, assessments, requests, rounds, universities
from portal.tally import open_things, situation_of, until_of
from portal.use_cases.filling_in import score_of
from portal.use_cases.reviews import queue

Task = Literal[
    "fill",
    "submit",
    "reply",
    "contest",
    "review",
    "decide",
    "remind",
    "assign",
    "start",
    "ask",
    "resume",
    "finish",
    "publicise",
    "assign_appeal",
    "grade",
]
"""What there is to do; pages have the words for it."""


_ANSWERED = (
    select(func.count())
    .select_from(answers)
    .where(
        answers.c.assessment_id == bindparam("assessment"),
        answers.c.subject_id.in_(bindparam("subjects", expanding=True)),
        answers.c.value.is_not(None),
    )
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task: about one assessment, or about `count` of them in a round when `assessment` is empty."""

    task: Task
    round: str
    round_title: str
    state: str
    until: str | None
    days: int | None = None
    """Days left in Beijing: 0 is today, fewer are too late; none without a deadline."""
    late: bool = False
    assessment: str | None = None
    university_title: str = ""
    count: int = 1
    done: int = 0
    of: int = 0
    """How far it is: `done` of `of`; nothing to count where `of` is 0."""


@use_case("home.read", "round.read", writes=False)
def read_home(portal: Portal, actor: Actor) -> tuple[Waiting, ...]:
    """Return what waits for an actor, the nearest deadline first."""
    at = portal.at()
    with portal.database.read() as connection:
        found = [
            *_to_fill(connection, actor),
            *_to_contest(connection, actor, at),
            *_to_run(connection, actor, at),
        ]
    found = [_far(portal, actor, one) if one.task in ("fill", "submit") else one for one in found]
    found += _to_review(portal, actor)
    timed = (_timed(one, one.until, at) if one.until else one for one in found)
    return tuple(sorted(timed, key=_order))


def _timed(one: Waiting, until: str, at: str) -> Waiting:
    return replace(one, days=days_left(until, at), late=until < at)


def _order(one: Waiting) -> tuple[str, str, str, int]:
    return one.until or "~", one.round_title, one.university_title, get_args(Task).index(one.task)


# The university -------------------------------------------------------------------------------------------------------


def _to_fill(connection: Connection, actor: Actor) -> Iterator[Waiting]:
    """Return what a university has to fill in, hand in or reply to."""
    submits = set(_ids(connection, select(assessments.c.id).where(visible(actor, "assessment.submit"))))
    rows = connection.execute(
        select(assessments, universities.c.title.label("university_title"))
        .join(universities, universities.c.id == assessments.c.university_id)
        .where(visible(actor, "answer.save"))
    ).all()
    running = _running(connection, {row.round_id for row in rows})
    for row in rows:
        head = running.get(row.round_id)
        if head is None:
            continue
        replying = row.state == "补充材料"
        done, of = _replied(connection, row.id) if replying else (0, 0)
        yield Waiting(
            "reply" if replying else "submit" if row.id in submits else "fill",
            head.id,
            head.title,
            row.state,
            head.material_until if replying else row.fill_until or head.fill_until,
            assessment=row.id,
            university_title=row.university_title,
            done=done,
            of=of,
        )


def _to_contest(connection: Connection, actor: Actor, at: str) -> Iterator[Waiting]:
    """Return the results that a university may still contest."""
    rows = connection.execute(
        select(assessments, universities.c.title.label("university_title"))
        .join(universities, universities.c.id == assessments.c.university_id)
        .where(visible(actor, "appeal.file"))
    ).all()
    running = _running(connection, {row.round_id for row in rows})
    for row in rows:
        head = running.get(row.round_id)
        if head is not None and (head.appeal_until is None or at <= head.appeal_until):
            yield Waiting(
                "contest",
                head.id,
                head.title,
                row.state,
                head.appeal_until,
                assessment=row.id,
                university_title=row.university_title,
            )


def _far(portal: Portal, actor: Actor, one: Waiting) -> Waiting:
    """Say how far filling in is: answers given, of those and the ones something still waits for."""
    assert one.assessment is not None
    with portal.database.read() as connection:
        subjects = [part.id for part in parts_of(connection, one.assessment)]
        given = {"assessment": one.assessment, "subjects": subjects}
        done = connection.execute(_ANSWERED, given).scalar_one()
    found = score_of(portal, actor, one.assessment, subjects[0])
    return (
        one if isinstance(found, Refusal) else replace(one, done=done, of=done + sum(found.lacking.values()))
    )


def _replied(connection: Connection, assessment: str) -> tuple[int, int]:
    """Return how many requests are answered of how many there are."""
    found = connection.execute(
        select(func.count(requests.c.answered_at), func.count()).where(requests.c.assessment_id == assessment)
    ).one()
    return found[0], found[1]


# Inspectors -----------------------------------------------------------------------------------------------------------


def _to_review(portal: Portal, actor: Actor) -> Iterator[Waiting]:
    """Return what an inspector has to review or to decide anew."""
    if not any(one.role == "inspector" for one in actor.members):
        return
    for one in queue(portal, actor):
        appeal = one.task == "appeal"
        if one.signed_at is not None or one.state != ("复核" if appeal else "评审中"):
            continue
        yield Waiting(
            "decide" if appeal else "review",
            one.round,
            one.round,
            one.state,
            one.until,
            assessment=one.assessment,
            university_title=one.university,
            done=0 if appeal else one.marks.get(PHASES["agree"], 0),
            of=0 if appeal else one.indicators,
        )


# The secretariat ------------------------------------------------------------------------------------------------------


def _to_run(connection: Connection, actor: Actor, at: str) -> Iterator[Waiting]:
    """Return what the secretariat has to move on, counted by round and task."""
    rows = connection.execute(
        select(
            assessments.c.id,
            assessments.c.round_id,
            assessments.c.state,
            *open_things(),
        ).where(visible(actor, "assessment.advance"))
    ).all()
    running = _running(connection, {row.round_id for row in rows})
    found = dict[tuple[str, Task], Waiting]()
    for row in rows:
        head = running.get(row.round_id)
        task = _task(head, row, at) if head else None
        if head is None or task is None:
            continue
        key = head.id, task
        before = found.get(key)
        found[key] = (
            replace(before, count=before.count + 1)
            if before
            else Waiting(task, head.id, head.title, row.state, until_of(head, row.state))
        )
    for one in found.values():
        if one.task == "remind":
            everybody = sum(row.round_id == one.round for row in rows)
            yield replace(one, done=everybody - one.count, of=everybody)
        else:
            yield one


def _task(head: Round, row: Any, at: str) -> Task | None:
    """Return what the secretariat can do with an assessment now; the table of moves says what is possible."""
    now = situation_of(head, row, at)
    possible = {move.name for move in MOVES if move.start == row.state and forbids(move, now, "…") is None}
    match row.state:
        case "填报中":
            return "remind"
        case "已提交":
            return "start" if "review" in possible else "assign"
        case "评审中":
            return "finish" if "finish" in possible else "ask" if "ask" in possible else None
        case "补充材料":
            return "resume" if row.open_requests == 0 or (head.material_until or "~") < at else None
        case "评审完成":
            return "publicise"
        case "公示" | "复核":
            return "assign_appeal" if row.unassigned else "grade" if "grade" in possible else None
    return None


def _running(connection: Connection, wanted: Iterable[str]) -> dict[str, Round]:
    rows = connection.execute(
        select(rounds).where(rounds.c.id.in_(sorted(wanted)), rounds.c.state == "进行中")
    )
    return {row.id: round_of(row) for row in rows}


def _ids(connection: Connection, query: Any) -> Iterable[str]:
    found: Iterable[str] = connection.execute(query).scalars()
    return found

"""An assessment as it stands: its row, its round, what permission and guards need to know of it, and how it moves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from portal.moment import is_id
from portal.once import Overtaken, note, state_changed
from portal.policy import STATES, Action, Actor, Object, State, may
from portal.refusal import FORBIDDEN, MISSING, Refusal
from portal.states import Move, Situation, forbids_saving
from portal.store.tables import (
    answer_history,
    answers,
    appeals,
    assessments,
    assignments,
    claim_history,
    evidence,
    findings,
    log,
    requests,
    rounds,
    universities,
)

# Statements of every click are written once: putting one together takes as long as carrying it out.
_ROUND = select(rounds).where(rounds.c.id == bindparam("id"))
_LOCKED_ROUND = _ROUND.with_for_update()
_ONE = (
    select(assessments, universities.c.code, universities.c.title.label("university_title"))
    .join(universities, universities.c.id == assessments.c.university_id)
    .where(assessments.c.id == bindparam("id"))
)
_LOCKED = _ONE.with_for_update(of=assessments)


@dataclass(frozen=True, slots=True)
class Round:
    """A round: the edition it is pinned to, its days and its settings."""

    id: str
    title: str
    standard: str
    edition: str
    edition_hash: str
    as_of: str
    region: str
    state: str
    version: int
    fill_until: str | None = None
    review_until: str | None = None
    material_until: str | None = None
    publish_from: str | None = None
    publish_until: str | None = None
    appeal_until: str | None = None
    period_from: str | None = None
    period_to: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def chain(self) -> str:
        """Its chain of the trail."""
        return f"r:{self.id}"


@dataclass(frozen=True, slots=True)
class Standing:
    """An assessment and its round, as read in one transaction."""

    id: str
    university: str
    university_code: str
    university_title: str
    state: State
    version: int
    reopened: int
    fill_until: str | None
    submission_hash: str | None
    round: Round

    @property
    def chain(self) -> str:
        """Its chain of the trail."""
        return f"a:{self.id}"

    @property
    def until(self) -> str | None:
        """Until when it may be filled in: its own deadline, or the round's."""
        return self.fill_until or self.round.fill_until


def round_of(row: Row[Any] | Mapping[str, Any]) -> Round:
    """Return a row of rounds as a value."""
    data = dict(row._mapping) if isinstance(row, Row) else dict(row)  # noqa: SLF001  the public name has an underscore
    names = Round.__dataclass_fields__.keys() - {"settings"}
    return Round(**{name: data[name] for name in names}, settings=json.loads(data["settings"]))


def load_round(connection: Connection, round_id: str, *, lock: bool = False) -> Round | None:
    """Return a round; with `lock`, nobody else changes it or writes to its chain until the transaction ends."""
    if not is_id(round_id):
        return None
    row = connection.execute(_LOCKED_ROUND if lock else _ROUND, {"id": round_id}).first()
    return None if row is None else round_of(row)


def load(connection: Connection, assessment: str, *, lock: bool = False) -> Standing | None:
    """Return an assessment; with `lock`, nobody else changes it or writes to its chain until the transaction ends."""
    if not is_id(assessment):
        return None
    row = connection.execute(_LOCKED if lock else _ONE, {"id": assessment}).first()
    if row is None:
        return None
    found = load_round(connection, row.round_id)
    assert found is not None
    return Standing(
        row.id,
        row.university_id,
        row.code,
        row.university_title,
        row.state,
        row.version,
        row.reopened,
        row.fill_until,
        row.submission_hash,
        found,
    )


def about(connection: Connection, actor: Actor, standing: Standing) -> Object:
    """Return what permission needs to know of an assessment, as far as it matters for this actor."""
    whose = Object(standing.round.id, standing.university, standing.state)
    if not {"inspector", "secretariat"} & {one.role for one in actor.members}:
        return whose
    me = frozenset({actor.id})
    assigned = select(assignments.c.id).where(
        assignments.c.assessment_id == standing.id,
        assignments.c.account_id == actor.id,
        assignments.c.ended_at.is_(None),
    )
    reviewed = select(findings.c.version).where(
        findings.c.assessment_id == standing.id, findings.c.account_id == actor.id
    )

    def there(query: Any) -> bool:
        return connection.execute(query.limit(1)).first() is not None

    return replace(
        whose,
        inspectors=me if there(assigned) else frozenset(),
        filled_by=me if filled_by(connection, standing.id, actor.id) else frozenset(),
        reviewed_by=me if there(reviewed) else frozenset(),
    )


def filled_by(connection: Connection, assessment: str, account: str) -> bool:
    """Whether an account has ever filled something in: an answer, a claim, a piece of evidence."""
    return any(
        connection.execute(
            select(table.c.assessment_id)
            .where(table.c.assessment_id == assessment, table.c.by == account)
            .limit(1)
        ).first()
        for table in (answer_history, claim_history, evidence)
    )


def gate(
    connection: Connection, actor: Actor, action: Action, assessment: str, *, lock: bool = False
) -> Standing | Refusal:
    """Return an assessment if the actor may do something to it now, else why not.

    What an actor may not even look at is missing to them. What they might do at another stage is refused for the stage.
    """
    standing = load(connection, assessment, lock=lock)
    if standing is None:
        return MISSING
    return allowed(connection, actor, action, standing) or standing


def allowed(connection: Connection, actor: Actor, action: Action, standing: Standing) -> Refusal | None:
    """Return why an actor may not do something to an assessment; None when they may."""
    this = about(connection, actor, standing)
    if may(actor, action, this):
        return None
    if not (may(actor, "answer.read", this) or may(actor, "round.read", this)):
        return MISSING
    if any(may(actor, action, replace(this, state=other)) for other in STATES):
        what = f"现在是“{standing.state}”，这一步还不能做或已经过了"
        return Refusal(
            "state", "wrong_state", what, "请核对目前的阶段，如有疑问请联系秘书处", {"state": standing.state}
        )
    return FORBIDDEN


def time_of(standing: Standing, at: str) -> Situation:
    """Return what guards of time look at."""
    now = standing.round
    return Situation(
        at,
        now.state,
        standing.until,
        now.material_until,
        now.publish_until,
        now.appeal_until,
        inspectors_at_least=int(now.settings.get("inspectors_at_least", 1)),
    )


def situation(connection: Connection, standing: Standing, at: str) -> Situation:
    """Return everything the guards of the moves look at."""

    def count(query: Any) -> int:
        return int(connection.execute(query).scalar_one())

    def of(table: Any) -> Any:
        return select(func.count()).select_from(table).where(table.c.assessment_id == standing.id)

    panel = of(assignments).where(assignments.c.ended_at.is_(None), assignments.c.task == "review")
    return replace(
        time_of(standing, at),
        answered=count(of(answers).where(answers.c.value.is_not(None))),
        inspectors=count(panel),
        unsigned=count(panel.where(assignments.c.signed_at.is_(None))),
        open_requests=count(of(requests).where(requests.c.answered_at.is_(None))),
        open_appeals=count(of(appeals).where(appeals.c.outcome.is_(None))),
    )


def fillable(standing: Standing, at: str) -> Refusal | None:
    """Return why nothing may be filled in now: stage, deadline, round; None when it may."""
    return forbids_saving(standing.state, time_of(standing, at))


def make_move(
    connection: Connection,
    actor: Actor,
    standing: Standing,
    move: Move,
    at: str,
    op_id: str,
    *,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
    action: str | None = None,
) -> dict[str, Any]:
    """Make a move that permission and guards allow: the state, a new version, one line in the trail.

    What inspectors signed no longer stands when the submission goes back to the university or comes again.
    """
    version = standing.version + 1
    changed = connection.execute(
        update(assessments)
        .where(assessments.c.id == standing.id, assessments.c.version == standing.version)
        .values(state=move.end, version=version, **(values or {}))
    )
    if changed.rowcount != 1:
        raise Overtaken(standing.id)
    if move.name == "reopen" or (move.name == "submit" and move.end == "评审中"):
        connection.execute(
            update(assignments).where(assignments.c.assessment_id == standing.id).values(signed_at=None)
        )
    told = {"move": move.name, "from": move.start, "to": move.end, "version": version, "at": at}
    told |= {"reason": reason.strip()} if reason.strip() else {}
    told |= details or {}
    note(connection, op_id, standing.chain, at, actor, action or move.action, standing.id, told)
    state_changed(connection)
    return told


def last_place(connection: Connection, chain: str) -> int:
    """Return the place of the last line of a chain: it grows with every change of what the chain belongs to."""
    found = connection.execute(select(func.max(log.c.place)).where(log.c.chain == chain)).scalar()
    return int(found or 0)

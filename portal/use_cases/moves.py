"""Moving an assessment on or back: every change of state but handing in, each with its guards and in the trail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from portal.assessments import Standing, allowed, load, make_move, situation
from portal.entry import MOST_NOTE, text_refused
from portal.moment import is_moment, shown
from portal.once import carry_out, repeated
from portal.policy import STATES, Action, Actor, State
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.states import Move, forbids, move_between, move_named, unmovable


@dataclass(frozen=True, slots=True)
class Moved:
    """An assessment after a move; `sha256` and `number` say what was handed in, where something was."""

    assessment: str
    state: State
    version: int
    at: str
    number: int | None = None
    sha256: str | None = None


def moved_as(assessment: str, told: Mapping[str, Any]) -> Moved:
    """Return a move as the trail tells it."""
    return Moved(assessment, told["to"], told["version"], told["at"], told.get("number"), told.get("sha256"))


def stale(standing: Standing, base: int) -> Refusal | None:
    """Return the refusal of a move that is based on an older state of the assessment; None when it is not."""
    if base == standing.version:
        return None
    both = {"version": standing.version, "base": base, "state": standing.state}
    return Refusal(
        "conflict",
        "stale",
        f"这次评定刚刚有了变动，现在是“{standing.state}”",
        "请刷新页面，看过后再操作",
        both,
    )


@use_case("assessment.withdraw", "assessment.withdraw", writes=True)
def withdraw(
    portal: Portal, actor: Actor, assessment: str, reason: str, *, base: int, op_id: str
) -> Moved | Refusal:
    """Take a submission back before the review begins, and say why."""

    def find(standing: Standing, _: str) -> Move | Refusal:
        return move_named("withdraw", standing.state) or unmovable("withdraw", standing.state)

    return change_state(portal, actor, assessment, "assessment.withdraw", find, reason, base, op_id)


@use_case("assessment.reopen", "assessment.reopen", writes=True)
def reopen(
    portal: Portal,
    actor: Actor,
    assessment: str,
    reason: str,
    *,
    base: int,
    op_id: str,
    until: str | None = None,
) -> Moved | Refusal:
    """Give an assessment back to be filled in, say why, and until when if the deadline has passed."""
    field = {"field": "until"}

    def find(standing: Standing, at: str) -> Move | Refusal:
        ends = standing.round.fill_until
        if until is None and ends is not None and at > ends:
            what = f"本批次填报已于 {shown(ends)} 截止"
            return Refusal("invalid", "until", what, "请给这所学校一个新的截止时间", field)
        if until is not None and not is_moment(until):
            return Refusal("invalid", "until", "截止时间不是可用的时刻", "请重新选择", field)
        if until is not None and until <= at:
            return Refusal("invalid", "until", "截止时间已经过去", "请选一个以后的时刻", field)
        return move_named("reopen", standing.state) or unmovable("reopen", standing.state)

    def values(standing: Standing) -> Mapping[str, Any]:
        return {"reopened": standing.reopened + 1, "fill_until": until}

    return change_state(portal, actor, assessment, "assessment.reopen", find, reason, base, op_id, values)


@use_case("assessment.advance", "assessment.advance", writes=True)
def advance(
    portal: Portal,
    actor: Actor,
    assessment: str,
    to: str,
    *,
    base: int,
    op_id: str,
    reason: str = "",
) -> Moved | Refusal:
    """Move an assessment on: to the review, to supplementary material, to its end, to publicity, appeal, grading.

    A move that needs more than running the round (publishing does) is asked for as well.
    """

    def find(standing: Standing, _: str) -> Move | Refusal:
        end = next((one for one in STATES if one == to), None)
        if end is None:
            return Refusal("invalid", "state", f"没有“{to[:20]}”这个阶段", "请核对后再试", {"field": "to"})
        for action in RUNS:
            move = move_between(standing.state, end, action)
            if move is not None:
                return _apart(move) or move
        return unmovable(f"转到“{end}”", standing.state)

    return change_state(portal, actor, assessment, "assessment.advance", find, reason, base, op_id)


APART = {
    "finish": "请用“结束评审”，成绩会一起评出并保存",
    "publish": "请用“公示”，公布的内容会一起保存",
    "grade": "请用“定级”，最终成绩会一起评出并保存",
    "unpublish": "请用“撤回公布”，并写明理由",
    "ungrade": "请用“撤回公布”，并写明理由",
}
"""Moves that keep scorecards or a publication in the same transaction, and so are use cases of their own."""


def _apart(move: Move) -> Refusal | None:
    return (
        Refusal("state", "apart", f"{move.title}不能单独推进", APART[move.name])
        if move.name in APART
        else None
    )


RUNS: tuple[Action, ...] = ("assessment.advance", "round.publish")
"""The moves that belong to running a round."""


def change_state(
    portal: Portal,
    actor: Actor,
    assessment: str,
    action: Action,
    find: Callable[[Standing, str], Move | Refusal],
    reason: str,
    base: int,
    op_id: str,
    values: Callable[[Standing], Mapping[str, Any]] = lambda _: {},
) -> Moved | Refusal:
    """Make the move that `find` returns, if permission, version and guards allow."""
    bad = text_refused(reason, MOST_NOTE, "reason")

    def work(connection: Connection) -> Moved | Refusal:
        at = portal.at()
        standing = load(connection, assessment, lock=True)
        if standing is None:
            return MISSING
        before = repeated(connection, op_id, actor, action, assessment)
        if before is not None:
            return before if isinstance(before, Refusal) else moved_as(assessment, before)
        refused = allowed(connection, actor, action, standing) or bad or stale(standing, base)
        if refused is not None:
            return refused
        move = find(standing, at)
        if isinstance(move, Refusal):
            return move
        refused = allowed(connection, actor, move.action, standing) or forbids(
            move, situation(connection, standing, at), reason
        )
        if refused is not None:
            return refused
        new = values(standing)
        told = make_move(
            connection,
            actor,
            standing,
            move,
            at,
            op_id,
            reason=reason,
            details=new,
            values=new,
            action=action,
        )
        return moved_as(assessment, told)

    return carry_out(portal, work)

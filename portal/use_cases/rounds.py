"""Rounds: opened by the secretariat, pinned to one edition, with days for everything, closed and put away in the end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from portal.assessments import Round, load, load_round, make_move
from portal.moment import moment_of, new_id, shown
from portal.once import carry_out, derived_op, note, repeated, state_changed
from portal.planning import TIMES, plan_refused, settings_refused, times_refused
from portal.policy import Action, Actor, Object, State, may
from portal.policy_sql import visible_rounds
from portal.portal import Portal, use_case
from portal.refusal import FORBIDDEN, MISSING, Refusal
from portal.states import move_named
from portal.store.tables import assessments, rounds
from portal.trail import canonical


@dataclass(frozen=True, slots=True)
class Changed:
    """A round after a change."""

    round: str
    state: str
    version: int


def gate_round(connection: Connection, actor: Actor, action: Action, found: Round) -> Refusal | None:
    """Return why an actor may not do something to a round; None when they may."""
    if may(actor, action, Object(round=found.id)):
        return None
    return FORBIDDEN if takes_part(connection, actor, found) else MISSING


def takes_part(connection: Connection, actor: Actor, found: Round) -> bool:
    """Whether an actor may see a round: as one of those who run it, or through an assessment of theirs in it."""
    query = select(rounds.c.id).where(rounds.c.id == found.id, visible_rounds(actor))
    return connection.execute(query).first() is not None


@use_case("round.create", "round.manage", writes=True)
def create_round(
    portal: Portal,
    actor: Actor,
    title: str,
    standard: str,
    edition: str,
    as_of: str,
    *,
    op_id: str,
    region: str = "",
    period: tuple[str, str] | None = None,
    times: Mapping[str, str | None] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Changed | Refusal:
    """Create a round, pinned to the content of an edition as it is now; changing the rules later changes nothing here."""
    pinned = portal.library().edition(standard, edition)
    refused = plan_refused(title, region, as_of, period, times or {}, settings or {})

    def work(connection: Connection) -> Changed | Refusal:
        if not may(actor, "round.manage", Object()):
            return FORBIDDEN
        before = repeated(connection, op_id, actor, "round.create", "round")
        if before is not None:
            return before if isinstance(before, Refusal) else _changed(before)
        if refused is not None:
            return refused
        if pinned is None:
            what = f"标准 {standard[:64]} 没有 {edition[:64]} 这一版"
            return Refusal("invalid", "edition", what, "请从标准目录里选一版", {"field": "edition"})
        at = portal.at()
        round_id = new_id(moment_of(at))
        kept = {"inspectors_at_least": pinned.standard.raters.panel.at_least, **(settings or {})}
        values = {
            "id": round_id,
            "title": title.strip(),
            "standard": standard,
            "edition": edition,
            "edition_hash": pinned.hash,
            "as_of": as_of,
            "period_from": period[0] if period else None,
            "period_to": period[1] if period else None,
            "region": region,
            "state": "草稿",
            "settings": canonical(kept),
            "created_at": at,
            "version": 1,
            **{name: (times or {}).get(name) for name in TIMES},
        }
        connection.execute(insert(rounds).values(**values))
        told = {
            "round": round_id,
            "state": "草稿",
            "version": 1,
            "edition": pinned.hash,
            "standard": standard,
        }
        note(connection, op_id, f"r:{round_id}", at, actor, "round.create", "round", told)
        return _changed(told)

    return carry_out(portal, work)


def _changed(told: Mapping[str, Any]) -> Changed:
    return Changed(told["round"], told["state"], told["version"])


MARKED = ("round.open", "round.close", "round.archive")
"""Changes of a round that let universities begin or end."""


def change_round(
    portal: Portal,
    actor: Actor,
    round_id: str,
    name: str,
    base: int,
    op_id: str,
    change: Callable[[Connection, Round, str], Mapping[str, Any] | Refusal],
) -> Changed | Refusal:
    """Change a round: `change` returns the new values of its row, or why not."""

    def work(connection: Connection) -> Changed | Refusal:
        at = portal.at()
        now = load_round(connection, round_id, lock=True)
        if now is None:
            return MISSING
        before = repeated(connection, op_id, actor, name, round_id)
        if before is not None:
            return before if isinstance(before, Refusal) else _changed(before)
        refused = gate_round(connection, actor, "round.manage", now)
        if refused is not None:
            return refused
        if base != now.version:
            details = {"version": now.version, "base": base, "state": now.state}
            return Refusal("conflict", "stale", "这一批次刚刚有了变动", "请刷新页面，看过后再操作", details)
        values = change(connection, now, at)
        if isinstance(values, Refusal):
            return values
        version = now.version + 1
        connection.execute(update(rounds).where(rounds.c.id == round_id).values(version=version, **values))
        told = {"round": round_id, "state": values.get("state", now.state), "version": version}
        told |= {"changed": {key: value for key, value in values.items() if key != "state"}}
        note(connection, op_id, now.chain, at, actor, name, round_id, told)
        if name in MARKED:
            state_changed(connection)
        return _changed(told)

    return carry_out(portal, work)


@use_case("round.set_times", "round.manage", writes=True)
def set_times(
    portal: Portal, actor: Actor, round_id: str, times: Mapping[str, str | None], *, base: int, op_id: str
) -> Changed | Refusal:
    """Set days of a round: to when one fills in, reviews, adds material, publishes, appeals."""

    def change(_: Connection, now: Round, __: str) -> Mapping[str, Any] | Refusal:
        if now.state == "归档":
            return _put_away(now)
        unknown = sorted(set(times) - set(TIMES))
        if unknown:
            return Refusal("invalid", "time", f"没有 {unknown[0][:40]} 这个期限", "请核对后再试")
        merged = {name: getattr(now, name) for name in TIMES} | dict(times)
        return times_refused(merged) or {name: times[name] for name in times}

    return change_round(portal, actor, round_id, "round.set_times", base, op_id, change)


@use_case("round.set_inspectors", "round.manage", writes=True)
def set_inspectors(
    portal: Portal, actor: Actor, round_id: str, least: int, *, base: int, op_id: str
) -> Changed | Refusal:
    """Set how many inspectors each review needs at least, as long as none has begun."""

    def change(connection: Connection, now: Round, _: str) -> Mapping[str, Any] | Refusal:
        if now.state == "归档":
            return _put_away(now)
        settings = {**now.settings, "inspectors_at_least": least}
        refused = settings_refused(settings)
        if refused is not None:
            return refused
        states = connection.scalars(  # locked: none of them begins its review by the old number meanwhile
            select(assessments.c.state)
            .where(assessments.c.round_id == round_id)
            .order_by(assessments.c.id)
            .with_for_update()
        ).all()
        begun = sum(state not in NOT_YET_REVIEWED for state in states)
        if begun:
            what = f"已有 {begun} 所学校开始评审，至少几位专家不再改动"
            return Refusal("state", "begun", what, "要多派专家的，可以直接指派", {"begun": begun})
        return {"settings": canonical(settings)}

    return change_round(portal, actor, round_id, "round.set_inspectors", base, op_id, change)


NOT_YET_REVIEWED: tuple[State, ...] = ("草稿", "填报中", "已提交")


def _put_away(now: Round) -> Refusal:
    return Refusal("state", "archived", f"“{now.title}”已经归档", "归档的批次不再改动")


@use_case("round.open", "round.manage", writes=True)
def open_round(portal: Portal, actor: Actor, round_id: str, *, base: int, op_id: str) -> Changed | Refusal:
    """Open a round: every invited university may fill in from now on."""

    def change(connection: Connection, now: Round, at: str) -> Mapping[str, Any] | Refusal:
        if now.state != "草稿":
            return Refusal("state", "opened", f"“{now.title}”已经开放过", "请刷新页面")
        if now.fill_until is not None and now.fill_until <= at:
            what = f"填报截止 {shown(now.fill_until)} 已经过去"
            return Refusal("invalid", "time", what, "请先改截止时间", {"field": "fill_until"})
        invited = connection.execute(
            select(assessments.c.id)
            .where(assessments.c.round_id == round_id, assessments.c.state == "草稿")
            .order_by(assessments.c.id)
        ).scalars()
        ids = list(invited)
        if not ids:
            return Refusal("state", "nobody_invited", "还没有邀请学校", "请先选参评学校")
        for assessment in ids:
            open_assessment(connection, actor, assessment, at, derived_op(op_id, assessment))
        return {"state": "进行中"}

    return change_round(portal, actor, round_id, "round.open", base, op_id, change)


def open_assessment(connection: Connection, actor: Actor, assessment: str, at: str, op_id: str) -> None:
    """Let one invited university fill in."""
    standing = load(connection, assessment, lock=True)
    move = move_named("open", "草稿")
    assert standing is not None
    assert move is not None
    make_move(connection, actor, standing, move, at, op_id, action="round.open")


@use_case("round.close", "round.manage", writes=True)
def close_round(portal: Portal, actor: Actor, round_id: str, *, base: int, op_id: str) -> Changed | Refusal:
    """End the filling in now; who has not submitted needs a deadline of their own to go on."""

    def change(_: Connection, now: Round, at: str) -> Mapping[str, Any] | Refusal:
        if now.state != "进行中":
            return Refusal("state", "not_running", f"“{now.title}”没有在进行", "请刷新页面")
        if now.fill_until is not None and now.fill_until <= at:
            return Refusal("state", "closed", f"填报已于 {shown(now.fill_until)} 截止", "不用再关闭")
        merged = {name: getattr(now, name) for name in TIMES} | {"fill_until": at}
        return times_refused(merged) or {"fill_until": at}

    return change_round(portal, actor, round_id, "round.close", base, op_id, change)


@use_case("round.archive", "round.manage", writes=True)
def archive_round(portal: Portal, actor: Actor, round_id: str, *, base: int, op_id: str) -> Changed | Refusal:
    """Put a round away once every university that submitted is done; nothing of it changes any more."""

    def change(connection: Connection, now: Round, at: str) -> Mapping[str, Any] | Refusal:
        if now.state != "进行中":
            return _put_away(now) if now.state == "归档" else _not_running(now)
        rows = connection.execute(
            select(assessments.c.state, func.count())
            .where(assessments.c.round_id == round_id)
            .group_by(assessments.c.state)
        )
        counts: dict[str, int] = {row[0]: row[1] for row in rows}
        over = now.fill_until is not None and now.fill_until < at
        done = {"归档", "草稿", "填报中"} if over else {"归档", "草稿"}
        left = {state: count for state, count in counts.items() if state not in done}
        if left:
            said = "、".join(f"{state} {count} 所" for state, count in sorted(left.items()))
            return Refusal("state", "unfinished", f"还有没有办完的：{said}", "请办完再归档", {"left": left})
        return {"state": "归档"}

    return change_round(portal, actor, round_id, "round.archive", base, op_id, change)


def _not_running(now: Round) -> Refusal:
    return Refusal("state", "not_running", f"“{now.title}”还没有开放", "请先开放批次")


@use_case("round.read", "round.read", writes=False)
def read_round(portal: Portal, actor: Actor, round_id: str) -> Round | Refusal:
    """Return a round to whoever takes part in it."""
    with portal.database.read() as connection:
        found = load_round(connection, round_id)
        if found is None or not takes_part(connection, actor, found):
            return MISSING
        return found

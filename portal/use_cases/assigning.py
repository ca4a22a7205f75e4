"""Inspectors and what they inspect: never their own university, nor one they recused from, nor what they filled in."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from portal.assessments import Standing, allowed, filled_by, load
from portal.entry import MOST_NOTE, text_refused
from portal.moment import is_id, moment_of, new_id
from portal.once import carry_out, note, repeated
from portal.planning import title_refused
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.store.tables import accounts, assignments, memberships, recusals
from portal.use_cases.places import row_of


@dataclass(frozen=True, slots=True)
class Assigned:
    """An inspector and an assessment; `active` says whether the assignment stands."""

    assessment: str
    account: str
    active: bool


@use_case("assignment.assign", "assignment.manage", writes=True)
def assign(portal: Portal, actor: Actor, assessment: str, account: str, *, op_id: str) -> Assigned | Refusal:
    """Give an assessment to an inspector, unless something stands between the two."""

    def work(connection: Connection) -> Assigned | Refusal:
        at = portal.at()
        standing = load(connection, assessment, lock=True)
        if standing is None:
            return MISSING
        before = repeated(connection, op_id, actor, "assignment.assign", assessment)
        if before is not None:
            return before if isinstance(before, Refusal) else Assigned(assessment, before["account"], True)
        refused = allowed(connection, actor, "assignment.manage", standing)
        refused = refused or conflict(connection, standing, account)
        if refused is not None:
            return refused
        values = {"assigned_by": actor.id, "assigned_at": at, "ended_at": None, "signed_at": None}
        key = (assignments.c.assessment_id == assessment, assignments.c.account_id == account)
        there = connection.execute(select(assignments.c.ended_at).where(*key)).first()
        if there is None:
            connection.execute(
                insert(assignments).values(
                    id=new_id(moment_of(at)), assessment_id=assessment, account_id=account, **values
                )
            )
        elif there.ended_at is not None:
            connection.execute(update(assignments).where(*key).values(**values))
        told = {"account": account}
        note(connection, op_id, standing.chain, at, actor, "assignment.assign", assessment, told)
        return Assigned(assessment, account, True)

    return carry_out(portal, work)


def conflict(connection: Connection, standing: Standing, account: str) -> Refusal | None:
    """Return why an account may not inspect an assessment: no inspector, recused, employed there, or filled it in."""
    person = row_of(connection, accounts, account)
    if person is None or person.disabled_at is not None:
        return Refusal("invalid", "account", "没有这个账号，或账号已停用", "请重新选择专家")
    roles = connection.execute(
        select(memberships).where(memberships.c.account_id == account, memberships.c.ended_at.is_(None))
    ).all()
    if not any(one.role == "inspector" and one.round_id in (None, standing.round.id) for one in roles):
        return Refusal(
            "invalid", "no_inspector", f"{person.name}不是这一批次的评审专家", "请先给他评审专家的角色"
        )
    if any(one.role in ("filler", "approver") and one.university_id == standing.university for one in roles):
        what = f"{person.name}在{standing.university_title}任填报员或负责人，应当回避"
        return Refusal("forbidden", "conflict", what, "请改派别的专家")
    recused = connection.execute(
        select(recusals.c.reason).where(
            recusals.c.account_id == account,
            recusals.c.university_id == standing.university,
            recusals.c.ended_at.is_(None),
        )
    ).first()
    if recused is not None:
        what = f"{person.name}对{standing.university_title}已申报回避"
        return Refusal("forbidden", "conflict", what, "请改派别的专家")
    if filled_by(connection, standing.id, account):
        what = f"{person.name}填过这份填报，应当回避"
        return Refusal("forbidden", "conflict", what, "请改派别的专家")
    return None


@use_case("assignment.end", "assignment.manage", writes=True)
def end_assignment(
    portal: Portal, actor: Actor, assessment: str, account: str, reason: str, *, op_id: str
) -> Assigned | Refusal:
    """Take an assessment away from an inspector; what they wrote stays."""
    bad = text_refused(reason, MOST_NOTE, "reason") or title_refused(reason, MOST_NOTE)

    def work(connection: Connection) -> Assigned | Refusal:
        at = portal.at()
        standing = load(connection, assessment, lock=True)
        if standing is None:
            return MISSING
        before = repeated(connection, op_id, actor, "assignment.end", assessment)
        if before is not None:
            return before if isinstance(before, Refusal) else Assigned(assessment, before["account"], False)
        refused = allowed(connection, actor, "assignment.manage", standing) or bad
        if refused is not None:
            return refused
        if not is_id(account):
            return MISSING
        changed = connection.execute(
            update(assignments)
            .where(
                assignments.c.assessment_id == assessment,
                assignments.c.account_id == account,
                assignments.c.ended_at.is_(None),
            )
            .values(ended_at=at)
        )
        if changed.rowcount != 1:
            return MISSING
        told = {"account": account, "reason": reason.strip()}
        note(connection, op_id, standing.chain, at, actor, "assignment.end", assessment, told)
        return Assigned(assessment, account, False)

    return carry_out(portal, work)

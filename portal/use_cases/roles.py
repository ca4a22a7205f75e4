"""Roles given and taken, and who must keep away from which university."""

from sqlalchemy import Connection, and_, select, update

from portal.once import carry_out, done_to, op_refused
from portal.people.roles import (
    LAST,
    ONESELF,
    bar,
    give,
    is_last_administrator,
    lock,
    may_give_all,
    role_of,
    say,
    scope_refused,
    there,
    told,
)
from portal.policy import Actor, Member, Object, may
from portal.portal import Portal, use_case
from portal.refusal import FORBIDDEN, MISSING, Refusal
from portal.store.tables import memberships, recusals


@use_case("role.grant", "account.manage", writes=True)
def grant(portal: Portal, actor: Actor, op_id: str, account: str, member: Member) -> str | Refusal:
    """Give a role to somebody else and return the membership's id."""
    if account == actor.id:
        return ONESELF
    if not may_give_all(actor, [member]):
        return FORBIDDEN
    if refusal := op_refused(op_id) or scope_refused(member):
        return refusal
    at = portal.at()

    def work(connection: Connection) -> str | Refusal:
        if lock(connection, account) is None or not there(connection, member):
            return MISSING
        if (done := done_to(connection, op_id, actor, "role.grant")) is not None:
            return done
        membership = give(connection, account, member, actor, at)
        say(connection, op_id, actor, "role.grant", membership, at, told(member), chain=account)
        return membership

    return carry_out(portal, work)


@use_case("role.revoke", "account.manage", writes=True)
def revoke(portal: Portal, actor: Actor, op_id: str, membership: str) -> str | Refusal:
    """Take a role from somebody; it is gone with the next click."""
    if refusal := op_refused(op_id):
        return refusal
    at = portal.at()

    def work(connection: Connection) -> str | Refusal:
        row = connection.execute(select(memberships).where(memberships.c.id == membership)).first()
        if row is None or lock(connection, row.account_id) is None:
            return MISSING
        member = Member(role_of(row.role), row.university_id, row.round_id)
        if not may_give_all(actor, [member]):
            return MISSING
        if row.account_id == actor.id:
            return ONESELF
        if (done := done_to(connection, op_id, actor, "role.revoke")) is not None:
            return done
        if row.role == "administrator" and is_last_administrator(connection, row.account_id):
            return LAST
        mine = and_(memberships.c.id == membership, memberships.c.ended_at.is_(None))
        connection.execute(update(memberships).where(mine).values(ended_at=at))
        say(connection, op_id, actor, "role.revoke", membership, at, told(member), chain=row.account_id)
        return membership

    return carry_out(portal, work)


@use_case("recusal.declare", "assignment.manage", writes=True)
def recuse(
    portal: Portal,
    actor: Actor,
    op_id: str,
    account: str,
    university: str,
    reason: str,
    *,
    round_id: str | None = None,
) -> str | Refusal:
    """Declare that somebody must keep away from a university: oneself at any time, others as the secretariat."""
    if account != actor.id and not may(actor, "assignment.manage", Object(round_id, university)):
        return FORBIDDEN
    if refusal := op_refused(op_id) or _reason_refused(reason):
        return refusal
    at = portal.at()

    def work(connection: Connection) -> str | Refusal:
        if lock(connection, account) is None or not there(connection, Member("observer", university)):
            return MISSING
        if (done := done_to(connection, op_id, actor, "recusal.declare")) is not None:
            return done
        recusal = bar(connection, account, university, reason.strip(), actor, at)
        details = {"university": university, "reason": reason.strip()}
        say(connection, op_id, actor, "recusal.declare", recusal, at, details, chain=account)
        return recusal

    return carry_out(portal, work)


@use_case("recusal.lift", "assignment.manage", writes=True)
def lift_recusal(portal: Portal, actor: Actor, op_id: str, recusal: str, reason: str) -> str | Refusal:
    """Declare that somebody need not keep away from a university any more; nobody does so for oneself."""
    if refusal := op_refused(op_id) or _reason_refused(reason):
        return refusal
    at = portal.at()

    def work(connection: Connection) -> str | Refusal:
        row = connection.execute(select(recusals).where(recusals.c.id == recusal)).first()
        if row is None or not may(actor, "assignment.manage", Object(None, row.university_id)):
            return MISSING
        if row.account_id == actor.id:
            return ONESELF
        lock(connection, row.account_id)
        if (done := done_to(connection, op_id, actor, "recusal.lift")) is not None:
            return done
        connection.execute(update(recusals).where(recusals.c.id == recusal).values(ended_at=at))
        details = {"university": row.university_id, "reason": reason.strip()}
        say(connection, op_id, actor, "recusal.lift", recusal, at, details, chain=row.account_id)
        return recusal

    return carry_out(portal, work)


def _reason_refused(reason: str) -> Refusal | None:
    if 2 <= len(reason.strip()) <= 500 and "\0" not in reason:
        return None
    return Refusal("invalid", "reason", "理由要有 2 到 500 个字", "请写明理由后再试")

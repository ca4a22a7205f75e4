"""Roles as they are kept: given, taken, and who may do so for an account as a whole."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, insert, select, update

from portal.moment import moment_of, new_id
from portal.people.actors import OPERATOR, members_of
from portal.policy import ROLES, SCOPES, TITLES, Actor, Member, Object, Role, may, may_give
from portal.refusal import Refusal
from portal.store.tables import accounts, memberships, recusals, rounds, universities
from portal.trail import Entry, append

EMPLOYED = "本单位人员"
ONESELF = Refusal(
    "forbidden", "oneself", "不能给自己开通或收回角色，也不能停用自己", "请让另一位有权限的同事来办"
)
LAST = Refusal(
    "state",
    "last_administrator",
    "这是最后一位管理员，停用或收回后就没有人能管理系统了",
    "请先指定另一位管理员",
)


def scope_refused(member: Member) -> Refusal | None:
    """Say what is wrong with where a role is to hold, if anything."""
    must, can = SCOPES[member.role]
    given = {
        name
        for name, value in (("university", member.university), ("round", member.round))
        if value is not None
    }
    names = {"university": "学校", "round": "批次"}
    if missing := must - given:
        what = "、".join(names[one] for one in sorted(missing))
        return Refusal(
            "invalid", "scope", f"{TITLES[member.role]}没有写明是哪个{what}的", f"请选定{what}后再试"
        )
    if extra := given - can:
        what = "、".join(names[one] for one in sorted(extra))
        return Refusal(
            "invalid", "scope", f"{TITLES[member.role]}不能限定在一个{what}", f"请去掉{what}后再试"
        )
    return None


def where(member: Member) -> Object:
    """Return where a role holds, as something to ask permission for."""
    return Object(round=member.round, university=member.university)


def may_give_all(actor: Actor, members: Iterable[Member]) -> bool:
    """Whether an actor may give and take all of these roles; with none of them, whether it manages accounts at all."""
    found = tuple(members)
    if not found:
        return may(actor, "account.manage", Object())
    return all(may_give(actor, one.role, where(one)) for one in found)


def manages(connection: Connection, actor: Actor, account_id: str) -> bool:
    """Whether an actor may disable an account or give it a new password: nobody one's own, nor with roles beyond one's own."""
    return account_id != actor.id and may_give_all(actor, members_of(connection, account_id))


def there(connection: Connection, member: Member) -> bool:
    """Whether the university and the round of a role exist."""
    return _exists(connection, universities, member.university) and _exists(connection, rounds, member.round)


def give(connection: Connection, account_id: str, member: Member, by: Actor, at: str) -> str:
    """Give a role and return the membership's id; what is held already is not given twice.

    Who fills in or answers for a university has a conflict with it, also after leaving, until the secretariat says so.
    """
    held = connection.scalar(
        select(memberships.c.id).where(
            memberships.c.account_id == account_id,
            memberships.c.role == member.role,
            _is(memberships.c.university_id, member.university),
            _is(memberships.c.round_id, member.round),
            memberships.c.ended_at.is_(None),
        )
    )
    if held is not None:
        return str(held)
    membership_id = new_id(moment_of(at))
    connection.execute(
        insert(memberships).values(
            id=membership_id,
            account_id=account_id,
            role=member.role,
            university_id=member.university,
            round_id=member.round,
            granted_by=None if by == OPERATOR else by.id,
            granted_at=at,
        )
    )
    if member.role in ("filler", "approver") and member.university is not None:
        bar(connection, account_id, member.university, EMPLOYED, by, at)
    return membership_id


def bar(connection: Connection, account_id: str, university_id: str, reason: str, by: Actor, at: str) -> str:
    """Note that an account must keep away from a university, and return the id of the note."""
    said = {"reason": reason, "declared_by": None if by == OPERATOR else by.id, "declared_at": at}
    row = connection.execute(
        select(recusals.c.id, recusals.c.ended_at).where(
            recusals.c.account_id == account_id, recusals.c.university_id == university_id
        )
    ).first()
    if row is None:
        recusal_id = new_id(moment_of(at))
        connection.execute(
            insert(recusals).values(id=recusal_id, account_id=account_id, university_id=university_id, **said)
        )
        return recusal_id
    if row.ended_at is not None:
        connection.execute(update(recusals).where(recusals.c.id == row.id).values(ended_at=None, **said))
    return str(row.id)


def is_last_administrator(connection: Connection, account_id: str) -> bool:
    """Whether without this account nobody would administer any more. Locks those who do, so that two cannot leave at once."""
    held = (
        select(memberships.c.account_id)
        .join(accounts, accounts.c.id == memberships.c.account_id)
        .where(
            memberships.c.role == "administrator",
            memberships.c.ended_at.is_(None),
            accounts.c.disabled_at.is_(None),
        )
        .order_by(memberships.c.id)
        .with_for_update()
    )
    return set(connection.scalars(held)) == {account_id}


def lock(connection: Connection, account: str) -> Row[Any] | None:
    """Return an account's row and keep it until the transaction is over."""
    return connection.execute(select(accounts).where(accounts.c.id == account).with_for_update()).first()


def say(
    connection: Connection,
    op_id: str,
    actor: Actor,
    action: str,
    target: str,
    at: str,
    details: Mapping[str, Any],
    *,
    chain: str | None = None,
) -> None:
    """Write the line of the trail that belongs to an account."""
    append(connection, Entry(op_id, f"u:{chain or target}", at, actor.id, action, target, details))


def told(member: Member) -> dict[str, str | None]:
    """Return a role as the trail tells it."""
    return {"role": member.role, "university": member.university, "round": member.round}


def role_of(name: str) -> Role:
    """Return a role by its name, as one of those there are."""
    return next(one for one in ROLES if one == name)


def _is(column: Column[str] | Column[str | None], value: str | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value


def _exists(connection: Connection, table: Table, key: str | None) -> bool:
    return key is None or connection.scalar(select(table.c.id).where(table.c.id == key)) is not None

"""Who an account is at this moment: its roles and what it must keep away from, read afresh each time."""

from sqlalchemy import BindParameter, Connection, bindparam, select

from portal.policy import ROLES, Actor, Member
from portal.store.tables import accounts, memberships, recusals

OPERATOR = Actor("operator", "本机操作员", (Member("administrator"),))
"""Who works at the machine itself, on the command line; whoever can do that has the store anyway."""

_WHO: BindParameter[str] = bindparam("account")
_ACCOUNT = select(accounts).where(accounts.c.id == _WHO)
_MEMBERS = (
    select(memberships.c.role, memberships.c.university_id, memberships.c.round_id)
    .where(memberships.c.account_id == _WHO, memberships.c.ended_at.is_(None))
    .order_by(memberships.c.id)
)
_RECUSED = select(recusals.c.university_id).where(
    recusals.c.account_id == _WHO, recusals.c.ended_at.is_(None)
)


def actor_of(connection: Connection, account_id: str) -> Actor | None:
    """Return an account with its roles; None when it is disabled or does not exist."""
    account = connection.execute(_ACCOUNT, {"account": account_id}).first()
    if account is None or account.disabled_at is not None:
        return None
    recused = frozenset(connection.scalars(_RECUSED, {"account": account_id}))
    if account.must_change:
        return Actor(account.id, account.name, (), recused, must_change=True)
    return Actor(account.id, account.name, members_of(connection, account_id), recused)


def members_of(connection: Connection, account_id: str) -> tuple[Member, ...]:
    """Return the roles that an account holds now."""
    rows = connection.execute(_MEMBERS, {"account": account_id})
    named = {name: name for name in ROLES}
    return tuple(Member(named[row.role], row.university_id, row.round_id) for row in rows)

"""Who an account is at this moment: its roles and what it must keep away from, read afresh each time."""

from sqlalchemy import Connection, select
from sqlalchemy.sql import Select

from portal.policy import ROLES, Actor, Member
from portal.store.tables import accounts, memberships, recusals

OPERATOR = Actor("operator", "本机操作员", (Member("administrator"),))
"""Who works at the machine itself, on the command line; whoever can do that has the store anyway."""


def actor_of(connection: Connection, account_id: str) -> Actor | None:
    """Return an account with its roles; None when it is disabled or does not exist."""
    account = connection.execute(select(accounts).where(accounts.c.id == account_id)).first()
    if account is None or account.disabled_at is not None:
        return None
    recused = frozenset(connection.scalars(_recused(account_id)))
    if account.must_change:
        return Actor(account.id, account.name, (), recused, must_change=True)
    return Actor(account.id, account.name, members_of(connection, account_id), recused)


def members_of(connection: Connection, account_id: str) -> tuple[Member, ...]:
    """Return the roles that an account holds now."""
    rows = connection.execute(
        select(memberships.c.role, memberships.c.university_id, memberships.c.round_id)
        .where(memberships.c.account_id == account_id, memberships.c.ended_at.is_(None))
        .order_by(memberships.c.id)
    )
    named = {name: name for name in ROLES}
    return tuple(Member(named[row.role], row.university_id, row.round_id) for row in rows)


def _recused(account_id: str) -> Select[str]:
    return select(recusals.c.university_id).where(
        recusals.c.account_id == account_id, recusals.c.ended_at.is_(None)
    )

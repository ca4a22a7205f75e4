"""Tokens for a university's own system: as mighty as the account they belong to, shown once, over after a year."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from portal.moment import new_id, text_of
from portal.people.actors import actor_of
from portal.people.secrets import TOKEN, fingerprint, new_secret
from portal.policy import Actor
from portal.store.tables import tokens

LONGEST_DAYS = 366
MOST = 20
"""Tokens an account may have at a time."""


def issue(
    connection: Connection, account_id: str, title: str, days: int, now: datetime
) -> tuple[str, str, str]:
    """Make a token and return its id, the token and until when it is good."""
    token_id, token, until = new_id(now), new_secret(TOKEN), text_of(now + timedelta(days=days))
    connection.execute(
        insert(tokens).values(
            id=token_id,
            account_id=account_id,
            token_hash=fingerprint(token),
            title=title,
            created_at=text_of(now),
            expires_at=until,
        )
    )
    return token_id, token, until


def who(connection: Connection, token: str, now: datetime) -> Actor | None:
    """Return on whose behalf a program asks; None for a token that is unknown, over, revoked or of a disabled account."""
    account_id = connection.scalar(
        select(tokens.c.account_id).where(
            tokens.c.token_hash == fingerprint(token),
            tokens.c.revoked_at.is_(None),
            tokens.c.expires_at > text_of(now),
        )
    )
    return actor_of(connection, account_id) if account_id else None


def end_all(connection: Connection, account_id: str, now: datetime) -> int:
    """Revoke every token of an account and say how many there were."""
    return connection.execute(
        update(tokens)
        .where(tokens.c.account_id == account_id, tokens.c.revoked_at.is_(None))
        .values(revoked_at=text_of(now))
    ).rowcount

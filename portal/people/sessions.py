"""Sessions: a secret in the browser, its hash here. They end by themselves, when told to, and with the account.

`who` is asked on every click and reads everything afresh: what was revoked a moment ago is refused now.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from portal.moment import moment_of, text_of
from portal.people.actors import actor_of
from portal.people.secrets import SESSION, fingerprint, new_secret
from portal.people.throttle import place
from portal.policy import Actor
from portal.store.tables import accounts, sessions

IDLE = timedelta(hours=2)
"""After so long without a click one signs in again."""
LONGEST = timedelta(hours=12)
"""After so long one signs in again in any case."""
NOTED_EVERY = timedelta(minutes=1)
"""A click is noted at most so often: reading stays reading."""
AT_ONCE = 500
"""So many sessions are asked about in one statement."""

# Statements of every click are written once: putting one together takes as long as carrying it out.
_ALIVE = (
    sessions.c.revoked_at.is_(None),
    sessions.c.expires_at > bindparam("now"),
    sessions.c.seen_at > bindparam("idle_since"),
)
_WHO = select(sessions.c.account_id, sessions.c.seen_at).where(
    sessions.c.token_hash == bindparam("token"), *_ALIVE
)
_LIVING = (
    select(sessions.c.token_hash)
    .join(accounts, accounts.c.id == sessions.c.account_id)
    .where(
        sessions.c.token_hash.in_(bindparam("tokens", expanding=True)),
        accounts.c.disabled_at.is_(None),
        *_ALIVE,
    )
)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that has just begun; the only time its secret is seen."""

    token: str
    expires_at: str


def begin(connection: Connection, account_id: str, address: str, now: datetime) -> Session:
    """Begin a session with a new secret, whatever the browser held before."""
    session = Session(new_secret(SESSION), text_of(now + LONGEST))
    at = text_of(now)
    connection.execute(
        insert(sessions).values(
            token_hash=fingerprint(session.token),
            account_id=account_id,
            created_at=at,
            seen_at=at,
            expires_at=session.expires_at,
            address=place(address),
        )
    )
    return session


def who(connection: Connection, token: str, now: datetime) -> tuple[Actor | None, bool]:
    """Return who is asking, and whether this click should be noted because the last one noted was long ago.

    Nobody is asking with a session that is unknown, over or revoked, or of a disabled account.
    """
    row = connection.execute(_WHO, {"token": fingerprint(token), **_times(now)}).first()
    actor = None if row is None else actor_of(connection, row.account_id)
    if row is None or actor is None:
        return None, False
    return actor, moment_of(row.seen_at) + NOTED_EVERY <= now


def living(connection: Connection, tokens: Collection[str], now: datetime) -> frozenset[str]:
    """Return which sessions still let somebody in; asking does not keep them alive."""
    kept = {fingerprint(one): one for one in tokens}
    hashes, found = sorted(kept), set[str]()
    for start in range(0, len(hashes), AT_ONCE):
        asked = {"tokens": hashes[start : start + AT_ONCE], **_times(now)}
        found.update(kept[one] for one in connection.scalars(_LIVING, asked))
    return frozenset(found)


def owner(connection: Connection, token: str) -> str | None:
    """Return whose session it is or was."""
    return connection.scalar(select(sessions.c.account_id).where(sessions.c.token_hash == fingerprint(token)))


def note(connection: Connection, token: str, now: datetime) -> None:
    """Note that a session is in use. One that is over does not come back."""
    connection.execute(
        update(sessions)
        .where(sessions.c.token_hash == fingerprint(token), *_ALIVE)
        .values(seen_at=text_of(now)),
        _times(now),
    )


def end(connection: Connection, token: str, now: datetime) -> str | None:
    """End a session and return whose it was."""
    return connection.execute(
        update(sessions)
        .where(sessions.c.token_hash == fingerprint(token), sessions.c.revoked_at.is_(None))
        .values(revoked_at=text_of(now))
        .returning(sessions.c.account_id)
    ).scalar()


def end_all(connection: Connection, account_id: str, now: datetime) -> int:
    """End every session of an account and say how many there were."""
    return connection.execute(
        update(sessions)
        .where(sessions.c.account_id == account_id, sessions.c.revoked_at.is_(None))
        .values(revoked_at=text_of(now))
    ).rowcount


def _times(now: datetime) -> dict[str, str]:
    """Return the moments that decide whether a session is alive."""
    return {"now": text_of(now), "idle_since": text_of(now - IDLE)}

"""How often one may try to sign in: the wait grows for whoever tries, never for the one who is tried.

Three things are counted: an account tried from one address, an address, and an account tried from everywhere. A try is
counted before the password is looked at, so that many at once are not more than one after another; a right password
takes it back. The last two do not hold up anybody who has been signed in from the same address before: so neither a
colleague behind the same address nor the whole world can keep a person out.
"""

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.moment import moment_of, text_of
from portal.store.tables import accounts, attempts, sessions

Counted = Literal["account", "address", "pair"]


@dataclass(frozen=True, slots=True)
class Limit:
    """From which try on there is a wait, how long the first and the longest is, and when tries are forgotten."""

    free: int
    first: timedelta
    longest: timedelta
    forgotten: timedelta

    def wait(self, count: int) -> timedelta:
        """Return how long one waits after so many tries: twice as long each time."""
        if count < self.free:
            return timedelta(0)
        return min(self.first * (1 << min(count - self.free, 20)), self.longest)


LIMITS: dict[Counted, Limit] = {
    "account": Limit(100, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1)),
    "address": Limit(30, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1)),
    "pair": Limit(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=24)),
}


def place(address: str) -> str:
    """Return an address as it is counted: of IPv6 the first half, which is one connection's."""
    try:
        found = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return address[:80]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.IPv6Network((found, 64), strict=False))
    return str(found)


def admit(connection: Connection, login: str, address: str, now: datetime) -> timedelta:
    """Count a try and return nothing to wait for, or return how long to wait and count nothing."""
    keys = _keys(login, address)
    at = text_of(now)
    new = [{"key": key, "count": 0, "last_at": at, "blocked_until": at} for key in sorted(keys.values())]
    connection.execute(_insert_where_missing(connection).values(new))  # so that there is something to lock
    rows = {
        key: (count, moment_of(last), moment_of(blocked))
        for key, count, last, blocked in connection.execute(
            select(attempts.c.key, attempts.c.count, attempts.c.last_at, attempts.c.blocked_until)
            .where(attempts.c.key.in_(keys.values()))
            .order_by(attempts.c.key)
            .with_for_update()
        )
    }
    waits = {what: rows[key][2] - now for what, key in keys.items() if rows[key][2] > now}
    if waits and ("pair" in waits or not _been_here(connection, login, address)):
        return max(waits.values())
    for what, key in keys.items():
        before, last, _ = rows[key]
        count = 1 + (before if last + LIMITS[what].forgotten > now else 0)
        connection.execute(
            update(attempts)
            .where(attempts.c.key == key)
            .values(count=count, last_at=at, blocked_until=text_of(now + LIMITS[what].wait(count)))
        )
    return timedelta(0)


def forgive(connection: Connection, login: str, address: str) -> None:
    """Take a try back that was right: the pair begins anew, the others have had one try less."""
    keys = _keys(login, address)
    connection.execute(delete(attempts).where(attempts.c.key == keys["pair"]))
    for what in _others():
        mine = attempts.c.key == keys[what]
        connection.execute(
            update(attempts).where(mine, attempts.c.count > 0).values(count=attempts.c.count - 1)
        )
        connection.execute(
            update(attempts)
            .where(mine, attempts.c.count < LIMITS[what].free)
            .values(blocked_until=attempts.c.last_at)
        )


def sweep(connection: Connection, now: datetime) -> int:
    """Forget tries that no longer count and say how many."""
    longest = max(limit.forgotten for limit in LIMITS.values())
    return connection.execute(
        delete(attempts).where(
            attempts.c.last_at < text_of(now - longest), attempts.c.blocked_until < text_of(now)
        )
    ).rowcount


def _others() -> Iterable[Counted]:
    return ("account", "address")


def _keys(login: str, address: str) -> dict[Counted, str]:
    here = place(address)
    said: dict[Counted, str] = {
        "account": f"account\0{login}",
        "address": f"address\0{here}",
        "pair": f"pair\0{login}\0{here}",
    }
    return {
        what: hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for what, text in said.items()
    }


def _insert_where_missing(connection: Connection) -> sqlite.Insert | postgresql.Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(attempts).on_conflict_do_nothing()
    return postgresql.insert(attempts).on_conflict_do_nothing()


def _been_here(connection: Connection, login: str, address: str) -> bool:
    return (
        connection.execute(
            select(sessions.c.token_hash)
            .join(accounts, accounts.c.id == sessions.c.account_id)
            .where(accounts.c.login == login, sessions.c.address == place(address))
            .limit(1)
        ).first()
        is not None
    )

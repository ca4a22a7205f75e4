"""Throw away what no longer matters: tries that are forgotten, sign-ons that were not finished, sessions long over."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete

from portal.moment import text_of
from portal.people import throttle
from portal.store.tables import sessions, sign_ons

REMEMBERED = timedelta(days=90)
"""So long it is known from which addresses somebody has been signed in before."""


def sweep(connection: Connection, now: datetime) -> int:
    """Throw away what no longer matters, and say how many rows that were. Meant for once a day; harmless at any time."""
    return (
        throttle.sweep(connection, now)
        + connection.execute(
            delete(sign_ons).where(sign_ons.c.created_at < text_of(now - timedelta(days=1)))
        ).rowcount
        + connection.execute(
            delete(sessions).where(sessions.c.expires_at < text_of(now - REMEMBERED))
        ).rowcount
    )

"""Times and ids as they are kept: UTC text that sorts, and ids that sort by when they were made."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

Clock = Callable[[], datetime]
"""Whoever gives the time: the machine, or a test."""

BEIJING = timezone(timedelta(hours=8))
"""The time people read; what is kept is UTC."""

chance: Callable[[int], int] = secrets.randbits
"""Where the random part of an id comes from; the demonstration puts a seed here, so that it is the same each time."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def now() -> datetime:
    """Return the time of the machine."""
    return datetime.now(UTC)


def text_of(moment: datetime) -> str:
    """Return a moment as kept: 2026-11-26T08:00:00.000000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment_of(text: str) -> datetime:
    """Read a moment as kept. Raises ValueError for anything else."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def shown(text: str) -> str:
    """Return a moment as kept in the words of people: 2026-11-26 16:00 in Beijing."""
    return moment_of(text).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def days_left(until: str, at: str) -> int:
    """Return how many days of Beijing are left: 0 is today, fewer are too late."""
    end, now = (moment_of(one).astimezone(BEIJING).date() for one in (until, at))
    return (end - now).days


def is_moment(text: str) -> bool:
    """Whether a text is a moment exactly as kept, so that it sorts among others."""
    try:
        return text_of(moment_of(text)) == text
    except ValueError:
        return False


def is_id(text: str) -> bool:
    """Whether a text is an id as we make them; nothing else is ever looked up."""
    return len(text) == 26 and set(text) <= set(_ALPHABET)


def new_id(at: datetime) -> str:
    """Return a new id of 26 letters and digits: ten of the time in milliseconds, sixteen of chance."""
    number = (int(at.timestamp() * 1000) << 80) | chance(80)
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(25, -1, -1))

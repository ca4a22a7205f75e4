"""Times and ids as they are kept: UTC text that sorts, and ids that sort by when they were made."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Whoever gives the time: the machine, or a test."""

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


def new_id(at: datetime) -> str:
    """Return a new id of 26 letters and digits: ten of the time in milliseconds, sixteen of chance."""
    number = (int(at.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(25, -1, -1))

"""Passwords: how they are kept, how they are checked, and which are refused.

Argon2id with 19 MiB and two passes takes some 40 ms; at most two are worked on at once, so that a flood of sign-ins
waits in line and the machine stays usable for those who are in.
"""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.people.common import is_common
from portal.people.secrets import new_secret
from portal.refusal import Refusal

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)
AT_ONCE = 2
PATIENCE = 15.0
"""Seconds to wait in line before giving up."""
SHORTEST, LONGEST = 10, 128

_line = threading.BoundedSemaphore(AT_ONCE)


class Busy(Exception):
    """Too many passwords are being checked at the moment."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a password fits, and whether what is kept should be made anew because the settings have changed."""

    fits: bool
    renew: bool = False


def hash_of(password: str) -> str:
    """Return what is kept of a password."""
    with _in_line():
        return HASHER.hash(_bytes(password))


def check(kept: str | None, password: str) -> Checked:
    """Compare a password with what is kept. Without anything kept the same work is done, for nothing."""
    with _in_line():
        try:
            HASHER.verify(kept or _nobody(), _bytes(password))
        except (VerificationError, InvalidHashError):
            return Checked(fits=False)
    return Checked(kept is not None, kept is not None and HASHER.check_needs_rehash(kept))


def refused(password: str, login: str) -> Refusal | None:
    """Say why a new password is not acceptable, if so. Length counts, mixtures of characters do not."""
    if len(password) < SHORTEST:
        return _no("password_short", f"新密码只有 {len(password)} 个字符，至少要 {SHORTEST} 个")
    if len(password) > LONGEST:
        return _no("password_long", f"新密码有 {len(password)} 个字符，最多 {LONGEST} 个")
    if not _writable(password):
        return _no("password_characters", "新密码里有无法识别的字符")
    if len(login) >= 3 and login.casefold() in password.casefold():
        return _no("password_login", "新密码里含有账号名")
    if is_common(password):
        return _no("password_common", "新密码太常见，容易被猜到")
    return None


@contextmanager
def _in_line() -> Iterator[None]:
    if not _line.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        _line.release()


@functools.cache
def _nobody() -> str:
    return HASHER.hash(new_secret())


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _writable(password: str) -> bool:
    return not any("\ud800" <= one <= "\udfff" or one < " " for one in password)


def _no(code: str, what: str) -> Refusal:
    return Refusal("invalid", code, what, "可以用三四个不相干的词连起来，好记又难猜，不必掺符号")

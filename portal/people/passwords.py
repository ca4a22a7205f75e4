"""Passwords: how they are kept, how they are checked, and which are refused.

Argon2id with 19 MiB and two passes takes some 40 ms; at most two are worked on at once, so that a flood of sign-ins
waits in line and the machine stays usable for those who are in.
"""

import functools
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

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
    folded = password.casefold()
    if len(login) >= 3 and login.casefold() in folded:
        return _no("password_login", "新密码里含有账号名")
    if _common(folded):
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


# What is guessed first: a common word with digits or signs around it, one character or a short piece repeated, a walk
# along the keyboard, a telephone number or a date.
_LIST = """
password passwort passw pass pwd mima mimamima admin administrator root guest test testing user username login
welcome hello helloworld letmein changeme default secret master monkey dragon superman batman football baseball
basketball iloveyou ilove loveyou lovely princess sunshine shadow trustno michael jordan charlie computer internet
woaini woaiwojia woaimama aini nihao wodemima zhongguo china beijing hefei anhui anhuisheng anhuihefei daxue gaoxiao
xuexiao houqin shitang gongyu caigou xuehui xiehui zhunsheng guanliyuan mishuchu tianbaoyuan zhuanjia
zhangwei wangwei liwei wangfang lina zhangmin lijing wangjing liuwei wangxiuying zhangli wangli
qwe qwer qwert qwerty qwertyui qwertyuiop qaz qazwsx qazwsxedc asd asdf asdfg asdfgh asdfghjkl zxc zxcv zxcvbn
zxcvbnm wasd qweasd qweasdzxc qwaszx aaa abc abcd abcde abcdef abcdefg abcdefgh abcabc aabbcc xyz iop
microsoft google taobao alibaba tencent wechat weixin baidu huawei xiaomi apple samsung windows linux server
system manager oracle mysql database summer winter spring autumn january monday
"""
_WORDS = frozenset(_LIST.split())
_WALKS = tuple(
    walk
    for row in (
        "01234567890123456789",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
        "1q2w3e4r5t6y7u8i9o0p",
        "zaq12wsxcde34rfvbgt56yhn",
        "!@#$%^&*()",
    )
    for walk in (row, row[::-1])
)
_LETTERS = str.maketrans(
    {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
_EDGES = re.compile(r"^[^a-z]+|[^a-z]+$")
_PHONE = re.compile(r"^(\+?86)?1[3-9]\d{9}$")
_DATE = re.compile(r"(19|20)\d{2}[-./年]?(0?[1-9]|1[0-2])[-./月]?([0-2]?\d|3[01])日?")


def _common(folded: str) -> bool:
    plain = folded.translate(_LETTERS)
    stems = {
        _EDGES.sub("", folded),
        _EDGES.sub("", plain),
        _EDGES.sub("", _EDGES.sub("", folded).translate(_LETTERS)),
    }
    if stems & _WORDS or any(_made_of_words(one) for one in stems):
        return True
    if len(set(folded)) <= 3 or any(_repeats(folded, size) for size in range(1, 6)):
        return True
    walked = re.sub(r"[^0-9a-z!@#$%^&*()]", "", folded)
    if any(_walks(walked, walk) for walk in _WALKS) or _PHONE.match(folded):
        return True
    rest = _DATE.sub("", folded, count=1)
    return rest != folded and (len(rest) <= 3 or _EDGES.sub("", rest) in _WORDS)


def _made_of_words(stem: str) -> bool:
    return any(stem[:cut] in _WORDS and stem[cut:] in _WORDS for cut in range(3, len(stem) - 2))


def _repeats(text: str, size: int) -> bool:
    return len(text) >= 2 * size and text == (text[:size] * len(text))[: len(text)]


def _walks(text: str, walk: str) -> bool:
    """Whether a text is one or two pieces of a walk along the keyboard and nothing else."""
    return bool(text) and (
        text in walk or any(text[:cut] in walk and text[cut:] in walk for cut in range(4, len(text) - 3))
    )

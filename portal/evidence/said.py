"""What a university says of a file: a title, when it was issued and by whom, until when it holds."""

import re
from dataclasses import dataclass
from datetime import date

from portal.evidence.names import INVISIBLE
from portal.refusal import Refusal

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Said:
    """Days are YYYY-MM-DD; everything may be left out."""

    title: str = ""
    dated: str | None = None
    valid_until: str | None = None
    issuer: str | None = None


NOTHING = Said()


def refused(said: Said) -> Refusal | None:
    """Return why it cannot be kept as said; None when it can."""
    for label, text in (("标题", said.title), ("发证单位", said.issuer or "")):
        if len(text) > LONGEST:
            return _invalid(f"{label}有 {len(text)} 个字，上限是 {LONGEST} 个", "请写短一些")
        if INVISIBLE.search(text) or any(ord(letter) < 32 for letter in text):
            return _invalid(f"{label}里有不可见的字符", "请重新输入，不要从别处粘贴")
    for label, day in (("出具日期", said.dated), ("有效期", said.valid_until)):
        if day is not None and not is_day(day):
            return _invalid(f"{label}“{day[:20]}”不是日期", "请写成 2026-03-01 这样")
    if said.dated and said.valid_until and said.valid_until < said.dated:
        return _invalid(f"有效期 {said.valid_until} 早于出具日期 {said.dated}", "请核对这两个日期")
    return None


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar, written YYYY-MM-DD."""
    try:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _invalid(what: str, after: str) -> Refusal:
    return Refusal("invalid", "evidence.said", what, after)

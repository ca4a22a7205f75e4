"""Mistakes of users as values: where, what is wrong, why, what next."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, NamedTuple

Path = tuple[str | int, ...]
"""Keys and positions that lead to a value inside a document."""


class Place(NamedTuple):
    """Where something stands; line and column count from 1, 0 is unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake, told in Chinese: 哪里:什么不对。为什么。下一步。"""

    place: Place
    what: str
    next: str = ""
    code: str = ""
    severity: Literal["error", "notice"] = "error"

    def __str__(self) -> str:
        return " ".join(part for part in (f"{self.place}", self.message) if part)

    @property
    def message(self) -> str:
        """The sentence without the place."""
        return "".join(_sentence(part) for part in (self.what, self.next) if part)


def _sentence(text: str) -> str:
    return text if text.endswith(("。", "？", "！", "?", "!")) else text + "。"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word most like this one, or an empty string."""
    found = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return found[0] if found else ""


def listed(words: Iterable[str], most: int = 12) -> str:
    """Join words for a sentence; a long list is cut and says so."""
    words = list(words)
    return "、".join(words[:most]) + (f" 等 {len(words)} 种" if len(words) > most else "")

"""The words of the page: states, origins, provenances, intervals."""

import re
from html import escape
from typing import Any

from portal.reports.words import COVERS, PROVENANCE, STATUS, effect, span, state_of

__all__ = [
    "COVERS",
    "FILTERS",
    "ORIGIN",
    "PROVENANCE",
    "STATUS",
    "effect",
    "html",
    "passes",
    "plain",
    "span",
    "state_of",
]

ORIGIN = {"real": "真实", "invented": "虚构"}
FILTERS = ("全部", "失分", "未定", "缺项")


def passes(indicator: dict[str, Any], chosen: str, bonus: bool = False) -> bool:
    """Tell whether an indicator is shown; full points out of reach are 失分 even while the rest is open."""
    state = state_of(indicator)
    if chosen == "失分":
        return not bonus and state != "缺项" and indicator["high"] != indicator["points"]
    return chosen in ("全部", state) or (chosen == "未定" and state == "适用未定")


def html(text: object) -> str:
    """Make any text safe inside HTML."""
    return escape(str(text))


def plain(text: object) -> str:
    """Make any text safe inside Markdown: it is shown as it stands."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~$:-])", r"\\\1", str(text))

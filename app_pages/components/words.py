"""The words of the page: states, origins, provenances, intervals."""

import re
from html import escape
from typing import Any

STATUS = {"draft": "草案", "trial": "试行", "official": "正式", "withdrawn": "已废止"}
ORIGIN = {"real": "真实", "invented": "虚构"}
PROVENANCE = {"sourced": "原文所载", "adapted": "据原文改写", "proposed": "建议稿"}
COVERS = {"item": "项目", "points": "分值", "rule": "规则", "evidence": "证据"}
EFFECT = {"stop": "停止评定", "deny": "不予评定"}
FILTERS = ("全部", "失分", "未定", "缺项")


def span(ends: dict[str, Any]) -> str:
    """Print a point or an interval."""
    low, high = ends["low"], ends["high"]
    return str(low) if low == high else f"{low}–{high}"


ABSENCES = ("exclude", "full", "zero", "refuse")
"""The ways a decided absence is treated; other modes tell of a person's verdict."""


def state_of(indicator: dict[str, Any]) -> str:
    """Return the one word for an indicator; a decided absence is 缺项, whatever points it was given."""
    if indicator["state"] == "absent" or (indicator["state"] == "settled" and indicator["mode"] in ABSENCES):
        return "缺项"
    if indicator["state"] == "doubtful":
        return "适用未定"
    if indicator["state"] == "open":
        return "未定"
    return "满分" if indicator["low"] == indicator["points"] else "失分"


def passes(indicator: dict[str, Any], chosen: str, bonus: bool = False) -> bool:
    """Tell whether an indicator is shown; full points out of reach are 失分 even while the rest is open."""
    state = state_of(indicator)
    if chosen == "失分":
        return not bonus and state != "缺项" and indicator["high"] != indicator["points"]
    return chosen in ("全部", state) or (chosen == "未定" and state == "适用未定")


def effect(veto: dict[str, Any], grades: dict[str, str], standard: dict[str, Any]) -> str:
    """Say what a veto does."""
    what = veto["effect"]
    if isinstance(what, str):
        return str(standard["denied_title"]) if what == "deny" else EFFECT[what]
    return f"最高评 {grades.get(what['cap'], what['cap'])}" if "cap" in what else f"降 {what['drop']} 级"


def html(text: object) -> str:
    """Make any text safe inside HTML."""
    return escape(str(text))


def plain(text: object) -> str:
    """Make any text safe inside Markdown: it is shown as it stands."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~$:-])", r"\\\1", str(text))

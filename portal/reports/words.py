"""The words in which a scorecard is told, on pages and in files: states, provenances, layers, intervals."""

from collections.abc import Mapping
from typing import Any

STATUS: Mapping[str, str] = {"draft": "草案", "trial": "试行", "official": "正式", "withdrawn": "已废止"}
PROVENANCE: Mapping[str, str] = {"sourced": "原文所载", "adapted": "据原文改写", "proposed": "建议稿"}
COVERS: Mapping[str, str] = {"item": "项目", "points": "分值", "rule": "规则", "evidence": "证据"}
EFFECT: Mapping[str, str] = {"stop": "停止评定", "deny": "不予评定"}
LAYERS: Mapping[str, str] = {"self": "自评", "panel": "评审组", "final": "最终"}
MET: Mapping[bool | None, str] = {True: "满足", False: "不满足", None: "还不知道"}
EARNED: Mapping[bool | None, str] = {True: "是", False: "否", None: "还不知道"}

ABSENCES = ("exclude", "full", "zero", "refuse")
"""The ways a decided absence is treated; other modes tell of a person's verdict."""


def span(ends: Mapping[str, Any]) -> str:
    """Print a point or an interval."""
    low, high = ends["low"], ends["high"]
    return str(low) if low == high else f"{low}–{high}"


def state_of(indicator: Mapping[str, Any]) -> str:
    """Return the one word for an indicator; a decided absence is 缺项, whatever points it was given."""
    if indicator["state"] == "absent" or (indicator["state"] == "settled" and indicator["mode"] in ABSENCES):
        return "缺项"
    if indicator["state"] == "doubtful":
        return "适用未定"
    if indicator["state"] == "open":
        return "未定"
    return "满分" if indicator["low"] == indicator["points"] else "失分"


def effect(veto: Mapping[str, Any], grades: Mapping[str, str], standard: Mapping[str, Any]) -> str:
    """Say what a veto does."""
    what = veto["effect"]
    if isinstance(what, str):
        return str(standard["denied_title"]) if what == "deny" else EFFECT[what]
    return f"最高评 {grades.get(what['cap'], what['cap'])}" if "cap" in what else f"降 {what['drop']} 级"


def veto_word(veto: Mapping[str, Any]) -> str:
    """Return what is found of a veto; one in doubt has a word of its own where its drafter gave one."""
    return str(veto["doubt"]) if veto["state"] == "存疑" and veto["doubt"] else str(veto["state"])


def source_words(line: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """Return one line of where a requirement comes from: how near to its words, which source, where, for what."""
    where = titles.get(line.get("source", ""), line.get("source", "本项目提出"))
    article = f" {line['article']}" if "article" in line else ""
    covers = "、".join(COVERS[one] for one in line.get("covers", ()))
    said = [covers and f"涉及{covers}", line.get("note"), "待核对原文" if line.get("verify") else ""]
    about = "；".join(filter(None, said))
    return f"【{PROVENANCE[line['provenance']]}】{where}{article}" + (f"（{about}）" if about else "")

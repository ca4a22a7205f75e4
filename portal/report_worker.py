"""The process that reads one report of a stranger: what it says it is, and whether its points add up.

It is confined like the process that looks at evidence, reads the report from its standard input and answers one line
of JSON. Whoever asks does so through `portal.report.read`.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

from portal.evidence.worker import confine

MOST = 4 << 20
"""Bytes of a report. The scorecard of a university with thirty buildings has a tenth of that."""

TOLD, LONGEST = 20, 300
"""So many differences are listed, and so many letters of a text are repeated."""

LAYERS = {"self": "自评", "panel": "评审组", "final": "最终"}


def answer(text: bytes) -> dict[str, Any]:
    """Return what a report says and whether it adds up; what cannot be read says why."""
    from engine.added_up import add_up  # noqa: PLC0415  loaded when the process is confined already
    from engine.outside import read_json  # noqa: PLC0415

    document = read_json(text, "报告", MOST)
    if not isinstance(document.data, dict):
        found = [one.message for one in document.problems] or ["这不是一份报告"]
        return {"kind": "unreadable", "about": [], "wrong": [_cut(one) for one in found[:TOLD]], "count": 0}
    data, kind = document.data, _kind(document.data)
    if kind == "publication":
        return {"kind": kind, "about": _publication(data), "wrong": [], "count": 0}
    if kind == "roll_up":
        return {"kind": kind, "about": _scorecard(data), "wrong": [], "count": 0}
    added = add_up(document)
    if added.problems:
        wrong = [one.message for one in added.problems]
        return {
            "kind": "unknown",
            "about": [],
            "wrong": [_cut(one) for one in wrong[:TOLD]],
            "count": len(wrong),
        }
    first = data if "format" in data else next(iter(data.values()))
    return {
        "kind": "scorecard",
        "about": _scorecard(first),
        "wrong": [_cut(one) for one in added.wrong[:TOLD]],
        "count": len(added.wrong),
    }


def _kind(data: Mapping[str, Any]) -> str:
    said = str(data.get("format", ""))
    for kind in ("publication", "roll_up"):
        if said.startswith(f"zhunsheng.{kind}/"):
            return kind
    return "scorecard"


def _publication(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    head, results = _inner(data, "round"), data.get("results")
    kind = {"publicity": "评审结果公示", "grades": "定级结果"}.get(str(data.get("kind")), "公布")
    rows = [
        ("文件", kind),
        ("批次", head.get("title")),
        ("标准", f"{head.get('standard')} {head.get('edition')}"),
        ("评定日", head.get("as_of")),
        ("学校", f"{len(results)} 所" if isinstance(results, list) else ""),
    ]
    return _texts(rows)


def _scorecard(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    standard, total = _inner(data, "standard"), _inner(data, "total")
    possible = _inner(data, "grade").get("possible")
    named = [str(one.get("title")) for one in possible if isinstance(one, dict)] if possible else []
    layer = str(data.get("layer", ""))
    rows = [
        ("文件", "汇总成绩" if "mean" in data else "成绩单"),
        ("标准", f"{standard.get('title')}（{standard.get('edition')}）"),
        ("对象", _inner(data, "subject").get("title")),
        ("哪一方", LAYERS.get(layer) or layer.replace("inspector ", "")),
        ("评定日", data.get("as_of")),
        ("总分", "–".join(dict.fromkeys(str(total[end]) for end in ("low", "high") if end in total))),
        ("等级", "或".join(named)),
    ]
    return _texts(rows)


def _inner(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _texts(rows: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    return [(name, _cut(value)) for name, value in rows if value not in (None, "")]


def _cut(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def main() -> None:
    """Answer once."""
    confine()
    told = answer(sys.stdin.buffer.read(MOST + 1))
    sys.stdout.buffer.write(json.dumps(told, ensure_ascii=True).encode())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

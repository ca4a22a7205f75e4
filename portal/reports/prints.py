"""The report as a PDF: set by typst with fonts that come along, no network, no fonts of the machine."""

import json
from dataclasses import asdict
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import typst
from pylopdf_fonts_zh_cn import sans_path

from portal.moment import BEIJING, moment_of
from portal.reports.report import Card, Item, Lost, Report
from portal.reports.shapes import falls, shares

SHORT = 80
"""Letters of the title above each page and in the properties of the file."""

TURN = BoundedSemaphore(2)
"""So many prints at once: each takes a core for a moment, and the others can wait."""

TEMPLATE = Path(__file__).with_name("report.typ")


def print_of(report: Report) -> bytes:
    """Return the report as the bytes of a PDF/A; the same report gives the same bytes."""
    made = moment_of(report.about.at).astimezone(BEIJING).replace(microsecond=0)
    data = json.dumps(_data(report), ensure_ascii=False)
    with TURN:
        try:
            return _set(data, made)
        finally:
            _forget()


def _set(data: str, made: datetime) -> bytes:
    compiler = typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=_fonts(), ignore_system_fonts=True)
    found = compiler.compile(
        format="pdf",
        sys_inputs={"report": data},
        timestamp=made,
        pdf_standards="a-2b",
    )
    assert isinstance(found, bytes)
    return found


def _forget() -> None:
    """Let typst drop what it remembers of the last report: it keeps that for ten prints, and it is 20 MB each time."""
    idle = typst.Compiler(b"-", font_paths=_fonts(), ignore_system_fonts=True)
    for _ in range(11):
        idle.compile(b"-", format="svg")


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[sans_path().parent]
    )


def _data(report: Report) -> dict[str, Any]:
    return {
        "title": report.title,
        "short": report.title if len(report.title) <= SHORT else report.title[:SHORT] + "……",
        "head": report.head,
        "notices": report.notices,
        "sha256": report.about.sha256,
        "whole": asdict(report.whole) if report.whole else None,
        "cards": [_card(one) for one in report.cards],
    }


def _card(card: Card) -> dict[str, Any]:
    facts = [("等级线", "；".join(card.lines))]
    if len(card.possible) > 1:
        facts.append(("还可能是", "、".join(card.possible)))
    facts += [("各方加权", f"{one.title} {one.full} × {one.span} 分") for one in card.weighing]
    facts += [(f"{grade}的前置", told) for grade, told in card.unmet]
    facts += [("需要留意", one) for one in card.problems]
    return {
        "subject": card.subject,
        "figures": [
            (f"总分（满分 {card.total.full}）", card.total.span),
            ("等级", card.grade),
            ("已答问题", f"{card.answered[0]} / {card.answered[1]}"),
        ],
        "facts": facts,
        "vetoes": [asdict(one) for one in card.vetoes],
        "parts": [
            {"title": one.title, "span": one.span, "full": one.full, "low": low, "high": high}
            for one, low, high in shares(card.parts)
        ],
        "falls": [asdict(one) for one in falls(card.steps)],
        "ways": card.ways,
        "lost": [_lost(one) for one in card.lost],
        "groups": [
            {"title": "　".join(filter(None, key)), "items": [_item(one) for one in items]}
            for key, items in groupby(card.items, key=lambda one: (one.section, one.group))
        ],
        "missing": card.missing,
    }


def _lost(one: Lost) -> dict[str, Any]:
    item = one.item
    told = {"title": one.title, "section": one.section, "lost": one.lost, "open": one.open}
    if item is None:
        return told | {"span": "", "full": "", "reason": "", "next": (), "fix": "", "basis": ()}
    taken = f"因“{one.void}”有不合规，整组不得分。" if one.void else ""
    return told | {
        "span": item.span,
        "full": item.full,
        "reason": taken + item.reason,
        "next": item.next,
        "fix": item.fix,
        "basis": item.basis,
    }


def _item(one: Item) -> dict[str, Any]:
    return {
        "title": one.title,
        "key": one.key,
        "span": one.span,
        "full": one.full,
        "state": one.state,
    }

"""Tiny libraries from a few lines of YAML, in the words of a drafter."""

from fractions import Fraction
from typing import Any

from engine.answers import Stated
from engine.build.edition import Edition
from engine.judge import Scorecard, judge
from engine.load import load_texts
from engine.models.submission import Given, Judged

FACTS = """
checklist: {id: c, title: 食堂清单, desk: 饮食中心}
facts:
- {id: c.staff, ask: 从业人员数, answer: {integer: {at_least: 0, at_most: 50}, unit: 人}}
- {id: c.passed, ask: 考核合格人数, answer: {integer: {at_least: 0, at_most: c.staff}, unit: 人}}
- {id: c.faults, ask: 问题处数, answer: {integer: {at_most: 100}, unit: 处}}
- {id: c.licence, ask: 许可证有效, answer: yes_no}
- {id: c.gas, ask: 使用燃气, answer: yes_no}
- {id: c.kind, ask: 经营方式, answer: {choice: [自营, 承包, 托管]}}
- {id: c.rules, ask: 成文制度, answer: {choices: [采购, 留样, 清洗]}}
- {id: c.share, ask: 达标比例, answer: percent}
- {id: c.accident, ask: 最近一次事故日期, answer: date}
derive:
- {id: c.rate, title: 培训合格率, ratio: [c.passed, c.staff]}
- {id: c.days, title: 距事故天数, days: [c.accident, 2024-06-30]}
"""


def files(section: str, standard: str = "", facts: str = FACTS) -> dict[str, bytes]:
    """Return the files of a library with one section; `standard` adds to or overrides the usual head."""
    head = {
        "id": "t",
        "edition": "'1'",
        "title": "试行标准",
        "status": "draft",
        "per": "食堂",
        "total": "10",
        "sections": "[1-a.yaml]",
    }
    own = [line.split(":", 1)[0] for line in standard.splitlines() if line[:1].isalpha()]
    lines = [f"{key}: {value}" for key, value in head.items() if key not in own]
    if not section.lstrip().startswith("section:"):
        section = "section: {id: a, title: 甲区, points: 10}\n" + section
    found = {
        "checklists/c.yaml": facts,
        "rules/t/1/standard.yaml": "\n".join([*lines, standard]),
        "rules/t/1/1-a.yaml": section,
    }
    return {name: text.encode() for name, text in found.items()}


def edition(section: str, standard: str = "", facts: str = FACTS) -> Edition:
    """Build the edition; it must be free of mistakes."""
    library, problems = load_texts(files(section, standard, facts))
    assert [str(problem) for problem in problems] == []
    return library.editions["t", "1"]


def item(score: str, **more: str) -> str:
    """Return a section with one indicator of ten points."""
    extra = "".join(f"\n  {key}: {value}" for key, value in more.items())
    return f"indicators:\n- id: one\n  title: 甲项\n  points: 10\n  score: {score}{extra}\n"


def card(of: Edition, answers: dict[str, Any], *, as_of: str = "2024-06-30", **stated: Any) -> Scorecard:
    """Judge answers, given as a desk would type them."""
    given = {
        name: value if isinstance(value, Given) else Given(value=value) for name, value in answers.items()
    }
    judged = {
        name: Judged(points=Fraction(str(points)), reason="现场看过")
        for name, points in stated.get("judged", {}).items()
    }
    return judge(of, Stated(given, judged, stated.get("claims", {}), as_of, stated.get("region")))


def span(found: Scorecard, name: str = "one") -> tuple[Fraction, Fraction]:
    """Return the interval of an indicator, in points."""
    finding, scale = found.findings[name], found.edition.per_point
    return Fraction(finding.low, scale), Fraction(finding.high, scale)


def total(found: Scorecard) -> tuple[Fraction, Fraction]:
    """Return the interval of the total, in points."""
    return Fraction(found.low, found.edition.per_point), Fraction(found.high, found.edition.per_point)

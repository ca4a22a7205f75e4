"""What rests on memory or second-hand material is listed with its place before anything is published."""

from engine.load import load_texts
from engine.provenance import unverified
from tests.tiny import files, item

SOURCES = """
sources:
- {id: law, title: 某法, grade: A}
- {id: hearsay, title: 某转载, grade: D, verify: true}
"""
STANDARD = """
grades: [{id: good, title: 良好, at_least: 8, basis: [{provenance: proposed, note: 等级线待核, verify: true}]}]
vetoes: [{id: v, title: 事故, when: {c.gas: true}, effect: deny, basis: [{provenance: adapted, source: law, article: 第 3 条, verify: true}]}]
basis: [{provenance: proposed, verify: true}]
"""


def test_every_doubt_is_listed_with_its_place() -> None:
    basis = "[{provenance: sourced, source: law, verify: true}, {provenance: sourced, source: law}]"
    texts = files(item("[{points: 10, when: {c.licence: true}}]", basis=basis), STANDARD)
    library, problems = load_texts({**texts, "rules/sources.yaml": SOURCES.encode()})
    assert [str(problem) for problem in problems] == []
    assert unverified(library) == [
        {"where": "rules/sources.yaml hearsay", "text": "某转载"},
        {"where": "t/1 指标 one", "text": "law"},
        {"where": "t/1 否决项 v", "text": "law 第 3 条"},
        {"where": "t/1 等级 good", "text": "等级线待核"},
        {"where": "t/1 标准", "text": "没有出处"},
    ]

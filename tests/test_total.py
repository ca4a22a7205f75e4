"""Adding up: groups, sections, absences, voids, bonus, incidents, caps and rounding."""

from fractions import Fraction

import pytest

from engine.document import scorecard_document
from engine.models.submission import Subject
from engine.verify import verify
from tests.tiny import card, edition, total

TWO = """section: {id: a, title: 甲区, points: 10}
groups:
- id: g
  title: 甲组
  points: 10
  indicators:
  - id: one
    title: 甲项
    points: 4
    score: {each: c.faults, points: 1, up_to: 4}
    zero_when: {c.licence: false}
    voids: parent
  - {id: two, title: 乙项, points: 6, score: [{points: 6, when: {c.gas: true}}], applies_when: {c.kind: 自营}, absent: exclude}
"""


@pytest.mark.parametrize("spread", ["group", "section", "total"])
def test_points_of_an_absent_item_are_spread_over_the_others(spread: str) -> None:
    of = edition(TWO, f"absence: {{spread: {spread}}}")
    answers = {"c.faults": 3, "c.licence": True, "c.kind": "承包"}
    assert total(card(of, answers)) == (Fraction("7.5"), Fraction("7.5"))


def test_whether_an_item_counts_may_be_open() -> None:
    of = edition(TWO)
    assert total(card(of, {"c.faults": 1, "c.licence": True})) == (1, 7)
    assert total(card(of, {"c.faults": 1, "c.licence": True, "c.gas": False})) == (1, Fraction("2.5"))


def test_a_breach_takes_the_whole_group_and_may_still_be_open() -> None:
    of = edition(TWO)
    rest = {"c.faults": 4, "c.gas": True, "c.kind": "自营"}
    assert total(card(of, rest | {"c.licence": False})) == (0, 0)
    assert total(card(of, rest)) == (0, 10)
    assert total(card(of, rest | {"c.licence": True})) == (10, 10)


def test_an_absent_indicator_takes_nothing_with_it() -> None:
    section = TWO.replace(
        "voids: parent", "voids: parent\n    applies_when: {c.gas: true}\n    absent: exclude"
    )
    of = edition(section)
    answers = {"c.licence": False, "c.kind": "自营"}
    assert total(card(of, answers | {"c.gas": False})) == (0, 0)
    found = card(of, answers | {"c.gas": True})
    assert found.sum.sections[0].children[0].void is True
    open_ = card(of, answers)
    assert open_.sum.sections[0].children[0].void is None


def test_a_breach_may_take_the_whole_section() -> None:
    section = TWO.replace("voids: parent", "voids: section")
    found = card(edition(section), {"c.faults": 4, "c.gas": True, "c.kind": "自营", "c.licence": False})
    assert found.sum.sections[0].void is True
    assert total(found) == (0, 0)


BONUS = """total_cap: 11
bonus:
  up_to: 3
  groups:
  - id: honours
    title: 荣誉
    combine: highest
    indicators:
    - {id: h1, title: 省级, points: 2, score: [{points: 2, when: {c.kind: 自营}}]}
    - {id: h2, title: 市级, points: 1, score: [{points: 1, when: {c.gas: true}}]}
  - id: works
    title: 工作
    up_to: 2
    indicators:
    - {id: w1, title: 制度, points: 3, score: {each: c.rules, points: 1, up_to: 3}, applies_when: {c.licence: true}, absent: exclude}
incidents:
- {id: notice, title: 被通报, each: c.staff, points: 2, up_to: 6}
"""
FULL = """indicators:
- {id: one, title: 甲项, points: 10, score: {each: c.faults, points: 1, up_to: 10}}
"""


@pytest.mark.parametrize(
    ("answers", "points"),
    [
        ({"c.kind": "自营", "c.gas": True, "c.rules": [], "c.faults": 5}, 7),
        ({"c.kind": "承包", "c.gas": True, "c.rules": ["采购", "留样", "清洗"], "c.faults": 5}, 8),
        ({"c.kind": "自营", "c.gas": True, "c.rules": ["采购", "留样"], "c.faults": 10}, 11),
    ],
)
def test_bonus_is_capped_in_its_group_together_and_with_the_total(
    answers: dict[str, object], points: int
) -> None:
    assert total(card(edition(FULL, BONUS), {"c.licence": True, "c.staff": 0} | answers)) == (points, points)


def test_an_absent_or_doubtful_bonus_gives_nothing_for_sure() -> None:
    answers = {"c.kind": "承包", "c.gas": False, "c.rules": ["采购"], "c.faults": 5, "c.staff": 0}
    of = edition(FULL, BONUS)
    assert total(card(of, answers | {"c.licence": False})) == (5, 5)
    assert total(card(of, answers)) == (5, 6)


def test_incidents_are_taken_after_the_cap_and_never_below_zero() -> None:
    answers = {"c.kind": "自营", "c.gas": True, "c.rules": ["采购", "留样"], "c.licence": True}
    of = edition(FULL, BONUS)
    assert total(card(of, answers | {"c.faults": 10, "c.staff": 1})) == (9, 9)
    assert total(card(of, answers | {"c.faults": 0, "c.staff": 50})) == (0, 0)
    assert total(card(of, answers | {"c.faults": 10})) == (5, 11)


@pytest.mark.parametrize(("where", "points"), [("section", "6.5"), ("total", "6.5")])
def test_rounding_happens_only_where_the_standard_says(where: str, points: str) -> None:
    section = "indicators:\n- {id: one, title: 甲项, points: 10, score: {linear: c.share, from: [0%, 0], to: [100%, 10]}}\n"
    exact, rounded = (
        edition(section),
        edition(section, f"rounding: {{{where}: 0.5}}\nabsence: {{spread: section}}"),
    )
    answers = {"c.share": "62.5%"}
    assert total(card(exact, answers)) == (Fraction("6.25"), Fraction("6.25"))
    assert total(card(rounded, answers)) == (Fraction(points), Fraction(points))


def test_what_may_all_be_absent_may_be_worth_nothing() -> None:
    only = """indicators:
- {id: one, title: 甲项, points: 10, score: {each: c.faults, points: 1, up_to: 10}, applies_when: {c.kind: 自营}, absent: exclude}
"""
    found = card(edition(only), {"c.faults": 3})
    assert total(found) == (0, 3)
    assert verify(scorecard_document(found, Subject(id="c1", title="一食堂", kind="食堂"))) == []
    assert total(card(edition(only), {"c.faults": 3, "c.kind": "承包"})) == (0, 0)

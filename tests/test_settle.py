"""What would settle it."""

import pytest

from engine.settle import settling
from tests.tiny import card, edition

SECTION = """indicators:
- {id: one, title: 甲项, points: 6, score: [{points: 6, when: {c.rate: {at_least: 90%}}}], zero_when: {c.licence: false}}
- {id: two, title: 乙项, points: 3, score: [{points: 3, when: {c.gas: true}}]}
- {id: three, title: 丙项, points: 1, score: {judge: 1, guide: 据实}}
"""
GRADES = "grades: [{id: good, title: 良好, at_least: 7}, {id: fair, title: 达标, at_least: 4}]\n"


def ways(standard: str, answers: dict[str, object]) -> dict[str, set[str]]:
    found = settling(card(edition(SECTION, standard), answers))
    return {way.outcome: set(way.facts) for way in found.ways}


def test_the_shortest_list_for_each_grade() -> None:
    found = ways(GRADES, {})
    assert found["good"] == {"c.licence", "c.passed", "c.staff", "c.gas"}
    assert found["none"] == {"c.licence", "c.gas"}


def test_a_breach_alone_settles_the_lowest_grade() -> None:
    assert ways(GRADES, {"c.gas": False})["none"] == {"c.licence"}


def test_facts_are_ranked_by_the_points_that_hang_on_them() -> None:
    found = settling(card(edition(SECTION, GRADES), {"c.licence": True}))
    assert [(one.fact, one.points) for one in found.matters] == [
        ("c.passed", 600),
        ("c.staff", 600),
        ("c.gas", 300),
        ("judge:three", 100),
    ]
    assert found.settled == ()


def test_a_settled_grade_needs_no_list() -> None:
    found = settling(card(edition(SECTION, GRADES), {"c.licence": False, "c.gas": False}))
    assert found.ways == ()
    assert [one.fact for one in found.matters] == ["judge:three"]


def test_open_vetoes_come_first_and_have_no_list_of_their_own() -> None:
    standard = (
        GRADES + "vetoes: [{id: v, title: 事故, when: {c.accident: {within_months: 12}}, effect: deny}]"
    )
    found = settling(card(edition(SECTION, standard), {}))
    assert found.vetoes == ("c.accident",)
    assert {way.outcome for way in found.ways} == {"good", "fair", "none"}
    assert all("c.accident" in way.facts for way in found.ways)


def test_requirements_of_the_grade_are_part_of_its_list() -> None:
    standard = GRADES.replace("at_least: 7}", "at_least: 7, requires: [{title: 自营, when: {c.kind: 自营}}]}")
    found = ways(standard, {"c.licence": True, "c.staff": 10, "c.passed": 10, "c.gas": True})
    assert found["good"] == {"c.kind"}


def test_a_band_that_only_a_middling_judgement_would_meet_has_no_list() -> None:
    """Lists promise that answers at their best or worst settle the grade; 0.3 points of a judgement are neither."""
    standard = "grades: [{id: top, title: 高, at_least: 9.5}, {id: mid, title: 中, at_least: 9.25}]\n"
    found = ways(standard, {"c.licence": True, "c.staff": 10, "c.passed": 10, "c.gas": True})
    assert set(found) == {"top", "none"}


def test_a_cap_that_holds_widens_the_band_of_its_grade() -> None:
    standard = GRADES + "vetoes: [{id: v, title: 承包, when: {c.kind: 承包}, effect: {cap: fair}}]"
    found = ways(standard, {"c.kind": "承包", "c.licence": True})
    assert found["fair"] == {"c.passed", "c.staff"}


def test_past_the_limit_of_cases_every_fact_of_an_indicator_is_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.cases.MOST_CASES", -1)
    assert ways(GRADES, {"c.gas": False})["none"] == {"c.licence", "c.staff", "c.passed"}


REDUNDANT = """indicators:
- {id: small, title: 小一, points: 2, score: [{points: 2, when: {c.gas: true}}]}
- {id: other, title: 小二, points: 2, score: [{points: 2, when: {c.kind: 自营}}]}
- {id: big, title: 大项, points: 6, score: [{points: 6, when: {c.rate: {at_least: 90%}, c.licence: true, c.faults: 0}}]}
"""


def test_what_is_not_needed_after_all_is_dropped_from_the_list() -> None:
    of = edition(REDUNDANT, "grades: [{id: good, title: 良好, at_least: 6}]")
    found = {way.outcome: set(way.facts) for way in settling(card(of, {})).ways}
    assert found["good"] == {"c.passed", "c.staff", "c.licence", "c.faults"}

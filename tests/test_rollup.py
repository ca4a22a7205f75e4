"""From many canteens to one university."""

from fractions import Fraction
from typing import Any

import pytest

from engine.models.submission import Submission
from engine.rollup import RolledUp, roll_up
from tests.tiny import edition, item

SCORE = "{each: c.faults, points: 1, up_to: 10}"
HEAD = """grades: [{id: good, title: 良好, at_least: 8}, {id: fair, title: 达标, at_least: 6}]
roll_up:
  per: 食堂
  whole: 学校
  weight: c.staff
  titles:
  - {id: model, title: 示范校, shares: [{share: 50%, grade: good}], each_at_least: fair, mean_at_least: 7, worst_at_least: 6}
  - {id: licensed, title: 持证校, when: {c.licence: true}}
vetoes:
- {id: v, title: 事故, when: {c.gas: true}, effect: deny}
- {id: w, title: 造假, when: {c.kind: 托管}, effect: deny, scope: all}
"""


def rolled(*canteens: dict[str, Any], head: str = HEAD) -> RolledUp:
    shared = {"c.gas": False, "c.kind": "自营", "c.licence": True, "c.staff": 10}
    units = [
        {"subject": {"id": f"c{i}", "title": f"第{i}食堂", "kind": "食堂"}, "answers": answers}
        for i, answers in enumerate(canteens)
    ]
    submission = Submission.model_validate(
        {
            "standard": "t",
            "edition": "1",
            "as_of": "2024-06-30",
            "origin": "invented",
            "subject": {"id": "s", "title": "某校", "kind": "学校"},
            "answers": shared,
            "units": units,
        }
    )
    return roll_up(edition(item(SCORE), head), submission)


def titles(found: RolledUp) -> dict[str, bool | None]:
    return {title.id: earned for title, earned in found.titles}


def test_four_numbers_and_the_titles() -> None:
    found = rolled({"c.faults": 9, "c.staff": 30}, {"c.faults": 7, "c.staff": 10})
    assert (found.mean, found.worst, found.weighted_mean) == (
        (8, 8),
        (7, 7),
        (Fraction("8.5"), Fraction("8.5")),
    )
    assert found.shares == (("good", (Fraction(1, 2), Fraction(1, 2))),)
    assert titles(found) == {"model": True, "licensed": True}


def test_an_open_canteen_leaves_the_whole_open() -> None:
    found = rolled({"c.faults": 9}, {})
    assert found.mean == (Fraction("4.5"), Fraction("9.5"))
    assert titles(found)["model"] is None
    assert titles(rolled({"c.faults": 3}, {}))["model"] is False


def test_a_veto_is_never_averaged_away() -> None:
    found = rolled({"c.faults": 10}, {"c.faults": 10}, {"c.faults": 10, "c.gas": True})
    assert found.vetoed == ("c2",)
    assert titles(found) == {"model": False, "licensed": False}
    assert [card.outcome.settled for _, card in found.units] == ["good", "good", "denied"]


def test_a_veto_that_reaches_everybody_holds_for_every_unit() -> None:
    found = rolled({"c.faults": 10}, {"c.faults": 10, "c.kind": "托管"})
    assert [card.outcome.settled for _, card in found.units] == ["denied", "denied"]


def test_a_title_may_ask_a_condition_of_every_unit() -> None:
    assert titles(rolled({"c.faults": 9}, {"c.faults": 9, "c.licence": False}))["licensed"] is False


def test_weights_may_be_missing_or_all_zero() -> None:
    assert rolled({"c.faults": 9, "c.staff": 0}, {"c.faults": 7, "c.staff": 0}).weighted_mean is None
    assert rolled({"c.faults": 9, "c.staff": None}, {"c.faults": 7}).weighted_mean is None
    head = HEAD.replace("  weight: c.staff\n", "")
    assert rolled({"c.faults": 9}, head=head).weighted_mean is None


@pytest.mark.parametrize("line", ["mean_at_least: 8", "worst_at_least: 8"])
def test_lines_of_titles(line: str) -> None:
    head = "roll_up: {per: 食堂, whole: 学校, titles: [{id: named, title: 称号, LINE}]}".replace("LINE", line)
    assert titles(rolled({"c.faults": 8}, {"c.faults": 8}, head=head)) == {"named": True}
    assert titles(rolled({"c.faults": 8}, {"c.faults": 7}, head=head)) == {"named": False}

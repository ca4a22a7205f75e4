"""From full points to the total: every step re-adds, and what the indicators of a section cost is what its step costs."""

import itertools
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from engine.document import scorecard_document
from engine.layers import layered
from engine.losses import REST, losses, steps
from engine.models.submission import Review, Subject
from tests.small import Small, judged, partial_answers, standards
from tests.test_verify import SUBJECT, WHOLE, document
from tests.tiny import card, edition, item


def holds(data: dict[str, Any]) -> None:
    """Check the laws of one document."""
    way, full = steps(data), Fraction(data["standard"]["total"])
    assert (way[0].kind, Fraction(way[0].before), way[-1].kind) == ("full", full, "total")
    for one, following in itertools.pairwise(way[:-1]):
        assert one.after == following.before
    assert way[-2].after == way[-1].after == data["total"]["low"]
    assert full - sum(Fraction(one.lost) for one in way) == Fraction(data["total"]["high"])
    for one in way[:-1]:
        assert Fraction(one.before) - Fraction(one.lost) - Fraction(one.open) == Fraction(one.after)
    assert sum(Fraction(one.open) for one in way[:-1]) == Fraction(way[-1].open)
    found = losses(data)
    assert [Fraction(one.lost) for one in found] == sorted(
        (Fraction(one.lost) for one in found), reverse=True
    )
    for step in (one for one in way if one.kind == "section"):
        own = [one for one in found if one.section == step.title]
        assert sum(Fraction(one.lost) for one in own) == Fraction(step.lost)
        assert sum(Fraction(one.open) for one in own) == Fraction(step.open)


@given(standards(), partial_answers())
def test_every_step_leads_to_the_next_and_the_last_to_the_total(
    small: Small, answers: dict[str, Any]
) -> None:
    found = judged(small.edition, answers)
    holds(scorecard_document(found, Subject(id="one", title="某食堂", kind="食堂")))


@pytest.mark.parametrize("spread", ["group", "section", "total"])
@pytest.mark.parametrize("without", [(), ("c.kind",), ("c.licence",), ("c.staff", "c.gas"), tuple(WHOLE)])
@pytest.mark.parametrize("changed", [{}, {"c.kind": "承包"}, {"c.licence": False}, {"c.staff": 0}])
def test_with_everything_that_can_change_a_sum(
    spread: str, without: tuple[str, ...], changed: dict[str, Any]
) -> None:
    given_ = {name: value for name, value in (WHOLE | changed).items() if name not in without}
    holds(document(given_, spread))


def told(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one.kind, one.title, one.lost) for one in steps(data)]


def test_the_steps_have_names() -> None:
    assert told(document(WHOLE)) == [
        ("full", "满分", "0"),
        ("section", "甲区", "2"),
        ("bonus", "附加分", "-1"),
        ("incident", "通报", "0.5"),
        ("total", "总分", "0"),
    ]
    assert told(document(WHOLE | {"c.kind": "承包"}, "total"))[1:] == [
        ("section", "甲区", "2"),
        ("absent", "缺项折算", "0.86"),
        ("bonus", "附加分", "-1"),
        ("incident", "通报", "0.5"),
        ("rounding", "总分取整", "0.14"),
        ("total", "总分", "0"),
    ]


def test_what_is_capped_is_said_and_nothing_is_taken_below_zero() -> None:
    plain = item("[{points: 10, when: {c.licence: true}}]")
    bonus = "bonus: {up_to: 2, groups: [{id: b, title: 特色, indicators: [{id: b1, title: 特色一, points: 2, score: [{points: 2, when: {c.gas: true}}]}]}]}"
    of = edition(plain, f"total_cap: 10\n{bonus}")
    data = scorecard_document(card(of, {"c.licence": True, "c.gas": True}), SUBJECT)
    assert ("cap", "总分封顶", "2") in told(data)
    holds(data)
    of = edition(plain, "incidents: [{id: notice, title: 通报, each: c.staff, points: 1, up_to: 5}]")
    data = scorecard_document(card(of, {"c.licence": False, "c.staff": 9}), SUBJECT)
    assert [one.kind for one in steps(data)] == ["full", "section", "incident", "total"]
    assert told(data)[-2] == ("incident", "通报", "0")
    holds(data)
    data = scorecard_document(card(of, {"c.licence": True}), SUBJECT)
    assert [(one.lost, one.open) for one in steps(data) if one.kind == "incident"] == [("0", "5")]
    holds(data)


def test_a_breach_takes_the_points_of_its_group_and_names_it() -> None:
    data = document(WHOLE | {"c.licence": False, "c.rules": ["采购", "留样", "清洗"]})
    found = {one.title: one for one in losses(data)}
    assert {name: (one.lost, one.void) for name, one in found.items()} == {
        "甲项": ("4", "甲组"),
        "乙项": ("3", "甲组"),
        "丙项": ("3", "甲组"),
    }
    assert found["甲项"].groups == ("甲组",)
    open_ = {one.title: one for one in losses(document({k: v for k, v in WHOLE.items() if k != "c.licence"}))}
    assert open_["乙项"].lost == "0"
    assert (open_["乙项"].open, open_["乙项"].void) == ("3", "甲组")


def test_spreading_an_absence_is_told_beside_the_indicators() -> None:
    data = document(WHOLE | {"c.kind": "承包"})
    rest = [one for one in losses(data) if one.indicator is None]
    assert [one.title for one in rest] == [REST]


def test_the_last_step_of_a_final_result_is_the_weighing() -> None:
    head = "raters: {final: {self: 40%, panel: 60%}}\nrounding: {total: 1}"
    of = edition(item("{deduct_from: 10, items: [{each: c.faults, points: 0.5}]}"), head)
    reviews = [
        Review.model_validate(
            {
                "inspector": "甲",
                "standard": "t",
                "edition": "1",
                "subject": "one",
                "findings": {"one": {"verdict": "adjust", "points": "5", "reason": "看过"}},
            }
        )
    ]
    own = card(of, {"c.faults": 1})
    found = layered(of, own.stated, reviews)
    assert found.final is not None
    data = scorecard_document(found.final, SUBJECT, "final", found.weighing)
    assert told(data)[-2] == ("weighing", "各方加权", "-2")
    holds(data)
    survey = "raters: {final: {self: 40%, survey: 60%}}"
    of = edition(item("{deduct_from: 10, items: [{each: c.faults, points: 0.5}]}"), survey)
    found = layered(of, card(of, {"c.faults": 1}).stated, reviews)
    assert found.final is not None
    holds(scorecard_document(found.final, SUBJECT, "final", found.weighing))

"""Self, inspectors, panel and final: what each says, and how they become one."""

from fractions import Fraction
from typing import Any

import pytest

from engine.build.edition import Edition
from engine.judge import Scorecard
from engine.layers import Layers, appealed, layered, refused
from engine.models.submission import Review, Verdict
from tests.tiny import card, edition, item, span, total

SCORE = "{each: c.faults, points: 1, up_to: 10}"


def review(name: str, **more: Any) -> Review:
    return Review.model_validate({"inspector": name, "standard": "t", "edition": "1", "subject": "s", **more})


def points(name: str, given: object, reason: str = "现场看过") -> Review:
    return review(name, findings={"one": {"verdict": "adjust", "points": given, "reason": reason}})


def layers(of: Edition, answers: dict[str, Any], *reviews: Review) -> Layers:
    return layered(of, card(of, answers).stated, reviews)


def panel(standard: str, *given: object) -> Scorecard:
    of = edition(item(SCORE), f"raters: {{panel: {standard}}}")
    found = layers(of, {"c.faults": 10}, *(points(f"专家{index}", one) for index, one in enumerate(given)))
    assert found.panel is not None
    assert total(found.self) == (10, 10)
    return found.panel


def test_without_a_review_there_is_only_the_self_score() -> None:
    found = layers(edition(item(SCORE)), {"c.faults": 7})
    assert (found.inspectors, found.panel, found.final) == ((), None, None)


@pytest.mark.parametrize(
    ("standard", "given", "result"),
    [
        ("{combine: mean}", (5, 6), "5.5"),
        ("{combine: mean}", (5, 5, 6), "5.33"),
        ("{combine: trimmed_mean, at_least: 3, trim: 1}", (0, 6, 7, 10), "6.5"),
        ("{combine: trimmed_mean, at_least: 1, trim: 1}", (4, 6), "5"),
        ("{combine: median}", (1, 9, 6), "6"),
        ("{combine: median}", (1, 6, 9, 7), "6.5"),
    ],
)
def test_several_inspectors_become_one(standard: str, given: tuple[object, ...], result: str) -> None:
    assert total(panel(standard, *given)) == (Fraction(result), Fraction(result))


def test_a_missing_inspector_could_still_say_anything() -> None:
    found = panel("{combine: mean, at_least: 2}", 6)
    assert total(found) == (3, 8)
    assert [problem.message for problem in found.problems] == [
        "评审组至少要 2 位专家，现在 1 位，结果还不能定。请补足专家。"
    ]


def test_on_site_facts_stand_beside_the_stated_ones() -> None:
    seen = review("专家甲", answers={"c.faults": 4}, judged={})
    found = layers(edition(item(SCORE)), {"c.faults": 9}, seen)
    assert total(found.self) == (9, 9)
    assert total(found.inspectors[0][1]) == (4, 4)
    assert found.self.stated.answers["c.faults"].value == 9


@pytest.mark.parametrize("verdict", ["material", "site"])
def test_what_is_asked_for_leaves_the_points_open(verdict: str) -> None:
    seen = review("专家甲", findings={"one": {"verdict": verdict, "reason": "没有原件"}})
    assert span(layers(edition(item(SCORE)), {"c.faults": 9}, seen).inspectors[0][1]) == (0, 9)
    without = review("专家甲", findings={"one": {"verdict": verdict}})
    assert span(layers(edition(item(SCORE)), {"c.faults": 0}, without).inspectors[0][1]) == (0, 0)


def test_agreeing_changes_nothing() -> None:
    seen = review("专家甲", findings={"one": {"verdict": "agree"}})
    assert span(layers(edition(item(SCORE)), {"c.faults": 9}, seen).inspectors[0][1]) == (9, 9)


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        ({"verdict": "adjust", "points": 5}, "评审 专家甲 指标 one 的调整要写分数和理由。请补全。"),
        ({"verdict": "adjust", "reason": "不全"}, "评审 专家甲 指标 one 的调整要写分数和理由。请补全。"),
        (
            {"verdict": "adjust", "points": 11, "reason": "多了"},
            "评审 专家甲 指标 one 调整为 11 分，应在 0 到 10 之间，且不比最小单位还细。请改正。",
        ),
    ],
)
def test_an_adjustment_needs_points_in_range_and_a_reason(finding: dict[str, Any], said: str) -> None:
    found = layers(edition(item(SCORE)), {"c.faults": 9}, review("专家甲", findings={"one": finding}))
    inspector = found.inspectors[0][1]
    assert span(inspector) == (9, 9)
    assert [str(problem) for problem in inspector.problems] == [said]


def test_a_verdict_on_an_unknown_indicator_is_told() -> None:
    found = layers(
        edition(item(SCORE)), {"c.faults": 9}, review("专家甲", findings={"two": {"verdict": "agree"}})
    )
    assert [problem.message for problem in found.inspectors[0][1].problems] == [
        "认定的指标 two 不存在。请改正编号。"
    ]


ABSENT = """indicators:
- {id: one, title: 甲项, points: 6, score: {each: c.faults, points: 1, up_to: 6}}
- {id: two, title: 乙项, points: 4, score: [{points: 4, when: {c.licence: true}}], applies_when: {c.gas: true}, absent: exclude}
"""


def test_inspectors_may_disagree_on_absence() -> None:
    of = edition(ABSENT)
    answers = {"c.faults": 6, "c.licence": True, "c.gas": False}
    agreed = layers(of, answers, review("专家甲"), review("专家乙"))
    assert agreed.panel is not None
    assert agreed.panel.findings["two"].state == "absent"
    apart = layers(of, answers, review("专家甲"), review("专家乙", answers={"c.gas": True}))
    assert apart.panel is not None
    assert apart.panel.findings["two"].state == "doubtful"


WEIGHED = (
    "raters: {final: {self: 20%, panel: 50%, survey: 30%}}\ngrades: [{id: good, title: 良好, at_least: 7}]"
)


def test_the_final_result_weighs_everybody_as_declared() -> None:
    of = edition(item(SCORE), WEIGHED)
    reviews = [points("专家甲", 6), points("专家乙", 7)]
    open_ = layers(of, {"c.faults": 10}, *reviews)
    assert open_.final is not None
    assert total(open_.final) == (Fraction("5.25"), Fraction("8.25"))
    assert open_.final.outcome.possible == ("good", "none")
    surveyed = [
        one.model_copy(update={"survey": Fraction(mean)}) for one, mean in zip(reviews, (8, 9), strict=True)
    ]
    closed = layers(of, {"c.faults": 10}, *surveyed)
    assert closed.final is not None
    assert total(closed.final) == (Fraction("7.8"), Fraction("7.8"))
    assert closed.final.outcome.settled == "good"
    assert closed.panel is not None
    assert total(closed.panel) == (Fraction("6.5"), Fraction("6.5"))


def test_a_veto_on_which_inspectors_differ_is_open_until_they_settle_it() -> None:
    of = edition(
        item(SCORE),
        "grades: [{id: good, title: 良好, at_least: 5}]\nvetoes: [{id: v, title: 事故, when: {c.gas: true}, effect: deny}]",
    )
    found = layers(of, {"c.faults": 7, "c.gas": False}, review("甲"), review("乙", answers={"c.gas": True}))
    assert found.self.outcome.possible == ("good",)
    assert [card.outcome.possible for _, card in found.inspectors] == [("good",), ("denied",)]
    assert found.panel is not None
    assert found.panel.outcome.possible == ("denied", "good")
    assert [problem.message for problem in found.panel.problems] == [
        "各位专家对“使用燃气”认定不一，有关的否决、扣分和前置先不定。请评审组议定。"
    ]
    silent = layers(of, {"c.faults": 7}, review("甲"), review("乙")).panel
    assert silent is not None
    assert (silent.outcome.possible, silent.problems) == (("denied", "good"), ())
    points_only = layers(
        of, {"c.faults": 7, "c.gas": False}, review("甲"), review("乙", answers={"c.faults": 5})
    )
    assert points_only.panel is not None
    assert (total(points_only.panel), points_only.panel.problems) == ((6, 6), ())
    agreed = layers(of, {"c.faults": 7}, *(review(name, answers={"c.gas": True}) for name in "甲乙"))
    assert agreed.panel is not None
    assert (agreed.panel.outcome.possible, agreed.panel.problems) == (("denied",), ())


def test_an_appeal_changes_its_indicator_and_nothing_else() -> None:
    of = edition(ABSENT, WEIGHED)
    answers = {"c.faults": 4, "c.licence": True, "c.gas": True}
    found = layers(of, answers, review("甲"), review("乙"))
    assert found.panel is not None
    after = appealed(found.panel, {"one": Verdict(verdict="adjust", points=Fraction(6), reason="补了材料")})
    assert (total(found.panel), total(after)) == ((8, 8), (10, 10))
    assert after.findings["one"].claim == "复核改定：补了材料"
    assert after.findings["two"] == found.panel.findings["two"]
    assert after.outcome.settled == "good"


def test_an_appeal_that_cannot_be_taken_is_told() -> None:
    of = edition(item(SCORE))
    panel = layers(of, {"c.faults": 4}, review("甲")).panel
    assert panel is not None
    after = appealed(
        panel,
        {
            "one": Verdict(verdict="adjust", points=Fraction(60), reason="多"),
            "two": Verdict(verdict="adjust", points=Fraction(1), reason="无"),
        },
    )
    assert total(after) == total(panel)
    assert [str(problem) for problem in after.problems] == [
        "复核 指标 one 调整为 60 分，应在 0 到 10 之间，且不比最小单位还细。请改正。",
        "复核 复核的指标 two 不存在。请改正编号。",
    ]


def test_a_verdict_can_be_looked_at_before_it_is_kept() -> None:
    of = edition(item(SCORE))
    assert refused(of, "one", Verdict(verdict="adjust", points=Fraction(3), reason="看过")) is None
    for name, verdict in (("two", Verdict(verdict="agree")), ("one", Verdict(verdict="adjust"))):
        problem = refused(of, name, verdict)
        assert problem is not None
        assert problem.code == "verdict"

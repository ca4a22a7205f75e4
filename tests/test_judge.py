"""Judging one indicator and one submission: known, open, absent, doubtful."""

from tests.tiny import card, edition, item, span, total

LADDER = "[{points: 10, when: {c.rate: {at_least: 95%}}}, {points: 4, when: {c.rate: {at_least: 90%}}}]"


def test_a_finding_is_a_point_when_enough_is_known() -> None:
    of = edition(item(LADDER))
    assert span(card(of, {"c.staff": 50, "c.passed": 47})) == (4, 4)
    assert span(card(of, {"c.passed": 47})) == (4, 10)
    assert span(card(of, {"c.staff": 10})) == (0, 10)


def test_a_breach_settles_whatever_else_is_open() -> None:
    of = edition(item(LADDER, zero_when="{c.licence: false}"))
    assert span(card(of, {"c.licence": False})) == (0, 0)
    assert span(card(of, {"c.licence": True})) == (0, 10)


def test_dividing_by_nobody_is_told_and_settles_nothing() -> None:
    found = card(edition(item(LADDER)), {"c.staff": 0, "c.passed": 0})
    assert span(found) == (0, 10)
    assert [problem.message for problem in found.problems] == [
        "培训合格率：分母为 0，算不出来，有关指标先不给定分。请核对 c.staff。"
    ]


def test_one_part_without_a_value_leaves_the_others_alone() -> None:
    of = edition(
        item("{items: [{points: 6, when: {c.rate: {at_least: 90%}}}, {points: 4, when: {c.licence: true}}]}")
    )
    assert span(card(of, {"c.staff": 0, "c.passed": 0, "c.licence": True})) == (4, 10)


def test_absence_follows_the_facts_in_each_way_the_rule_names() -> None:
    for way, points in (("full", 10), ("zero", 0), ("refuse", 0)):
        of = edition(
            item("[{points: 10, when: {c.licence: true}}]", applies_when="{c.gas: true}", absent=way)
        )
        found = card(of, {"c.gas": False})
        assert (found.findings["one"].state, span(found)) == ("settled", (points, points))
        assert span(card(of, {"c.licence": True})) == (points, 10)
    out = edition(
        item("[{points: 10, when: {c.licence: true}}]", applies_when="{c.gas: true}", absent="exclude")
    )
    assert card(out, {"c.gas": False}).findings["one"].state == "absent"
    assert card(out, {"c.licence": True}).findings["one"].state == "doubtful"
    assert card(out, {"c.gas": True, "c.licence": True}).findings["one"].state == "settled"


def test_no_way_to_apply_is_absence_and_every_way_is_none() -> None:
    never = "{all: [{c.faults: {at_least: 1}}, {c.faults: {less_than: 1}}]}"
    of = edition(item("[{points: 10, when: {c.licence: true}}]", applies_when=never, absent="exclude"))
    assert card(of, {}).findings["one"].state == "absent"
    always = "{any: [{c.faults: {at_least: 1}}, {c.faults: {less_than: 1}}]}"
    of = edition(item("[{points: 10, when: {c.licence: true}}]", applies_when=always, absent="exclude"))
    assert card(of, {}).findings["one"].state == "open"
    assert card(of, {"c.licence": True}).findings["one"].state == "settled"


def test_a_claimed_absence_counts_only_where_the_rule_allows_it() -> None:
    score = "[{points: 10, when: {c.licence: true}}]"
    claims = {"one": "没有这项业务"}
    allowed = card(edition(item(score, absent="exclude")), {}, claims=claims)
    assert allowed.findings["one"].state == "absent"
    assert allowed.findings["one"].claim == "没有这项业务"
    refused = card(edition(item(score)), {}, claims=claims)
    assert span(refused) == (0, 10)
    decided = card(
        edition(item(score, applies_when="{c.gas: true}", absent="exclude")), {"c.gas": True}, claims=claims
    )
    assert span(decided) == (0, 10)
    unknown = card(edition(item(score)), {}, claims={"two": "没有"})
    assert [problem.message for found in (refused, decided, unknown) for problem in found.problems] == [
        "指标 one 不允许缺项。这条申报不起作用，请照常填报。",
        "指标 one 是否适用由填报的事实决定，不用申报缺项。请填写有关事实，这条申报不起作用。",
        "申报缺项的指标 two 不存在。请改正编号。",
    ]


def test_a_figure_nobody_set_for_the_place_stays_open() -> None:
    standard = "parameters: [{id: limit.faults, title: 允许处数, values: [{value: 3, region: 安徽}]}]"
    of = edition(item("[{points: 10, when: {c.faults: {at_most: limit.faults}}}]"), standard)
    assert total(card(of, {"c.faults": 3}, region="安徽")) == (10, 10)
    elsewhere = card(of, {"c.faults": 3}, region="江苏")
    assert total(elsewhere) == (0, 10)
    assert [problem.message for problem in elsewhere.problems] == [
        "允许处数：这个地区和日期没有规定的数值，算不出来，有关指标先不给定分。请起草人在规则里补上；填报不用改。"
    ]
    assert [problem.severity for problem in elsewhere.problems] == ["notice"]


def test_vetoes_hold_only_in_their_period() -> None:
    standard = """vetoes:
- {id: v, title: 无证经营, when: {c.licence: false}, effect: deny, from: 2024-01-01, to: 2024-12-31}
grades: [{id: pass, title: 达标, at_least: 5}]"""
    of = edition(item("[{points: 10, when: {c.gas: true}}]"), standard)
    answers = {"c.licence": False, "c.gas": True}
    found = [
        card(of, answers, as_of=day).outcome.settled
        for day in ("2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01")
    ]
    assert found == ["pass", "denied", "denied", "pass"]


def test_what_was_answered_and_what_is_missing() -> None:
    found = card(edition(item(LADDER)), {"c.staff": 50})
    assert found.answered == ("c.staff",)
    assert found.missing == ("c.passed",)

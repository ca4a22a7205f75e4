"""Vetoes and red lines: whether they apply, hold, are in doubt, or look at what was earned."""

from typing import Any

import pytest

from engine.document import scorecard_document
from engine.explain_veto import explain_veto
from engine.judge import Scorecard
from engine.models.submission import Subject
from engine.rulings import said_of
from engine.settle import settling
from engine.verify import verify
from tests.tiny import card, edition

SECTION = """groups:
- id: school
  title: 学校
  points: 4
  indicators:
  - {id: plan, title: 计划, points: 4, per: 学校, key: true, score: [{points: 4, when: {c.licence: true}}]}
- id: canteen
  title: 食堂
  points: 6
  indicators:
  - {id: faults, title: 问题, points: 4, key: true, score: {deduct_from: 4, items: [{each: c.faults, points: 1}]}}
  - {id: gas, title: 燃气, points: 2, score: [{points: 2, when: {c.share: {at_least: 50%}}}], applies_when: {c.gas: true}, absent: exclude}
"""
GRADES = """grades:
- {id: good, title: 良好, at_least: 7, requires: [{title: 关键项, keys_missed_at_most: 0}]}
- {id: fair, title: 达标, at_least: 2, requires: [{title: 甲区过半, section: a, at_least: 50%}]}
"""
HEAD = "roll_up: {per: 食堂, whole: 学校}\nkey_items: {met_at: 50%}\ndenied_title: 不合规\nvetoes:\n"
LINE = "- {id: v, title: 公示期, when: {c.staff: {less_than: 4}}, applies_when: {c.kind: 承包}, doubt_when: {c.staff: 4}, doubt: 边界}\n"


def judged(veto: str, answers: dict[str, Any]) -> Scorecard:
    return card(edition(SECTION, GRADES + HEAD + veto), answers)


def told(found: Scorecard) -> tuple[str, str]:
    (one,) = found.rulings
    return said_of(one), explain_veto(found, one).sentence


SETTLED = {"c.licence": True, "c.faults": 0, "c.gas": False}


@pytest.mark.parametrize(
    ("answers", "state", "sentence", "grade"),
    [
        ({"c.kind": "承包", "c.staff": 3}, "成立", "从业人员数 3 人，低于 4 人", "denied"),
        ({"c.kind": "承包", "c.staff": 4}, "存疑", "从业人员数 4 人；要由人判断，结论先不定", None),
        ({"c.kind": "承包", "c.staff": 5}, "不成立", "从业人员数 5 人，不低于 4 人", "good"),
        ({"c.kind": "自营"}, "不适用", "经营方式为“自营”", "good"),
        ({"c.kind": "承包"}, "还不知道", "还不知道“从业人员数”", None),
        ({"c.staff": 3}, "还不知道", "还不知道“经营方式”", None),
        ({"c.staff": 5}, "不成立", "从业人员数 5 人，不低于 4 人", "good"),
        ({"c.staff": 4}, "还不知道", "还不知道“经营方式”", None),
    ],
)
def test_a_red_line_applies_holds_or_is_in_doubt(
    answers: dict[str, Any], state: str, sentence: str, grade: str | None
) -> None:
    found = judged(LINE, SETTLED | answers)
    assert told(found) == (state, sentence)
    assert found.outcome.settled == grade
    assert verify(scorecard_document(found, Subject(id="c1", title="一食堂", kind="食堂"))) == []


def test_what_is_left_open_may_still_not_matter() -> None:
    found = judged("- {id: v, title: 合格人数, when: {c.passed: {more_than: 9}}}\n", SETTLED | {"c.staff": 9})
    assert told(found) == ("不成立", "没有填的不管怎么答都一样")


def test_a_person_has_to_settle_a_doubt_so_no_list_of_facts_is_offered() -> None:
    found = judged(LINE, {"c.kind": "承包", "c.staff": 4, "c.gas": False})
    assert settling(found).ways == ()
    assert {way.outcome for way in settling(judged(LINE, {"c.kind": "自营", "c.gas": False})).ways} >= {
        "good"
    }


def test_denied_is_called_what_the_standard_calls_it() -> None:
    found = judged(LINE, SETTLED | {"c.kind": "承包", "c.staff": 3})
    document = scorecard_document(found, Subject(id="c1", title="一食堂", kind="食堂"))
    assert document["grade"]["possible"] == [{"id": "denied", "title": "不合规"}]
    assert document["vetoes"][0] | {"basis": []} == {
        "id": "v",
        "title": "公示期",
        "effect": "deny",
        "holds": True,
        "state": "成立",
        "doubt": "边界",
        "sentence": "从业人员数 3 人，低于 4 人",
        "missing": [],
        "fix": None,
        "basis": [],
    }


KEYS = "- {id: v, title: 关键项, when_result: {keys_missed_at_least: 2}}\n"


@pytest.mark.parametrize(
    ("answers", "state", "sentence"),
    [
        (
            {"c.licence": False, "c.faults": 3},
            "成立",
            "关键项不符 2 项（“计划”、“问题”），达到 2 项即成立",
        ),
        ({"c.licence": False, "c.faults": 2}, "不成立", "关键项不符 1 项（“计划”），达到 2 项即成立"),
        ({"c.licence": False}, "还不知道", "关键项不符 1 项（“计划”），达到 2 项即成立"),
        ({"c.licence": True}, "不成立", "关键项不符 0 项，达到 2 项即成立"),
    ],
)
def test_key_items_missed_can_overrule(answers: dict[str, Any], state: str, sentence: str) -> None:
    assert told(judged(KEYS, answers)) == (state, sentence)


@pytest.mark.parametrize(
    ("test", "answers", "state", "sentence"),
    [
        ("per: 学校", {"c.licence": True}, "不成立", "“学校”指标得分率 100%，低于 80% 即成立"),
        ("per: 学校", {"c.licence": False}, "成立", "“学校”指标得分率 0%，低于 80% 即成立"),
        ("per: 学校", {}, "还不知道", "“学校”指标得分率 0%–100%，低于 80% 即成立"),
        ("per: 公寓楼", {}, "不成立", "“公寓楼”指标全部缺项"),
        (
            "section: a",
            {"c.licence": True, "c.faults": 0, "c.gas": True, "c.share": "10%"},
            "不成立",
            "分区“甲区”得分率 80%，低于 80% 即成立",
        ),
        (
            "section: a",
            {"c.licence": True, "c.faults": 2, "c.gas": False},
            "成立",
            "分区“甲区”得分率 75%，低于 80% 即成立",
        ),
    ],
)
def test_a_share_earned_can_overrule(test: str, answers: dict[str, Any], state: str, sentence: str) -> None:
    veto = f"- {{id: v, title: 管理层面, when_result: {{{test}, less_than: 80%}}}}\n"
    assert told(judged(veto, answers)) == (state, sentence)


def test_a_list_of_facts_minds_what_is_earned_on_the_way() -> None:
    ways = {one.outcome: set(one.facts) for one in settling(judged(KEYS, {"c.gas": False})).ways}
    assert ways["good"] == {"c.licence", "c.faults"}


def test_a_floor_counts_only_what_applies() -> None:
    """Half of the eight points that apply are enough, although they are not half of ten."""
    answers = {"c.licence": True, "c.faults": 4, "c.gas": False}
    found = judged(LINE, answers | {"c.kind": "自营"})
    assert ("fair", "甲区过半", True) in found.outcome.demands
    assert found.outcome.settled == "fair"
    found = judged(LINE, {"c.kind": "自营", "c.licence": False, "c.faults": 1, "c.gas": False})
    assert ("fair", "甲区过半", False) in found.outcome.demands


CURED = "- {id: v, title: 未整改, when_result: {keys_missed_at_least: 1}, when: {c.kind: {none_of: [委托]}}, effect: {drop: 2}}\n".replace(
    "委托", "托管"
)


@pytest.mark.parametrize(
    ("answers", "state", "sentence", "grade"),
    [
        (
            {"c.licence": False, "c.faults": 0, "c.kind": "自营"},
            "成立",
            "关键项不符 1 项（“计划”），达到 1 项即成立；经营方式为“自营”",
            "none",
        ),
        ({"c.licence": False, "c.faults": 0, "c.kind": "托管"}, "不成立", "经营方式为“托管”", "fair"),
        (
            {"c.licence": False, "c.faults": 0},
            "还不知道",
            "关键项不符 1 项（“计划”），达到 1 项即成立",
            None,
        ),
        (
            {"c.licence": True, "c.faults": 0},
            "不成立",
            "关键项不符 0 项，达到 1 项即成立",
            "good",
        ),
    ],
)
def test_what_was_earned_and_a_fact_may_both_be_asked(
    answers: dict[str, Any], state: str, sentence: str, grade: str | None
) -> None:
    found = judged(CURED, answers | {"c.gas": False})
    assert told(found) == (state, sentence)
    assert found.outcome.settled == grade


def test_a_list_of_facts_does_not_forget_what_was_earned() -> None:
    ways = {
        one.outcome: set(one.facts)
        for one in settling(judged(CURED, {"c.gas": False, "c.kind": "自营"})).ways
    }
    assert ways["good"] == {"c.licence", "c.faults"}
    assert "fair" not in ways


def test_a_key_item_may_have_a_line_of_its_own() -> None:
    section = SECTION.replace(
        "points: 4, key: true, score: {deduct", "points: 4, key: true, key_met_at: 100%, score: {deduct"
    )
    found = card(edition(section, GRADES + HEAD + KEYS), {"c.licence": False, "c.faults": 1})
    assert told(found)[1].startswith("关键项不符 2 项")


def test_a_figure_that_nobody_set_is_named_as_what_is_missing() -> None:
    veto = "- {id: v, title: 超过限额, when: {c.staff: {more_than: limit.staff}}}\n"
    own = "parameters: [{id: limit.staff, title: 人数限额, values: [{value: 3, region: 中央}]}]\n"
    found = card(edition(SECTION, GRADES + HEAD + veto + own), SETTLED | {"c.staff": 5}, region="安徽")
    assert told(found) == ("还不知道", "“人数限额”这个地区和日期没有规定的数值")

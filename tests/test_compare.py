"""Two editions side by side: every difference is told once, and the same edition has none."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.compare import SORTS, UNTOLD, compare
from engine.load import load_texts
from tests import small, tiny

FIRST = """indicators:
- {id: rate, title: 培训, points: 6, score: {linear: c.rate, from: ["0%", 0], to: ["100%", 6]}}
- {id: licence, title: 证照, points: 4, score: [{points: 4, when: {c.licence: true}}]}
"""
SECOND = """indicators:
- {id: rate, title: 培训合格, points: 5, fix: 组织补考, score: {linear: c.rate, from: ["0%", 0], to: ["100%", 5]}}
- {id: gas, title: 燃气, points: 5, score: [{points: 5, when: {c.gas: false}}]}
"""
GRADES = "grades: [{id: good, title: 良好, at_least: %s}]\n"
VETO = "vetoes: [{id: v, title: 托管, when: {c.kind: 托管}, effect: deny}]\n"
INCIDENT = "incidents: [{id: told, title: 通报, each: c.faults, points: 1}]\n"
"""Asks a fact that stands under no item."""


def both(first, second, head="", later_head=""):
    """Return the changes from one edition of the tiny standard to another."""
    before = tiny.files(first, head)
    after = {
        name.replace("rules/t/1/", "rules/t/2/"): text.replace(b"edition: '1'", b"edition: '2'")
        for name, text in tiny.files(second, later_head).items()
    }
    library, problems = load_texts(before | after)
    assert [str(one) for one in problems] == []
    return compare(library, library.editions["t", "1"], library.editions["t", "2"])


def told(changes):
    return {
        (one.kind, one.sort, one.id): {each.label: (each.before, each.after) for each in one.differences}
        for one in changes
    }


def test_the_same_rules_are_no_change() -> None:
    assert both(FIRST, FIRST) == ()


def test_what_was_added_removed_and_changed_is_told() -> None:
    found = told(both(FIRST, SECOND, GRADES % 8, GRADES % 9 + VETO))
    assert found["changed", "indicator", "rate"]["名称"] == ("培训", "培训合格")
    assert found["changed", "indicator", "rate"]["分值"] == ("6", "5")
    assert found["changed", "indicator", "rate"]["失分怎么办"] == (None, "组织补考")
    assert "计分" in found["changed", "indicator", "rate"]
    assert found["added", "indicator", "gas"]["分值"] == (None, "5")
    assert found["removed", "indicator", "licence"]["分值"] == ("4", None)
    assert found["changed", "grade", "good"] == {"分数线": ("不低于 8 分", "不低于 9 分")}
    assert found["added", "veto", "v"]["后果"] == (None, "不予评定")
    assert set(found) >= {("added", "question", "c.gas"), ("removed", "question", "c.licence")}


def test_a_question_that_stands_under_no_item_is_told_as_well() -> None:
    found = told(both(FIRST, FIRST, "", INCIDENT))
    assert set(found) == {("added", "question", "c.faults"), ("changed", "standard", "t")}
    assert found["changed", "standard", "t"] == {"扣分事件": (None, "通报：每次扣 1 分")}


BONUS = """bonus:
  up_to: 2
  groups:
  - {id: b, title: 荣誉, combine: %s, indicators: [{id: plus, title: 奖, points: 2, score: [{points: 2, when: {c.gas: true}}]}]}
  - {id: d, title: 创新, up_to: 1, indicators: [{id: new, title: 新, points: 1, score: [{points: 1, when: {c.gas: true}}]}]}
"""
FIGURE = "parameters: [{id: p.limit, title: 限额, unit: 万元, values: [{value: %s, region: 安徽, from: 2024-01-01}]}]\n"
READS = "vetoes: [{id: v, title: 多, when: {c.faults: {at_least: p.limit}}, effect: deny}]\n"


@pytest.mark.parametrize(
    ("before", "after", "label", "now"),
    [
        (
            BONUS % "add",
            BONUS % "highest",
            "附加分",
            "最多 2 分\n荣誉：取最高的一项\n创新：各项相加，最多 1 分",
        ),
        (
            FIGURE % 100 + READS,
            FIGURE % 200 + READS,
            "随日期、地区变化的数",
            "限额：200万元（安徽，2024-01-01–）",
        ),
        ("", "total_cap: 9", "总分上限", "9"),
        (
            "",
            "raters: {panel: {at_least: 3}, final: {self: 20%, panel: 80%}}",
            "各方评分",
            "自评 20%，评审组 80%，至少 3 位专家",
        ),
        ("", "rounding: {total: 1}", "其他", UNTOLD.after),
    ],
)
def test_what_holds_for_the_whole_is_told(before, after, label, now) -> None:
    found = told(both(FIRST, FIRST, before, after))["changed", "standard", "t"]
    assert found[label][1] == now


def test_what_no_words_tell_is_not_passed_over() -> None:
    wider = VETO.replace("effect: deny", "effect: deny, scope: all")
    assert told(both(FIRST, FIRST, VETO, wider)) == {
        ("changed", "veto", "v"): {UNTOLD.label: (UNTOLD.before, UNTOLD.after)}
    }


def test_another_example_is_no_other_rule() -> None:
    other = FIRST.replace(
        "points: 4, score", "points: 4, examples: [{given: {c.licence: true}, gives: 4}], score"
    )
    assert both(FIRST, other) == ()


def test_what_is_added_one_way_is_removed_the_other_way() -> None:
    there, back = told(both(FIRST, SECOND)), told(both(SECOND, FIRST))
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(turned[kind], sort, name) for kind, sort, name in there} == set(back)
    for (kind, sort, name), differences in there.items():
        swapped = {label: (after, before) for label, (before, after) in differences.items()}
        assert back[turned[kind], sort, name] == swapped


def test_the_order_of_keys_and_comments_are_no_change() -> None:
    shuffled = """# the same
indicators:
- {title: 培训, points: 6, id: rate, score: {from: ["0%", 0], to: ["100%", 6], linear: c.rate}}
- {points: 4, title: 证照, id: licence, score: [{points: 4, when: {c.licence: true}}]}
"""
    assert both(FIRST, shuffled) == ()


@pytest.mark.parametrize("sort", SORTS)
def test_differences_come_in_their_order(sort) -> None:
    order = [one.sort for one in both(FIRST, SECOND, GRADES % 8, GRADES % 9 + VETO)]
    assert order == sorted(order, key=SORTS.index)
    assert sort in SORTS


@settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
@given(small.standards(), st.data())
def test_an_edition_does_not_differ_from_itself(made, data) -> None:
    library, _ = load_texts({name: text.encode() for name, text in made.files.items()})
    edition = library.editions["small", "1"]
    assert compare(library, edition, edition) == ()


def test_what_a_rule_rests_on_is_told_with_its_source():
    source = "sources: [{id: law, title: 某法, number: 第 1 号, grade: A}]"
    cited = FIRST.replace(
        "when: {c.licence: true}}]",
        "when: {c.licence: true}}], basis: [{source: law, article: 第 3 条, covers: [item, points], provenance: sourced, note: 原文, verify: true}]",
    )
    files = tiny.files(FIRST) | {"rules/sources.yaml": source.encode()}
    files |= {
        name.replace("rules/t/1/", "rules/t/2/"): text.replace(b"edition: '1'", b"edition: '2'")
        for name, text in tiny.files(cited).items()
    }
    library, problems = load_texts(files)
    assert [str(one) for one in problems] == []
    (change,) = compare(library, library.editions["t", "1"], library.editions["t", "2"])
    (difference,) = change.differences
    assert difference.before is None
    assert difference.after == "【原文所载】 某法 第 3 条 项目、分值 原文 待核对"

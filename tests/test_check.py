"""What the checker makes of a whole library: sums from below, examples in their own scale, grades, what nobody uses."""

import pytest
from gallery import (
    BASE,
    BASICS,
    CHECKLIST,
    FOOD,
    LICENCE,
    STANDARD,
    edition_of,
    mistaken,
    problems_of,
    said_of,
    with_edits,
)

from engine.check import check, statistics
from engine.load import load_texts


def test_sum_that_is_off_is_told_at_the_lowest_level_only():
    (said,) = problems_of(with_edits((BASICS, "title: 人员\n  points: 6", "title: 人员\n  points: 7")))
    assert str(said.place) == f"{BASICS}:22:11"


def test_examples_wait_until_the_rule_is_sound():
    dead = "[{points: 4, when: {canteen.licence: true}}, {points: 2, when: {canteen.licence: true}}]"
    (said,) = said_of(
        (BASICS, LICENCE, f"score: {dead}"),
        (BASICS, "canteen.kind: 自营}, gives: 0}", "canteen.kind: 自营}, gives: 1}"),
    )
    assert "永远不成立" in said


@pytest.mark.parametrize(
    ("given", "gives"),
    [
        ("{canteen.licence: {value: true, evidence: [许可证], note: 原件}, canteen.kind: 自营}", "4"),
        ("{canteen.licence: , canteen.kind: 自营}", "[0, 4]"),
        ("{canteen.kind: 委托}", "absent"),
    ],
)
def test_example_may_give_answers_with_evidence_or_leave_them_open(given, gives):
    old = "{given: {canteen.licence: true, canteen.kind: 自营}, gives: 4}"
    assert said_of((BASICS, old, f"{{given: {given}, gives: {gives}}}")) == []


def test_example_of_an_absence_that_is_claimed():
    claimed = (FOOD, "  fix: 多检查\n", "  fix: 多检查\n  absent: full\n")
    assert said_of(claimed, (FOOD, "{given: {}, gives: [0, 3]}", "{given: {}, gives: absent}")) == []
    (said,) = said_of((FOOD, "{given: {}, gives: [0, 3]}", "{given: {}, gives: absent}"))
    assert said.startswith("指标 checks 的例子 2 写的是缺项，按规则是 0–3 分。")


def test_example_stands_on_a_day_and_in_a_place_of_its_own():
    given = "{given: {canteen.spent: 2000001, canteen.inspected: 2023-05-01 09:00}, gives: 0}"
    elsewhere = given.replace("gives: 0", "as_of: 2022-01-01, region: 合肥, gives: 1")
    assert said_of((FOOD, given, elsewhere)) == []


@pytest.mark.parametrize(
    ("old", "new", "reached"),
    [
        ("at_least: 18", "more_than: 22", False),
        ("at_least: 18", "at_least: 22", True),
        ("at_least: 18", "more_than: 21.99", True),
        ("total: 20\n", "total: 20\ntotal_cap: 17\n", False),
        ("more_than: 12", "at_least: 18", False),
        ("more_than: 12", "more_than: 17.99", False),
        ("more_than: 12", "at_least: 17.99", True),
    ],
)
def test_grade_is_reached_by_the_line_it_states(old, new, reached):
    assert (said_of((STANDARD, old, new)) == []) is reached


def test_keys_and_their_requirement_come_in_pairs():
    assert (
        said_of(
            (BASICS, "    key: true\n", ""),
            (STANDARD, "  - {title: 关键项全符, keys_missed_at_most: 0}\n", ""),
        )
        == []
    )
    (said,) = problems_of(with_edits((BASICS, "    key: true\n", "")))
    assert said.severity == "notice"


def test_limit_that_can_be_reached_is_left_alone():
    limited = "{parts: [{each: canteen.recent_checks, points: 1}, {each: canteen.recent_checks, points: 2}], up_to: 3}"
    assert said_of((FOOD, "{each: canteen.recent_checks, points: 1, up_to: 3}", limited)) == []


def test_library_without_standards_has_nothing_unused():
    library, problems = load_texts({CHECKLIST: BASE[CHECKLIST]})
    assert problems == check(library) == []


def test_bonus_group_without_a_limit_counts_what_its_items_are_worth():
    assert said_of((STANDARD, "    title: 荣誉\n    up_to: 2\n", "    title: 荣誉\n")) == []


def test_statistics_count_what_is_there():
    seen = statistics(edition_of())
    assert (seen["standard"], seen["points"], seen["indicators"], seen["bonus"], seen["vetoes"]) == (
        "canteen",
        "20",
        7,
        1,
        1,
    )
    assert seen["facts"] == 12
    assert seen["sections"][0] == {"id": "basics", "title": "基础条件", "points": "10", "indicators": 3}


def test_standards_are_checked_each_by_itself():
    twin = mistaken(
        {
            "rules/canteen/2025/standard.yaml": BASE[STANDARD]
            .decode()
            .replace("edition: 2024", "edition: 2025")
            .replace("total: 20", "total: 21")
            .replace("[1-basics.yaml, 2-food.yaml]", "[../2024/1-basics.yaml, ../2024/2-food.yaml]")
        }
    )
    (said,) = problems_of(twin)
    assert said.place.file == "rules/canteen/2025/standard.yaml"

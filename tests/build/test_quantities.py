"""What derived facts are worth, worked out by hand."""

from fractions import Fraction

import pytest
from gallery import CHECKLIST, STANDARD, edition_of, holds, said_of

from engine.load import load_texts
from tests.tiny import FACTS, card, edition, span

STAFF = {"canteen.staff": 8, "canteen.trained": 6, "canteen.complaints": 3}
DAYS = {"canteen.opened": "2024-02-08"}
CHECKS = {
    "canteen.checks": [
        {"day": "2024-06-01", "score": 90, "passed": True, "by": "学校"},
        {"day": "2024-01-15", "score": 70, "passed": False, "by": "协会"},
        {"day": "2022-01-15", "score": 80, "passed": True, "by": "学校"},
    ]
}


@pytest.mark.parametrize(
    ("derive", "value", "answers"),
    [
        ("sum: [canteen.staff, canteen.trained, 0.5]", "14.5", STAFF),
        ("sum: [canteen.trained_rate, 1]", "1.75", STAFF),
        ("sum: [canteen.trained_rate, canteen.trained_rate]", "1.5", STAFF),
        ("difference: [canteen.staff, canteen.trained]", "2", STAFF),
        ("difference: [canteen.opened, 2024-02-01]", "7", DAYS),
        ("difference: [canteen.inspected, canteen.inspected]", "0", {"canteen.inspected": "2024-01-01 08:00"}),
        ("times: [canteen.staff, 0.25]", "2", STAFF),
        ("times: [-1, canteen.staff]", "-8", STAFF),
        ("times: [canteen.staff, canteen.trained]", "48", STAFF),
        ("ratio: [canteen.trained, canteen.staff]", "75%", STAFF),
        ("ratio: [canteen.trained_rate, 3]", "25%", STAFF),
        ("ratio: [canteen.trained_rate, canteen.staff]", "9.375%", STAFF),
        ("times: [3, {ratio: [canteen.staff, canteen.trained_rate]}]", "32", STAFF),
        ("ratio: [canteen.staff, -2]", "-4", STAFF),
        ("mean: [canteen.staff, canteen.trained]", "7", STAFF),
        ("least: [canteen.staff, canteen.trained, 7]", "6", STAFF),
        ("greatest: [canteen.opened, 2024-02-01]", "2024-02-08", DAYS),
        ("days: [2024-02-01, canteen.opened]", "7", DAYS),
        ("workdays: [2024-02-01, canteen.opened]", "6", DAYS),
        ("workdays_with_start: [2024-02-01, canteen.opened]", "7", DAYS),
        ("date_of: canteen.inspected", "2024-01-01", {"canteen.inspected": "2024-01-01 23:59"}),
        ("deadline: {from: canteen.opened, days: 3}", "2024-02-18", DAYS),
        ("deadline: {from: canteen.opened, days: 3, roll: false}", "2024-02-11", DAYS),
        ("deadline: {from: canteen.opened, workdays: 1}", "2024-02-09", DAYS),
        ("times: [11, {weighted_mean: [{value: 100, weight: canteen.staff}, {value: 50, weight: canteen.complaints}]}]", "950", STAFF),
        ("count: [{canteen.licence: true}]", "1", {"canteen.licence": True}),
        ("count: [{canteen.staff: {equals: 1}}, {canteen.trained: {equals: 1}}]", "0", STAFF),
        ("count: [{canteen.staff: {at_least: 8}}, {canteen.licence: false}]", "2", {**STAFF, "canteen.licence": False}),
        ("choose: [{when: {canteen.staff: {more_than: 8}}, value: 1}, {value: {sum: [canteen.staff, 1]}}]", "9", STAFF),
        ("choose: [{when: {canteen.staff: 8}, value: 2024-01-01}, {value: 2025-01-01}]", "2024-01-01", STAFF),
        ("count: {table: canteen.checks}", "3", CHECKS),
        ("count: {table: canteen.checks, where: {by: 学校, score: {at_least: 85}}}", "1", CHECKS),
        ("count: {table: canteen.checks, column: by, distinct: true}", "2", CHECKS),
        ("count: {table: canteen.checks, months: 12, day: day}", "2", CHECKS),
        ("share: {table: canteen.checks, where: {passed: true}, of: {by: 学校}}", "1", CHECKS),
        ("sum: {table: canteen.checks, column: score}", "240", CHECKS),
        ("mean: {table: canteen.checks, column: score, months: 12, day: day}", "80", CHECKS),
        ("least: {table: canteen.checks, column: score, rank: 2}", "80", CHECKS),
        ("times: [240, {weighted_mean: {table: canteen.checks, column: score, weight: score}}]", "19400", CHECKS),
        ("months_covered: {table: canteen.checks, column: day, months: 12}", "2", CHECKS),
        ("latest: {table: canteen.checks, column: day}", "2024-06-01", CHECKS),
    ],
)  # fmt: skip
def test_derived_fact_is_worth(derive, value, answers):
    assert holds(f"{{canteen.made: {{equals: {value}}}}}", answers, derive) is True
    assert holds(f"{{canteen.made: {{at_least: {value}, at_most: {value}}}}}", answers, derive) is True
    assert holds(f"{{canteen.made: {{more_than: {value}}}}}", answers, derive) is False


@pytest.mark.parametrize(
    ("derive", "kind", "unit"),
    [
        ("ratio: [canteen.trained, canteen.staff]", "percent", ""),
        ("ratio: [canteen.spent, canteen.staff], unit: 元/人", "number", "元/人"),
        ("sum: [canteen.spent, 1]", "money", "元"),
        ("count: {table: canteen.checks}", "number", "行"),
        ("share: {table: canteen.checks, where: {passed: true}}", "percent", ""),
        ("days: [2024-02-01, canteen.opened]", "number", "天"),
        ("difference: [canteen.inspected, canteen.inspected]", "number", "分钟"),
        ("latest: {table: canteen.checks, column: day}", "date", ""),
        ("choose: [{value: 2024-01-01}]", "date", ""),
        ("least: [canteen.opened, 2024-01-01]", "date", ""),
    ],
)
def test_derived_fact_knows_its_kind_and_unit(derive, kind, unit):
    made = edition_of((STANDARD, "derive:\n", f"derive:\n- {{id: canteen.made, title: 算得, {derive}}}\n"))
    quantity = made.words.quantities["canteen.made"]
    assert (quantity.kind, quantity.unit) == (kind, unit)


@pytest.mark.parametrize(("spent", "over"), [(2_000_000, False), ("2,000,000.01", True)])
def test_figure_of_the_law_is_that_of_the_day(spent, over):
    assert holds("{canteen.spent: {more_than: limit.spending}}", {"canteen.spent": spent}) is over


def test_derived_facts_that_speak_of_each_other_in_a_long_circle_are_told_once():
    ring = "".join(
        f"- {{id: canteen.r{n}, title: 环{n}, sum: [canteen.r{(n + 1) % 5}, 1]}}\n" for n in range(5)
    )
    (said,) = said_of((STANDARD, "derive:\n", f"derive:\n{ring}"))
    assert "canteen.r0 → canteen.r1 → canteen.r2 → canteen.r3 → canteen.r4 → canteen.r0" in said


def test_parameter_may_go_round_in_a_circle_too():
    own = (
        "parameters: [{id: limit.own, title: 限额, by: canteen.made, values: [{value: 1}]}]\nderive:\n"
        "- {id: canteen.made, title: 算得, deadline: {from: canteen.opened, days: 1}}\n"
        "- {id: canteen.other, title: 又算, choose: [{when: {canteen.staff: {more_than: limit.own}}, value: 1}, {value: 2}]}\n"
    )
    assert said_of((STANDARD, "derive:\n", own)) == []
    (said,) = said_of((STANDARD, "derive:\n", own.replace("from: canteen.opened", "from: limit.own")))
    assert "绕成了一圈：limit.own → canteen.made → limit.own" in said


def test_mistake_below_is_told_where_it_is_made_and_not_by_all_who_use_it():
    said = said_of(
        (CHECKLIST, "ratio: [canteen.trained, canteen.staff]", "ratio: [canteen.trained, canteen.stuff]"),
        (
            STANDARD,
            "difference: [canteen.staff, canteen.trained]",
            "choose: [{when: {canteen.licence: true}, value: canteen.trained_rate}, {value: 1}]",
        ),
    )
    assert [message.split(" ")[1] for message in said] == ["canteen.trained_rate"]


def test_mistake_in_a_branch_of_a_choice_is_told_once():
    choose = "choose: [{when: {canteen.licence: 3}, value: 1}, {value: canteen.nothing}]"
    said = said_of((STANDARD, "difference: [canteen.staff, canteen.trained]", choose))
    assert len(said) == 1


@pytest.mark.parametrize(
    "edit",
    [
        (CHECKLIST, "answer: yes_no, evidence", "answer: {unit: 个}, evidence"),
        (CHECKLIST, "passed: yes_no", "passed: {unit: 个}"),
    ],
)
def test_fact_without_a_type_is_told_once_however_often_it_is_used(edit):
    assert len(said_of(edit)) == 1


def test_vocabulary_of_one_standard_is_not_that_of_another():
    own = "parameters: [{id: limit.own, title: 限额, values: [{value: 1}]}]\nderive:\n"
    edition = edition_of((STANDARD, "derive:\n", own))
    assert "limit.own" in edition.words.defined
    library, _ = load_texts({})
    assert "limit.own" not in library.words.defined


def test_two_computed_numbers_of_one_rule_stay_apart() -> None:
    """Comparing two ratios computes both; products in nested parts compute two more."""
    section = """indicators:
- {id: one, title: 甲项, points: 5, score: [{points: 5, when: {c.rate: {at_least: c.other}}}]}
- id: two
  title: 乙项
  points: 5
  score:
    parts:
    - {parts: [{each: {times: [c.staff, c.staff]}, points: 0.1}]}
    - {parts: [{each: {times: [c.faults, c.faults]}, points: 0.1}]}
    up_to: 5
"""
    of = edition(section, facts=FACTS + "- {id: c.other, title: 问题比例, ratio: [c.faults, c.staff]}\n")
    found = card(of, {"c.staff": 4, "c.passed": 2, "c.faults": 3})
    assert span(found, "one") == (0, 0)
    assert span(found, "two") == (Fraction("2.5"), Fraction("2.5"))
    assert span(card(of, {"c.staff": 4, "c.passed": 3, "c.faults": 3}), "one") == (5, 5)

"""What facts may be, and how bounds tie them to each other."""

import pytest
from gallery import CHECKLIST, edition_of, holds, mistaken, problems_of, said_of

from engine.domain import FAR, FIRST_DAY, LAST_DAY


def made(answer, name="canteen.made"):
    words = edition_of(
        (CHECKLIST, "derive:\n", f"- {{id: canteen.made, ask: 多少, answer: {answer}}}\nderive:\n")
    ).words
    domain = words.domains[name]
    return domain.options or (domain.low, domain.high)


@pytest.mark.parametrize(
    ("answer", "range_"),
    [
        ("yes_no", (0, 1)),
        ("integer", (0, FAR)),
        ("{integer: , unit: 人}", (0, FAR)),
        ("{integer: {at_least: -5, at_most: 5}}", (-5, 5)),
        ("number", (0, FAR * 100)),
        ("{number: {decimals: 0, at_most: 7}}", (0, 7)),
        ("{number: {decimals: 3, at_most: 7.125}}", (0, 7125)),
        ("percent", (0, 10_000)),
        ("{percent: {at_most: 150%, decimals: 0}}", (0, 150)),
        ("money", (0, FAR * 100)),
        ("date", (FIRST_DAY, LAST_DAY)),
        ("datetime", (FIRST_DAY * 1440, LAST_DAY * 1440 + 1439)),
        ("{datetime: {at_least: 1900-01-01 00:01}}", (FIRST_DAY * 1440 + 1, LAST_DAY * 1440 + 1439)),
        ("{choice: [甲, {id: b, title: 乙}]}", {"甲", "b"}),
        ("{integer: {at_most: canteen.staff}}", (0, 200)),
        ("{integer: {at_most: canteen.trained}}", (0, FAR)),
        ("{number: {at_most: canteen.staff}}", (0, 20_000)),
        ("{integer: {at_least: canteen.staff}}", (0, FAR)),
        ("{integer: {at_least: 300, at_most: 400}}", (300, 400)),
    ],
)
def test_range_counts_in_the_smallest_step_of_the_answer(answer, range_):
    assert made(answer) == range_


def test_options_of_several_are_each_chosen_or_not():
    assert made("{choices: [甲, 乙]}", "canteen.made#甲") == (0, 1)


def test_bound_that_another_fact_sets_holds_while_both_are_open():
    assert holds("{canteen.untrained: {at_least: 0}}", {}) is True
    assert holds("{canteen.untrained: {at_least: 150}}", {"canteen.trained": 51}) is False


def test_facts_may_share_a_bound_and_name_it_from_both_sides():
    facts = (
        "- {id: canteen.lower, ask: 低, answer: {integer: {at_most: canteen.upper}}}\n"
        "- {id: canteen.upper, ask: 高, answer: {integer: {at_least: canteen.lower, at_most: canteen.staff}}}\n"
    )
    assert {message.split(" ")[0] for message in said_of((CHECKLIST, "derive:\n", f"{facts}derive:\n"))} == {
        "事实"
    }


def test_every_circle_of_bounds_is_told_once():
    ring = "".join(
        f"- {{id: canteen.r{n}, ask: 环{n}, answer: {{integer: {{at_most: canteen.r{(n + 1) % 3}, at_least: canteen.low}}}}}}\n"
        for n in range(3)
    )
    low = "- {id: canteen.low, ask: 低, answer: integer}\n"
    (said,) = said_of((CHECKLIST, "derive:\n", f"{ring}{low}derive:\n"))
    assert "canteen.r0 ≤ canteen.r1 ≤ canteen.r2 ≤ canteen.r0" in said


def test_what_the_reader_said_of_a_range_is_not_said_again():
    (said,) = said_of((CHECKLIST, "{at_least: 1990-01-01}", "{at_least: 12:30}"))
    assert "六十进制" in said


def test_moment_of_another_part_of_the_world_is_none_of_ours():
    (said,) = said_of(
        (CHECKLIST, "answer: datetime", "answer: {datetime: {at_least: 2024-01-01 08:00+09:00}}")
    )
    assert said.startswith("canteen.inspected 的范围写了 2024-01-01 08:00+09:00，不是日期。")


def test_nobody_says_what_is_missing_while_a_checklist_cannot_be_read():
    bound = (CHECKLIST, "at_most: canteen.staff}", "at_most: other.staff}")
    assert len(said_of(bound)) == 1
    files = mistaken(
        {CHECKLIST: [{"replace": bound[1], "with": bound[2]}], "checklists/other.yaml": "checklist: 1\n"}
    )
    assert [problem.place.file for problem in problems_of(files)] == ["checklists/other.yaml"]

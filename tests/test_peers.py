"""What other scoring programs get wrong, each with its own test."""

from fractions import Fraction
from typing import Any

import pytest

from engine.answers import Stated
from engine.build.edition import Edition
from engine.document import scorecard_document
from engine.judge import Scorecard, judge
from engine.layers import layered
from engine.load import load_texts
from engine.models.submission import Given, Review, Subject, Submission
from engine.rollup import roll_up
from engine.strict_yaml import read_yaml
from engine.verify import verify

FACTS = """
checklist: {id: c, title: 清单, desk: 办公室}
facts:
- {id: c.a, ask: 甲分, answer: {number: {at_most: 1000}}}
- {id: c.b, ask: 乙分, answer: {number: {at_most: 1000}}}
- {id: c.na, ask: 没有乙项业务, answer: yes_no}
- {id: c.diners, ask: 就餐人数, answer: {integer: {}, unit: 人}}
- {id: c.satisfied, ask: 满意票, answer: {integer: {}, unit: 票}}
- {id: c.unsatisfied, ask: 不满意票, answer: {integer: {}, unit: 票}}
- {id: c.abstained, ask: 弃权票, answer: {integer: {}, unit: 票}}
derive:
- {id: c.votes, title: 收回票数, sum: [c.satisfied, c.unsatisfied, c.abstained]}
- {id: c.satisfaction, title: 满意率, ratio: [c.satisfied, c.votes]}
- id: c.blend
  title: 加权平均分
  weighted_mean: [{value: c.a, weight: 0}, {value: c.b, weight: 0.5}, {value: c.b, weight: 0.5}]
"""

STANDARD = """
id: t
edition: '1'
title: 试行标准
status: draft
per: 食堂
total: 100
sections: [1-a.yaml]
grades: [{id: good, title: 良好, at_least: 80}, {id: fair, title: 达标, more_than: 60}]
"""

SECTION = """
section: {id: a, title: 甲区, points: 100}
indicators:
- {id: one, title: 甲项, points: 50, score: {linear: c.a, from: [0, 0], to: [50, 50]}}
- id: two
  title: 乙项
  points: 50
  score: {linear: c.b, from: [0, 0], to: [50, 50]}
  applies_when: {c.na: false}
  absent: exclude
"""


def edition(standard: str = STANDARD, section: str = SECTION, facts: str = FACTS) -> Edition:
    """Build the one edition of a few lines of YAML."""
    files = {"checklists/c.yaml": facts, "rules/t/1/standard.yaml": standard, "rules/t/1/1-a.yaml": section}
    library, problems = load_texts({name: text.encode() for name, text in files.items()})
    assert [str(problem) for problem in problems] == []
    return library.editions["t", "1"]


def card(answers: dict[str, Any], of: Edition | None = None, **stated: Any) -> Scorecard:
    """Judge answers."""
    given = {name: Given(value=value) for name, value in answers.items()}
    return judge(
        of or edition(), Stated(given, stated.get("judged", {}), stated.get("claims", {}), "2024-06-30")
    )


def ends(found: Scorecard) -> tuple[Fraction, Fraction]:
    """Return the interval of a total in points."""
    return Fraction(found.low, found.edition.per_point), Fraction(found.high, found.edition.per_point)


def test_weight_zero_is_zero_not_one() -> None:
    section = "section: {id: a, title: 甲区, points: 100}\nindicators:\n- {id: one, title: 甲项, points: 100, score: {linear: c.blend, from: [0, 0], to: [100, 100]}}\n"
    assert ends(card({"c.a": 100, "c.b": 40}, edition(section=section))) == (40, 40)


def test_screen_and_report_add_up_the_same() -> None:
    found = card({"c.a": 33.33, "c.b": 41.07, "c.na": False})
    document = scorecard_document(found, Subject(id="s", title="某食堂", kind="食堂"))
    assert document["total"] == {"low": "74.4", "high": "74.4"}
    assert sum(Fraction(section["low"]) for section in document["sections"]) == Fraction("74.4")
    assert verify(document) == []


def test_marking_a_perfect_item_absent_does_not_raise_the_total() -> None:
    perfect = card({"c.a": 40, "c.b": 50, "c.na": False})
    absent = card({"c.a": 40, "c.b": 50, "c.na": True})
    assert ends(perfect) == (90, 90)
    assert ends(absent) == (80, 80)


def test_one_answer_of_many_is_not_a_hundred_percent() -> None:
    found = card({"c.a": 50})
    assert ends(found) == (50, 100)
    assert (len(found.answered), len(found.edition.facts)) == (1, 3)
    assert found.outcome.possible == ("good", "fair", "none")


@pytest.mark.parametrize(
    ("stated", "points"), [("0.005", "0.01"), ("0.004", "0"), ("49.995", "50"), ("49.994", "49.99")]
)
def test_points_are_rounded_half_up_not_cut(stated: str, points: str) -> None:
    finer = FACTS.replace(
        "ask: 甲分, answer: {number: {at_most: 1000}}",
        "ask: 甲分, answer: {number: {at_most: 1000, decimals: 3}}",
    )
    assert ends(card({"c.a": stated, "c.b": 0, "c.na": False}, edition(facts=finer)))[0] == Fraction(points)


def test_unanswered_is_not_the_minimum() -> None:
    assert ends(card({"c.b": 10, "c.na": False})) == (10, 60)


def test_a_new_edition_leaves_finished_results_alone() -> None:
    answers = {"c.a": 50, "c.b": 30, "c.na": False}
    old = edition()
    before = scorecard_document(card(answers, old), Subject(id="s", title="某食堂", kind="食堂"))
    files = {
        "checklists/c.yaml": FACTS,
        "rules/t/1/standard.yaml": STANDARD,
        "rules/t/1/1-a.yaml": SECTION,
        "rules/t/2/standard.yaml": STANDARD.replace("'1'", "'2'"),
        "rules/t/2/1-a.yaml": SECTION.replace("[50, 50]", "[100, 50]"),
    }
    library, problems = load_texts({name: text.encode() for name, text in files.items()})
    assert problems == []
    again = scorecard_document(
        card(answers, library.editions["t", "1"]), Subject(id="s", title="某食堂", kind="食堂")
    )
    assert again == before
    assert library.editions["t", "2"].hash != old.hash


def test_an_answer_the_edition_does_not_know_is_told_not_dropped_in_silence() -> None:
    found = card({"c.a": 50, "c.b": 30, "c.na": False, "c.diner": 3})
    assert ends(found) == (80, 80)
    assert [problem.code for problem in found.problems] == ["unknown-fact"]
    assert "c.diner" in found.stated.answers


def test_self_and_inspector_stay_apart() -> None:
    stated = Stated(
        {"c.a": Given(value=50), "c.b": Given(value=50), "c.na": Given(value=False)}, {}, {}, "2024-06-30"
    )
    review = Review.model_validate(
        {
            "inspector": "专家甲",
            "standard": "t",
            "edition": "1",
            "subject": "s",
            "findings": {"one": {"verdict": "adjust", "points": 10, "reason": "台账缺页"}},
        }
    )
    layers = layered(edition(), stated, [review])
    assert ends(layers.self) == (100, 100)
    assert ends(layers.inspectors[0][1]) == (60, 60)
    assert layers.final is not None
    assert ends(layers.final) == (60, 60)


def test_all_absent_passes_nothing() -> None:
    section = SECTION.replace("[50, 50]}}\n", "[50, 50]}, applies_when: {c.na: false}, absent: exclude}\n", 1)
    found = card({"c.a": 50, "c.b": 50, "c.na": True}, edition(section=section))
    assert found.outcome.possible == ("none",)
    assert found.sum.counts is False


def test_a_group_worth_nothing_is_refused() -> None:
    files = {
        "checklists/c.yaml": FACTS,
        "rules/t/1/standard.yaml": STANDARD,
        "rules/t/1/1-a.yaml": SECTION.replace("points: 50", "points: 0", 1),
    }
    _, problems = load_texts({name: text.encode() for name, text in files.items()})
    assert [str(problem) for problem in problems] == [
        "rules/t/1/1-a.yaml:4:32 “points”写了 0，应大于 0。请改正。"
    ]


def test_a_subject_with_weight_zero_does_not_move_the_mean() -> None:
    standard = STANDARD + "roll_up: {per: 食堂, whole: 学校, weight: c.diners}\n"
    submission = Submission.model_validate(
        {
            "standard": "t",
            "edition": "1",
            "as_of": "2024-06-30",
            "origin": "invented",
            "subject": {"id": "s", "title": "某校", "kind": "学校"},
            "answers": {"c.na": False},
            "units": [
                {
                    "subject": {"id": "c1", "title": "一", "kind": "食堂"},
                    "answers": {"c.a": 50, "c.b": 40, "c.diners": 100},
                },
                {
                    "subject": {"id": "c2", "title": "二", "kind": "食堂"},
                    "answers": {"c.a": 0, "c.b": 0, "c.diners": 0},
                },
            ],
        }
    )
    assert roll_up(edition(standard), submission).weighted_mean == (90, 90)


def test_equal_scores_keep_their_own_weights() -> None:
    facts = (
        FACTS
        + "- {id: c.mix, title: 两方平均, weighted_mean: [{value: c.a, weight: 0.2}, {value: c.b, weight: 0.8}]}\n"
    )
    section = "section: {id: a, title: 甲区, points: 100}\nindicators:\n- {id: one, title: 甲项, points: 100, score: {linear: c.mix, from: [0, 0], to: [100, 100]}}\n"
    of = edition(section=section, facts=facts)
    assert ends(card({"c.a": 70, "c.b": 70}, of)) == (70, 70)
    assert ends(card({"c.a": 100, "c.b": 0}, of)) == (20, 20)


LINES = "\n".join(
    [
        STANDARD.split("total:", maxsplit=1)[0] + "total: 1000",
        "sections: [1-a.yaml]",
        "grades:",
        "- {id: 5A, title: 5A, at_least: 950}",
        "- {id: 4A, title: 4A, more_than: 900}",
        "- {id: 3A, title: 3A, more_than: 850}",
        "",
    ]
)
PLAIN = "section: {id: a, title: 甲区, points: 1000}\nindicators:\n- {id: one, title: 甲项, points: 1000, score: {linear: c.a, from: [0, 0], to: [1000, 1000]}}\n"


@pytest.mark.parametrize(
    ("total", "grade"),
    [
        ("950", "5A"),
        ("949.99", "4A"),
        ("900.01", "4A"),
        ("900.5", "4A"),
        ("900", "3A"),
        ("850.01", "3A"),
        ("850", "none"),
    ],
)
def test_grade_lines_neither_overlap_nor_leave_a_gap(total: str, grade: str) -> None:
    assert card({"c.a": total}, edition(LINES, PLAIN)).outcome.settled == grade


def test_the_grade_is_taken_from_the_total_that_is_printed() -> None:
    of = edition(LINES + "rounding: {total: 0.1}\n", PLAIN)
    just, below = card({"c.a": "949.95"}, of), card({"c.a": "949.94"}, of)
    assert (ends(just)[0], just.outcome.settled) == (950, "5A")
    assert (ends(below)[0], below.outcome.settled) == (Fraction("949.9"), "4A")


def test_tenths_meet_a_boundary_exactly() -> None:
    facts = FACTS.replace(
        "derive:",
        "- {id: c.p, ask: 丙分, answer: number}\nderive:\n- {id: c.three, title: 三项合计, sum: [c.a, c.b, c.p]}",
    )
    section = "section: {id: a, title: 甲区, points: 100}\nindicators:\n- {id: one, title: 甲项, points: 100, score: [{points: 100, when: {c.three: {at_least: 1}}}]}\n"
    of = edition(section=section, facts=facts)
    assert ends(card({"c.a": "0.1", "c.b": "0.2", "c.p": "0.7"}, of)) == (100, 100)
    assert ends(card({"c.a": "0.1", "c.b": "0.2", "c.p": "0.69"}, of)) == (0, 0)


def test_abstentions_stay_in_the_denominator() -> None:
    section = "section: {id: a, title: 甲区, points: 100}\nindicators:\n- {id: one, title: 甲项, points: 100, score: [{points: 100, when: {c.satisfaction: {at_least: 96.5%}}}, {points: 60, when: {c.satisfaction: {at_least: 96%}}}]}\n"
    votes = {"c.satisfied": 98, "c.unsatisfied": 3}
    assert ends(card(votes | {"c.abstained": 1}, edition(section=section))) == (60, 60)
    assert ends(card(votes, edition(section=section))) == (0, 100)


@pytest.mark.parametrize("blank", [None, ""])
def test_an_untouched_field_is_no_answer(blank: Any) -> None:
    found = card({"c.a": blank, "c.b": 50, "c.na": False})
    assert ends(found) == (50, 100)
    assert found.missing == ("c.a",)


def test_a_stated_total_is_never_taken_for_the_sum() -> None:
    document = scorecard_document(
        card({"c.a": 50, "c.b": 30, "c.na": False}), Subject(id="s", title="某食堂", kind="食堂")
    )
    document["total"] = {"low": "85", "high": "85"}
    assert verify(document) == ["总分：重算是 80 分，记的是 85 分"]


def test_yes_in_yaml_is_refused_not_guessed() -> None:
    problems = read_yaml("a: yes\nb: 012\n", "x.yaml").problems
    assert [problem.code for problem in problems] == ["truth", "octal"]

"""Computed numbers: exact when everything they read is known, a sound range while something is missing."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from engine.derive import ANYTHING, span
from engine.domain import FIRST_DAY, LAST_DAY
from engine.evaluate import worth
from tests.tiny import card, edition, item
from tests.tiny import span as span_of

FACTS = """
checklist: {id: c, title: 食堂清单, desk: 饮食中心}
facts:
- {id: c.a, ask: 甲数, answer: {integer: {at_least: 1, at_most: 4}}}
- {id: c.b, ask: 乙数, answer: {integer: {at_least: 0, at_most: 10}}}
- {id: c.low, ask: 可为负数, answer: {integer: {at_least: -3, at_most: 5}}}
- {id: c.yes, ask: 是否, answer: yes_no}
- {id: c.from, ask: 开始, answer: date}
- {id: c.at, ask: 时刻, answer: {datetime: {at_least: "2024-01-25 08:00", at_most: "2024-01-30 17:30"}}}
- {id: c.to, ask: 结束, answer: {date: {at_least: 2024-01-01, at_most: 2024-01-31}}}
- id: c.rows
  ask: 各月
  answer:
    table:
      at_least: 1
      at_most: 5
      columns: {day: date, score: {number: {at_least: 0, at_most: 100}}, ok: yes_no, kind: {choice: [甲, 乙]}, big: {integer: {at_least: -2, at_most: 3}}, share: percent}
"""
ROWS = [
    {"day": "2024-06-03", "score": 80, "ok": True, "kind": "甲", "big": 1},
    {"day": "2024-06-20", "score": 90, "ok": False, "kind": "乙", "big": 3},
    {"day": "2024-02-01", "score": 100, "ok": True, "kind": "甲", "big": -2},
]


def made(how: str, answers: dict[str, Any], extra: str = "", **stated: Any) -> Any:
    """Return what `how` is worth: a number, or the range [low, high] while it is open."""
    dated = how.startswith(("latest", "deadline"))
    score = (
        "[{points: 10, when: {c.x: {after: 2000-01-01}}}]" if dated else "{each: c.x, points: 1, up_to: 10}"
    )
    of = edition(item(score), extra, facts=f"{FACTS}derive:\n- {{id: c.x, title: 算出, {how}}}\n")
    world = card(of, answers, **stated).world
    quantity = of.words.quantities["c.x"]
    assert quantity is not None
    value = worth(quantity, world.known)
    return value if value is not None else list(span(quantity, world.known, world.domains))


@pytest.mark.parametrize(
    ("how", "answers", "value"),
    [
        ("sum: [{ratio: [c.b, c.a]}, {ratio: [c.a, c.b]}]", {"c.a": 2, "c.b": 4}, Fraction(5, 2)),
        ("sum: [{ratio: [c.b, c.a]}, {ratio: [c.b, {sum: [c.a, 1]}]}]", {"c.b": 4}, [Fraction(9, 5), 6]),
        (
            "ratio: [{ratio: [c.b, c.a]}, {ratio: [c.b, c.low]}]",
            {"c.a": 2, "c.b": 4, "c.low": 1},
            Fraction(1, 2),
        ),
        ("ratio: [{ratio: [c.b, c.a]}, {ratio: [c.b, c.low]}]", {"c.b": 4}, [Fraction(1, 4), 5]),
        ("ratio: [c.b, {ratio: [{sum: [c.b, 1]}, c.a]}]", {"c.b": 4}, [Fraction(4, 5), Fraction(16, 5)]),
        ("ratio: [c.b, {ratio: [c.low, c.a]}]", {"c.a": 1, "c.b": 4, "c.low": -1}, [-ANYTHING, ANYTHING]),
        ("least: [c.a, c.b]", {"c.a": 3, "c.b": 2}, 2),
        ("least: [c.a, c.b]", {"c.a": 3}, [0, 3]),
        ("greatest: [c.a, c.b]", {"c.a": 3, "c.b": 2}, 3),
        ("greatest: [c.a, c.b]", {"c.b": 2}, [2, 4]),
        ("times: [c.a, c.b]", {"c.a": 3, "c.b": 2}, 6),
        ("times: [c.low, c.b]", {}, [-30, 50]),
        ("ratio: [{times: [c.a, c.b]}, c.a]", {"c.a": 2, "c.b": 5}, 5),
        ("ratio: [c.a, {least: [c.a, c.b]}]", {"c.a": 3, "c.b": 0}, [-ANYTHING, ANYTHING]),
        ("ratio: [c.b, {least: [c.a, 2]}]", {"c.b": 6}, [3, 6]),
        ("sum: [{least: [c.a, c.b]}, {times: [c.a, c.b]}]", {"c.a": 3, "c.b": 2}, 8),
        ("count: [{c.yes: true}, {c.a: {at_least: 2}}, {c.b: 1}]", {"c.yes": True, "c.a": 1, "c.b": 1}, 2),
        ("count: [{c.yes: true}, {c.a: {at_least: 2}}, {c.b: 1}]", {"c.yes": True, "c.b": 2}, [1, 2]),
        ("choose: [{when: {c.yes: true}, value: c.a}, {value: 9}]", {"c.yes": True, "c.a": 3}, 3),
        ("choose: [{when: {c.yes: true}, value: c.a}, {value: 9}]", {"c.yes": False}, 9),
        ("choose: [{when: {c.yes: true}, value: c.a}, {value: 9}]", {}, [1, 9]),
        ("choose: [{when: {c.yes: true}, value: c.a}]", {"c.yes": False, "c.a": 2}, [2, 2]),
        ("workdays: [c.from, c.to]", {"c.from": "2024-01-26", "c.to": "2024-01-29"}, 1),
        ("workdays: [c.from, c.to]", {"c.from": "2024-01-26"}, [-25, 5]),
        ("workdays: [c.from, c.to]", {"c.from": "1950-01-26", "c.to": "2024-01-29"}, [0, 27031]),
        ("workdays_with_start: [c.from, c.to]", {"c.from": "2024-01-26", "c.to": "2024-01-29"}, 2),
        ("workdays_with_start: [c.from, c.to]", {"c.from": "2024-01-27", "c.to": "2024-01-29"}, 1),
        ("workdays_with_start: [c.from, c.to]", {"c.from": "2024-01-26"}, [-26, 6]),
        ("days: [c.from, {date_of: c.at}]", {"c.from": "2024-01-26", "c.at": "2024-01-28 00:00"}, 2),
        ("days: [c.from, {date_of: c.at}]", {"c.from": "2024-01-26"}, [-1, 4]),
    ],
)
def test_arithmetic(how: str, answers: dict[str, Any], value: Any) -> None:
    assert made(how, answers) == value


def test_a_deadline_is_a_day_and_never_before_its_days_are_over() -> None:
    how = "deadline: {from: c.from, workdays: 2}"
    assert made(how, {"c.from": "2024-02-08"}) == 738934  # 18 February 2024, a Sunday that was worked
    start = date(1950, 1, 26).toordinal()
    assert made(how, {"c.from": "1950-01-26"}) == [start, start + 28]  # no calendar of that year
    assert made("deadline: {from: c.from, days: 2, roll: false}", {"c.from": "2024-02-08"}) == 738926
    assert made(how, {}) == [FIRST_DAY, LAST_DAY + 28]


def test_a_rate_may_be_compared_with_a_number_that_is_not_known() -> None:
    of = edition(
        item("[{points: 10, when: {c.x: {at_least: c.low}}}]"),
        facts=FACTS + "derive:\n- {id: c.x, title: 比率, ratio: [c.a, c.b]}\n",
    )
    assert span_of(card(of, {"c.a": 4, "c.b": 2, "c.low": 2})) == (10, 10)
    assert span_of(card(of, {"c.a": 3, "c.b": 2, "c.low": 2})) == (0, 0)
    assert span_of(card(of, {"c.a": 3, "c.b": 2})) == (0, 10)


TABLE = "table: c.rows"


@pytest.mark.parametrize(
    ("how", "value"),
    [
        (f"count: {{{TABLE}}}", 3),
        (f"count: {{{TABLE}, where: {{ok: true}}}}", 2),
        (f"count: {{{TABLE}, column: kind, distinct: true}}", 2),
        (f"count: {{{TABLE}, column: day, months: 3}}", 2),
        (f"share: {{{TABLE}, where: {{ok: true}}}}", Fraction(2, 3)),
        (f"share: {{{TABLE}, where: {{ok: true}}, of: {{kind: 甲}}}}", 1),
        (f"share: {{{TABLE}, where: {{ok: true}}, of: {{score: 55}}}}", [0, 1]),
        (f"sum: {{{TABLE}, column: score}}", 270),
        (f"mean: {{{TABLE}, column: score}}", 90),
        (f"mean: {{{TABLE}, column: score, where: {{score: 55}}}}", [0, 100]),
        (f"least: {{{TABLE}, column: score, rank: 2}}", 90),
        (f"greatest: {{{TABLE}, column: score, rank: 2}}", 90),
        (f"greatest: {{{TABLE}, column: score, rank: 4}}", [0, 100]),
        (f"weighted_mean: {{{TABLE}, column: score, weight: big}}", Fraction(80 + 270 - 200, 2)),
        (f"latest: {{{TABLE}, column: day}}", 739057),
        (f"latest: {{{TABLE}, column: day, where: {{score: 55}}}}", [FIRST_DAY, LAST_DAY]),
        (f"months_covered: {{{TABLE}, column: day, months: 12}}", 2),
        (f"months_covered: {{{TABLE}, column: day}}", 2),
    ],
)
def test_tables_are_added_up(how: str, value: Any) -> None:
    assert made(how, {"c.rows": ROWS}) == value


@pytest.mark.parametrize(
    ("how", "value"),
    [
        (f"count: {{{TABLE}}}", [0, 5]),
        (f"share: {{{TABLE}, where: {{ok: true}}}}", [0, 1]),
        (f"sum: {{{TABLE}, column: big}}", [-10, 15]),
        (f"mean: {{{TABLE}, column: share}}", [0, 1]),
        (f"months_covered: {{{TABLE}, column: day, months: 3}}", [0, 3]),
        (f"latest: {{{TABLE}, column: day}}", [FIRST_DAY, LAST_DAY]),
    ],
)
def test_rows_that_are_not_known_leave_a_range(how: str, value: Any) -> None:
    assert made(how, {}) == value


@pytest.mark.parametrize(
    ("how", "value"),
    [
        (f"count: {{{TABLE}, where: {{ok: true}}}}", [1, 2]),
        (f"share: {{{TABLE}, where: {{ok: true}}}}", [Fraction(1, 2), 1]),
        (f"share: {{{TABLE}, where: {{ok: true}}, of: {{kind: 甲}}}}", [0, 1]),
        (f"sum: {{{TABLE}, column: score}}", [80, 180]),
        (f"mean: {{{TABLE}, column: score}}", [40, 90]),
        (f"mean: {{{TABLE}, column: score, where: {{ok: true}}}}", [0, 100]),
        (f"latest: {{{TABLE}, column: day}}", [FIRST_DAY, LAST_DAY]),
        (f"weighted_mean: {{{TABLE}, column: big, weight: score}}", [-2, 3]),
    ],
)
def test_a_blank_cell_may_be_anything_in_its_column(how: str, value: Any) -> None:
    assert made(how, {"c.rows": [{"score": 80, "ok": True, "big": 1}, {}]}) == value


def test_a_mean_without_weight_has_no_value() -> None:
    rows = [{"score": 80, "big": 0}]
    assert made(f"weighted_mean: {{{TABLE}, column: score, weight: big}}", {"c.rows": rows}) == [0, 100]


def test_months_are_not_counted_without_a_day_of_assessment() -> None:
    how = f"months_covered: {{{TABLE}, column: day, months: 12}}"
    assert made(how, {"c.rows": ROWS}, as_of="0001-01-01") == [0, 3]


PARAMETER = """
parameters:
- id: limit.tender
  title: 公开招标数额
  values:
  - {value: 200, from: 2020-01-01, region: 中央}
  - {value: 400, from: 2021-01-01, to: 2023-12-31}
  - {value: 500, from: 2024-01-01}
"""


@pytest.mark.parametrize(
    ("as_of", "region", "value"),
    [
        ("2022-06-30", None, 400),
        ("2023-12-31", None, 400),
        ("2024-01-01", None, 500),
        ("2022-06-30", "中央", 200),
        ("2022-06-30", "安徽", 400),
        ("2020-06-30", None, [-ANYTHING, ANYTHING]),
    ],
)
def test_the_figure_in_force_on_the_day_and_in_the_region_counts(
    as_of: str, region: str | None, value: Any
) -> None:
    of = edition(item("[{points: 10, when: {c.b: {at_least: limit.tender}}}]"), PARAMETER, facts=FACTS)
    world = card(of, {}, as_of=as_of, region=region).world
    found = world.known.get("=limit.tender")
    domain = world.domains["=limit.tender"] if found is None else None
    assert (found if domain is None else [domain.low, domain.high]) == value


@pytest.mark.parametrize(
    ("by", "region", "ends"),
    [
        ("c.from", None, (-ANYTHING, ANYTHING)),  # the day may lie before 2021, when no figure stands
        ("c.to", None, (500, 500)),  # always in January 2024
        ("c.to", "中央", (200, 500)),
        ("c.to", "安徽", (500, 500)),
        ("c.late", None, (400, 500)),  # from 2023 to 2024
    ],
)
def test_a_figure_of_an_unknown_day_lies_between_those_of_its_region(
    by: str, region: str | None, ends: tuple[int, int]
) -> None:
    late = (
        "- {id: c.late, ask: 较晚, answer: {date: {at_least: 2023-06-01, at_most: 2024-06-01}}}\n- {id: c.to,"
    )
    of = edition(
        item("[{points: 10, when: {c.b: {at_least: limit.tender}}}]"),
        PARAMETER.replace("  values:", f"  by: {by}\n  values:"),
        facts=FACTS.replace("- {id: c.to,", late),
    )
    domain = card(of, {}, region=region).world.domains["=limit.tender"]
    assert (domain.low, domain.high) == ends


def test_a_figure_that_stands_nowhere_near_is_not_borrowed() -> None:
    own = "parameters: [{id: limit.own, title: 限额, by: c.from, values: [{value: 9, region: 中央}]}]\n"
    of = edition(item("[{points: 10, when: {c.b: {at_least: limit.own}}}]"), own, facts=FACTS)
    assert card(of, {"c.b": 3}, region="中央").findings["one"].high == 0
    assert span_of(card(of, {"c.b": 3}, region="安徽")) == (0, 10)


def test_a_figure_by_the_day_of_a_fact_waits_for_that_day() -> None:
    by = PARAMETER.replace("  values:", "  by: c.from\n  values:")
    of = edition(item("[{points: 10, when: {c.b: {at_least: limit.tender}}}]"), by, facts=FACTS)
    assert card(of, {"c.from": "2022-01-01"}).world.known["=limit.tender"] == 400
    gone = card(of, {"c.from": "2019-01-01"})
    assert "这个地区和日期没有规定的数值" in gone.problems[0].message
    assert gone.world.domains["=limit.tender"].high == ANYTHING

"""Columns of a table that are computed row by row."""

from typing import Any

import pytest

from engine.explain import explain
from engine.load import load_texts
from tests.tiny import card, edition, files, item, span

FACTS = """
checklist: {id: c, title: 食堂清单, desk: 饮食中心}
facts:
- {id: c.limit, ask: 时限, answer: {integer: {at_most: 30}, unit: 天}}
- id: c.rows
  ask: 逐件填写
  answer:
    table:
      at_most: 5
      columns: {收到: date, 答复: date, 甲评: {number: {at_most: 100}}, 乙评: {number: {at_most: 100}}, 合格: percent}
      derive:
        工作日: {workdays: [收到, 答复]}
        均分: {mean: [甲评, 乙评]}
        超出: {difference: [工作日, 3]}
        折算: {choose: [{when: {均分: {at_least: 60}}, value: 合格}, {value: 0%}]}
derive:
- {id: c.late, title: 超期件数, count: {table: c.rows, where: {超出: {more_than: 0}}}}
- {id: c.mean, title: 平均分, mean: {table: c.rows, column: 均分}}
- {id: c.share, title: 折算均值, mean: {table: c.rows, column: 折算}}
- {id: c.most, title: 最长工作日, greatest: {table: c.rows, column: 工作日}}
"""
ROWS = [
    {"收到": "2024-02-08", "答复": "2024-02-19", "甲评": 90, "乙评": 85, "合格": "50%"},
    {"收到": "2024-06-03", "答复": "2024-06-11", "甲评": 50, "乙评": 60, "合格": "100%"},
]


def worth(name: str, rows: list[dict[str, Any]]) -> Any:
    of = edition(item(f"[{{points: 10, when: {{{name}: {{at_least: 1}}}}}}]"), facts=FACTS)
    world = card(of, {"c.rows": rows}).world
    return world.known.get(f"={name}", world.domains.get(f"={name}"))


def test_workdays_means_and_choices_of_a_row() -> None:
    assert (
        worth("c.late", ROWS) == 1
    )  # 3 workdays over the Spring Festival, 5 in June with the Dragon Boat Festival
    assert worth("c.most", ROWS) == 5
    assert worth("c.mean", ROWS) == (87.5 + 55) / 2
    assert worth("c.share", ROWS) == 0.25


def test_a_row_that_is_not_complete_leaves_open_what_rests_on_it() -> None:
    rows = [ROWS[0], {"收到": "2024-06-03", "甲评": 70}]
    late, mean = worth("c.late", rows), worth("c.mean", rows)
    assert (late.low, late.high) == (0, 1)
    assert mean.low < 0 < mean.high


def test_the_rate_of_a_computed_column_is_told_in_percent() -> None:
    of = edition(item("[{points: 10, when: {c.share: {at_least: 30%}}}]"), facts=FACTS)
    found = card(of, {"c.rows": ROWS})
    assert span(found) == (0, 0)
    assert of.words.quantities["c.share"].kind == "percent"  # type: ignore[union-attr]


def test_a_missing_cell_is_told_as_what_it_is() -> None:
    of = edition(item("[{points: 10, when: {c.late: 0}}]"), facts=FACTS)
    found = card(of, {"c.rows": [{"收到": "2024-06-03"}]})
    assert "超期件数用到的表里还有没填的格" in explain(found, "one").sentence


def test_nobody_fills_in_a_computed_column() -> None:
    of = edition(item("[{points: 10, when: {c.late: 0}}]"), facts=FACTS)
    found = card(of, {"c.rows": [{"工作日": 1}]})
    assert "第 1 行填了“工作日”，这一列由引擎计算" in found.problems[0].message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "{difference: [工作日, 3]}",
            "{difference: [工作日, c.limit]}",
            "用到 c.limit。逐行计算只能用本表的列和数字",
        ),
        ("超出: {", "甲评: {", "已经有了。请换一个名字"),
        ("[工作日, 3]", "[工作月, 3]", "列“工作月”表里没有"),
        ("超出: {more_than", "超过: {more_than", "列“超过”表里没有"),
        ("{mean: [甲评, 乙评]}", "{mean: [甲评, 收到]}", "不能用 mean 计算"),
    ],
)
def test_mistakes_in_computed_columns(old: str, new: str, said: str) -> None:
    _, problems = load_texts(
        files(item("[{points: 10, when: {c.late: 0}}]"), facts=FACTS.replace(old, new, 1))
    )
    assert any(said in problem.message for problem in problems), [problem.message for problem in problems]

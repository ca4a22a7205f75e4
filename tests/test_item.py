"""One indicator whole: its tables as the command prints them, and its examples in words."""

from pathlib import Path

import pytest

from engine.item import find_item, item_page, tables_of
from engine.load import load, load_texts
from engine.tree import Leaf
from tests import tiny

ROOT = Path(__file__).resolve().parent.parent

FACTS = tiny.FACTS.replace(
    "derive:",
    """- id: c.lots
  ask: 抽检记录
  answer: {table: {columns: {批次: text, 数量: {integer: {at_most: 99}}}, at_most: 9}}
- {id: c.card, ask: 许可证, answer: yes_no, evidence: {kind: 照片, at_least: 1}}
derive:
- {id: c.lot_count, title: 批数, count: {table: c.lots}}""",
    1,
)
SECTION = """indicators:
- id: kind
  title: 经营
  points: 4
  absent: exclude
  applies_when: {c.gas: true}
  score: [{points: 4, when: {all: [{c.kind: 自营}, {c.rules: {includes: 留样}}, {c.lot_count: {at_least: 1}}]}}, {points: 0}]
  examples:
  - {title: 样样都有, given: {c.gas: true, c.kind: 自营, c.rules: [留样, 采购], c.lots: [{批次: 一, 数量: 3}]}, gives: 4}
  - {given: {c.gas: false, c.lots: [{批次: 一}, {批次: 二}, {批次: 三}, {批次: 四}, {批次: 五}, {批次: 六}]}, gives: absent}
  - {given: {c.gas: true, c.kind: 承包, c.rules: [], c.staff: 3, c.licence: null}, gives: [0, 4], as_of: 2024-06-30, region: 安徽}
- id: look
  title: 观感
  points: 6
  score: {parts: [{points: 6, when: {evidenced: c.card}}]}
  examples:
  - {given: {c.card: {value: true, evidence: [a.jpg]}}, gives: 6}
  - {given: {c.card: {value: false}}, gives: 0}
"""
STANDARD = """scale: 2
total: 20
vetoes:
- id: v
  title: 托管
  when: {c.kind: 托管}
  effect: deny
  examples: [{given: {c.kind: 托管}, gives: 成立}]
bonus:
  up_to: 2
  groups:
  - id: b
    title: 加分
    indicators:
    - {id: plus, title: 荣誉, points: 2, score: [{points: 2, when: {c.licence: true}}], examples: [{given: {c.licence: true}, gives: 2}]}
"""


@pytest.fixture(scope="module")
def edition():
    library, problems = load_texts(tiny.files(SECTION, STANDARD, FACTS))
    assert [str(one) for one in problems] == []
    return library.editions["t", "1"]


def examples(edition, name):
    page = item_page(edition, find_item(edition, name))
    return [
        (
            one["title"],
            [f"{each['title']}：{each['value']}" for each in one["given"]],
            one["gives"],
            one["when"],
        )
        for one in page["examples"]
    ]


def test_examples_are_told_as_people_read_them(edition) -> None:
    first, second, third = examples(edition, "kind")
    assert first == (
        "样样都有",
        ["使用燃气：是", "经营方式：自营", "成文制度：留样、采购", "抽检记录：批次 一，数量 3"],
        "8 分",  # the file is written in half points
        "",
    )
    assert second[1][1] == "抽检记录：批次 一；批次 二；批次 三；批次 四；批次 五；……共 6 行"
    assert second[2:] == ("缺项", "")
    assert third[1] == [
        "使用燃气：是",
        "经营方式：承包",
        "成文制度：一项也没有",
        "从业人员数：3 人",
        "许可证有效：没有填",
    ]
    assert third[2:] == ("0–8 分", "2024-06-30，安徽")


def test_evidence_is_counted(edition) -> None:
    assert [one[1] for one in examples(edition, "look")] == [["许可证：是（附 1 件证据）"], ["许可证：否"]]


def test_a_veto_says_its_state_and_a_bonus_keeps_its_scale(edition) -> None:
    assert examples(edition, "v") == [(None, ["经营方式：托管"], "成立", "")]
    assert examples(edition, "plus")[0][2] == "2 分"


def test_points_given_by_people_are_told_as_theirs() -> None:
    section = """indicators:
- id: look
  title: 观感
  points: 10
  score: {judge: 10, guide: 看现场, step: 1}
  examples: [{given: {judge: 7}, gives: 7}]
"""
    library, problems = load_texts(tiny.files(section))
    assert [str(one) for one in problems] == []
    assert examples(library.editions["t", "1"], "look")[0][1] == ["评审专家评定：7"]


def test_what_is_not_there_is_not_found(edition) -> None:
    assert find_item(edition, "nothing") is None


def test_every_item_of_every_book_has_its_page() -> None:
    library, _ = load(ROOT)
    for one in library.editions.values():
        for item in (*one.every_leaf, *one.vetoes):
            page = item_page(one, item)
            assert len(page["examples"]) == len(item.source.examples)
            assert len(page["tables"]) == len(tables_of(one, item))
            assert page["tables"] or not isinstance(item, Leaf)

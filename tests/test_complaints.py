"""Where and how a mistake of the models is told; the sentences themselves are in tests/broken/."""

from decimal import Decimal

import pytest

from engine.complaints import brief, parse, real_path
from engine.models.basis import Sources
from engine.models.conditions import OfTable
from engine.models.scoring import Items
from engine.strict_yaml import read_yaml


def said(model, text):
    document = read_yaml(text, "a.yaml")
    item, problems = parse(model, document)
    assert (item is None) == bool(problems or document.problems)
    return [str(problem) for problem in (*document.problems, *problems)]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a": 1, "b": 2, "c": 3, "d": 4}, "一组键值（a、b、c 等 4 种）"),
        ([1, 2], "一个列表（2 项）"),
        (None, "空"),
        (True, "true"),
        (False, "false"),
        (Decimal("0.10"), "0.10"),
        ("长" * 41, "长" * 40 + "…"),
    ],
)
def test_offending_value_is_shown_in_a_few_characters(value, shown):
    assert brief(value) == shown


def test_location_loses_the_names_of_types_and_keeps_numbers_as_keys():
    data = {"score": {"by_count": {3: "x"}, "items": [{"when": 1}]}}
    assert real_path(("score", "<items>", "by_count", "3"), data) == ("score", "by_count", 3)
    assert real_path(("score", "<items>", "items", 0, "<when>", "when"), data) == (
        "score",
        "items",
        0,
        "when",
    )
    assert real_path(("score", "items", 7, "²", "missing"), data) == ("score", "items")


def test_mistake_in_a_shape_stands_at_its_own_key():
    assert said(Items, "items: [{each: a.b, points: 1, up_to: 0}]") == [
        "a.yaml:1:39 “up_to”写了 0，应大于 0。请改正。"
    ]


def test_misspelt_key_is_not_missing_as_well():
    assert said(Sources, "sources:\n- {id: S1, titel: 办法, grade: A}") == [
        (
            "a.yaml:2:12 不认识的键“titel”。这里可以写：id、title、number、issuer、date、from、to、grade、note、verify。"
            "最接近的是 title。"
        ),
    ]


def test_key_that_is_both_unknown_and_missing_is_told_twice_where_they_are_not_alike():
    assert said(Sources, "sources:\n- {id: S1, 名称: 办法, grade: A}") == [
        (
            "a.yaml:2:12 不认识的键“名称”。这里可以写：id、title、number、issuer、date、from、to、grade、note、verify。"
            "请改成其中之一，或删去。"
        ),
        "a.yaml:2:3 缺少“title”。请补上。",
    ]


def test_list_is_not_too_short_only_because_its_items_are_wrong():
    assert said(Items, "items: [{points: x}]") == [
        "a.yaml:1:18 “points”写了 x：不是数字。请改成数字，如 95%、0.5、1,000。"
    ]


def test_what_the_reader_said_the_model_does_not_repeat():
    assert said(Items, "items: [{points: 1e3}]") == [
        "a.yaml:1:18 1e3 不是这里认得的数字写法。数字请写十进制；文字请加引号。"
    ]


def test_mistake_that_has_no_sentence_of_its_own_still_has_one():
    assert said(OfTable, f"table: a.b\nrank: '{'9' * 5000}'") == [
        f"a.yaml:2:7 “rank”写得不对：{'9' * 40}…。请看 docs/rule-language.md 里的写法。"
    ]


def test_empty_document_says_what_to_do():
    assert said(Sources, "# 以后再写") == ["a.yaml 文件是空的。请按 docs/rule-language.md 填写。"]

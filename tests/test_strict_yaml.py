"""What the strict reader accepts, and where it says things stand; what it refuses is in tests/broken/."""

import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import strict_yaml
from engine.problem import Place
from engine.strict_yaml import MAX_BYTES, MAX_DEPTH, read_yaml


def said(text):
    return [str(problem) for problem in read_yaml(text, "a.yaml").problems]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("0.10", Decimal("0.10")),
        ("95%", "95%"),
        ("1,000", "1,000"),
        ("2024-01-26", "2024-01-26"),
        ("2024-01-26 15:00", "2024-01-26 15:00"),
        ("true", True),
        ("false", False),
        ("~", None),
        ("", None),
        ("'no'", "no"),
        ('"010"', "010"),
        ("'12:30'", "12:30"),
        ("十二", "十二"),
        ("１２", "１２"),
        ("否", "否"),
        ("- 甲\n- 乙", ["甲", "乙"]),
        ("|\n  两行\n  文字\n", "两行\n文字\n"),
    ],
)
def test_value_is_read_as_it_stands(written, value):
    document = read_yaml(f"a: {written}" if not written.startswith("- ") else f"a:\n{written}", "a.yaml")
    assert document.problems == []
    assert document.data == {"a": value}
    assert type(document.data["a"]) is type(value)


@pytest.mark.parametrize(
    ("key", "read"), [("true", "true"), ("1.50", "1.50"), ("~", "~"), ("2024", 2024), ("3A", "3A")]
)
def test_key_is_a_word_or_a_whole_number(key, read):
    assert read_yaml(f"{key}: 1", "a.yaml").data == {read: 1}


def test_every_value_and_key_knows_its_place():
    document = read_yaml("a: 1\nb:\n- c: 2\n  d: [3, 4]\n", "a.yaml")
    assert document.place(("b", 0, "d", 1)) == Place("a.yaml", 4, 10)
    assert document.key_place(("b", 0, "d")) == Place("a.yaml", 4, 3)
    assert document.place(("b", 0, "e", "f")) == Place("a.yaml", 3, 3)
    assert document.key_place(("b", 0, "e")) == Place("a.yaml", 3, 3)
    assert read_yaml("", "a.yaml").place(("x",)) == Place("a.yaml")


@pytest.mark.parametrize("text", ["\ufeffa: 1", b"\xef\xbb\xbfa: 1"])
def test_mark_of_windows_editors_is_no_part_of_the_text(text):
    assert read_yaml(text, "a.yaml").data == {"a": 1}


def test_alias_that_is_used_now_and_then_is_read():
    document = read_yaml("a: &x [1]\nb: *x\nc: *x\n", "a.yaml")
    assert document.problems == []
    assert document.data == {"a": [1], "b": [1], "c": [1]}


def test_brackets_in_text_are_not_depth():
    document = read_yaml(f"a: '{'[' * 100}'\nb: [1]", "a.yaml")
    assert document.problems == []
    assert document.data["b"] == [1]


def test_brackets_that_open_and_never_close_are_a_matter_of_syntax():
    assert said(f"a: '{'[' * 100}'\nb: ]\n") == [
        "a.yaml:2:4 这一行读不懂：括号、引号或缩进没有配好。请检查这一行和上一行的缩进、冒号和引号。"
    ]


def test_as_deep_as_allowed_is_read():
    assert read_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH, "a.yaml").problems == []
    assert read_yaml("- " * 200 + "a", "a.yaml").problems[0].code == "depth"


def test_too_many_values_are_refused_by_their_number(monkeypatch):
    monkeypatch.setattr(strict_yaml, "MAX_NODES", 3)
    assert said("[1, 2, 3]") == ["a.yaml:1:8 内容超过 3 项。请拆成几个文件。"]


def test_number_of_ten_thousand_digits_is_refused_as_number_and_kept_as_text():
    (problem,) = said("a: " + "9" * 10_000)
    assert problem == "a.yaml:1:4 数字超过 30 位：999999999999…。请检查是否多打了。"
    assert read_yaml(f"a: '{'9' * 10_000}'", "a.yaml").problems == []


@pytest.mark.parametrize(
    "text",
    [b"- 1\n" * 2_500_000, "a: " + "[" * 9_999_997, "- " * 5_000_000],
    ids=["list", "brackets", "dashes"],
)
def test_ten_megabytes_are_refused_at_once(text):
    began = time.monotonic()
    assert said(text)[0].startswith(f"a.yaml 文件有 10,000,000 字节，上限是 {MAX_BYTES:,}。")
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "text",
    ["[" * 1_900_000, "- " * 900_000, "{a: " * 400_000, "? " * 900_000, "a: *x\n" * 300_000, "'" * 1_900_001],
    ids=["brackets", "dashes", "braces", "keys", "aliases", "quotes"],
)
def test_large_nonsense_below_the_limit_is_refused_soon(text):
    began = time.monotonic()
    assert said(text)
    assert time.monotonic() - began < 10


@given(st.text(alphabet="ab01:-[]{},&*!|>'\"#%@`? \n\t\\\u3000：é\ud800\x00\x85\ufeff", max_size=40))
def test_any_text_is_read_or_refused_with_a_sentence(text):
    document = read_yaml(text, "a.yaml")
    assert all(problem.place.file == "a.yaml" and problem.code for problem in document.problems)


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029"), max_size=9)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abcé中", min_size=1), inner, max_size=3)
    ),
    max_leaves=9,
)


@given(plain)
def test_json_is_read_as_json(data):
    text = json.dumps(data, ensure_ascii=False)
    document = read_yaml(text, "a.yaml")
    if not document.problems:
        assert document.data == data
    assert {problem.code for problem in document.problems} <= {"control", "duplicate-key"}

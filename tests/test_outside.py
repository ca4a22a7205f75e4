"""Documents from outside: bad input costs no more than itself, is told in Chinese, and never hangs."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.models.submission import Submission
from engine.outside import read, read_json
from engine.strict_yaml import read_yaml

ROOT = Path(__file__).parent.parent
HEAD: dict[str, Any] = {
    "standard": "t",
    "edition": "1",
    "as_of": "2024-01-26",
    "origin": "invented",
    "subject": {"id": "x", "title": "某食堂", "kind": "食堂"},
}


def told(answers: Any, **more: Any) -> tuple[Submission | None, list[str]]:
    """Read a submission as JSON; return it and what is said."""
    text = answers if isinstance(answers, str) else json.dumps({**HEAD, **more, "answers": answers})
    model, _, problems = read(text.encode(), "填报.json", "submission")
    return model, [str(problem) for problem in problems]


def test_a_clean_submission_reads_the_same_from_json_and_yaml() -> None:
    model, said = told({"c.a": 5, "c.b": "95%", "c.c": {"value": True, "evidence": ["批复"]}})
    text = json.dumps(
        {**HEAD, "answers": {"c.a": 5, "c.b": "95%", "c.c": {"value": True, "evidence": ["批复"]}}}
    )
    other, _, problems = read(text.encode(), "填报.yaml", "submission")
    assert (said, problems) == ([], [])
    assert model == other


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "填报.json:1:1 这里不合 JSON 写法"),
        (b'{"a": 1,}', "填报.json:1:9 这里不合 JSON 写法。请检查引号、逗号和括号。"),
        (b'{"a": "\xff"}', "填报.json 不是 UTF-8 编码。请另存为 UTF-8。"),
        (b" " * 10_000_000, "填报.json 文件有 10,000,000 字节，上限是 2,000,000。请改正后再交。"),
        (b'{"a": ' * 60 + b"1" + b"}" * 60, "填报.json 嵌套超过 40 层。"),
        (b"[" * 100_000, "填报.json 嵌套超过 40 层。"),
        (b'{"a": "\\ud800"}', "填报.json 文字里有残缺的字符"),
        (b'{"\\udc00": 1}', "填报.json 文字里有残缺的字符"),
        (b"NaN", "填报.json 整份文件：NaN 不是有限的数字"),
        (b"[]", "填报.json 整份文件 类型不对：一个列表"),
        (b'{"standard": "t"}', "填报.json 整份文件 缺少必填的键：edition、as_of、origin、subject。请对照 JSON Schema 改正。"),
    ],
)  # fmt: skip
def test_what_is_no_submission_is_refused_as_a_whole(text: bytes, said: str) -> None:
    model, _, problems = read(text, "填报.json", "submission")
    assert model is None
    assert said in str(problems[0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"origin": "guess"}, "origin 不在允许的取值里：guess，只能是 real、invented"),
        ({"as_of": "26.1.2024"}, "as_of 写法不对：26.1.2024"),
        ({"subjekt": 1}, "整份文件 有不认识的键：subjekt"),
        ({"subject": {"id": "x", "title": "", "kind": "食堂"}}, "subject.title 是空的"),
        ({"subject": {"id": "x", "title": "长" * 5000, "kind": "食堂"}}, "subject.title 太长"),
        ({"judged": {"a": {"points": "八", "reason": "好"}}, "origin": 3}, "origin 不在允许的取值里"),
    ],
)
def test_the_head_of_a_submission_must_be_right(change: dict[str, Any], said: str) -> None:
    model, problems = told({"c.a": 1}, **change)
    assert model is None
    assert said in "\n".join(problems)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"c.bad": {"value": 1, "evidence": "照片"}}, "answers.c.bad.evidence 类型不对：照片"),
        ({"c.bad": {"value": 1, "evidnce": ["照片"]}}, "answers.c.bad 有不认识的键：evidnce"),
        ({"c.bad": {"value": 1, "evidence": [{"name": "照片"}]}}, "answers.c.bad.evidence"),
    ],
)
def test_a_mistake_in_one_answer_costs_that_answer_only(answers: dict[str, Any], said: str) -> None:
    model, problems = told({**answers, "c.a": 5})
    assert model is not None
    assert {name: given.value for name, given in model.answers.items()} == {"c.a": 5}
    assert said in "\n".join(problems)
    text = json.dumps({**HEAD, "answers": {**answers, "c.a": 5}}, ensure_ascii=False)
    model, _, found = read(text.encode(), "填报.yaml", "submission")
    assert list(model.answers) == ["c.a"]
    assert found


def test_a_mistake_in_a_unit_a_judgement_or_a_claim_costs_that_entry_only() -> None:
    unit = {"subject": HEAD["subject"], "answers": {"c.a": 1, "c.bad": {"note": 5, "evidence": 5}}}
    judged = {
        "one": {"points": 5, "reason": "好"},
        "two": {"points": -5, "reason": "好"},
        "three": {"points": 5},
    }
    model, problems = told({}, units=[unit, unit], judged=judged, not_applicable={"one": "", "two": "没有"})
    assert model is not None
    assert [list(one.answers) for one in model.units] == [["c.a"], ["c.a"]]
    assert (list(model.judged), list(model.not_applicable)) == (["one"], ["two"])
    assert len(problems) == 5


def test_mistakes_that_show_only_after_others_are_found_too() -> None:
    model, problems = told({"c.a": 5}, judged={"one": {"points": "八", "reason": "好"}, "two": {"points": 1}})
    assert model is not None
    assert list(model.judged) == []
    assert len(problems) == 2


def test_a_duplicate_key_a_bad_number_and_infinity_cost_only_themselves() -> None:
    head = json.dumps(HEAD)[:-1]
    text = f'{head}, "answers": {{"c.a": 1, "c.a": 2, "c.b": {"9" * 10_000}, "c.c": Infinity, "c.d": [1, -{"1" * 31}.5], "c.e": 7}}}}'
    model, problems = told(text)
    assert model is not None
    assert {name: given.value for name, given in model.answers.items()} == {
        "c.a": 1,
        "c.b": None,
        "c.c": None,
        "c.d": [1, None],
        "c.e": 7,
    }
    assert problems == [
        "填报.json 键 c.a 重复了，只算第一次写的。请删去一处。",
        "填报.json answers.c.b：数字超过 30 位（999999999999…），按没有填处理。请改正这个数字。",
        "填报.json answers.c.c：Infinity 不是有限的数字，按没有填处理。请改正这个数字。",
        "填报.json answers.c.d.1：数字超过 30 位（-11111111111…），按没有填处理。请改正这个数字。",
    ]


def test_decimals_stay_exact() -> None:
    document = read_json(b'{"a": 0.1, "b": 1e2, "c": 3}', "数.json")
    assert [str(document.data[key]) for key in "abc"] == ["0.1", "1E+2", "3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a: &a [" + b"x, " * 9 + b"x]\nb: &b [" + b"*a, " * 60 + b"*a]", "锚点引用（*）超过 50 处"),
        (b"x" * 10_000_000, "上限是 2,000,000"),
        (b"answers: {c.a: " + b"9" * 10_000 + b"}", "数字超过 30 位"),
    ],
)
def test_hostile_yaml_is_refused_at_once(text: bytes, said: str) -> None:
    model, _, problems = read(text, "填报.yaml", "submission")
    assert model is None
    assert said in "\n".join(map(str, problems))


@pytest.mark.parametrize("path", sorted((ROOT / "samples").glob("*/*.yaml")), ids=lambda path: path.stem)
def test_every_sample_passes_the_published_schema_too(path: Path) -> None:
    kind = "published" if path.parent.name == "published" else "submission"
    data = read_yaml(path.read_bytes(), path.name).data
    text = json.dumps(data, ensure_ascii=False, default=str).encode()
    model, _, problems = read(text, f"{path.stem}.json", kind)
    assert [str(problem) for problem in problems] == []
    assert model is not None


def test_a_review_keeps_what_can_be_read() -> None:
    review = {"inspector": "甲", "standard": "t", "edition": "1", "subject": "x"}
    findings = {"one": {"verdict": "agree"}, "two": {"verdict": "perhaps"}}
    model, _, problems = read(json.dumps({**review, "findings": findings}).encode(), "评审.json", "review")
    assert list(model.findings) == ["one"]
    assert "findings.two.verdict 不在允许的取值里：perhaps，只能是 agree、adjust、material、site" in str(
        problems[0]
    )

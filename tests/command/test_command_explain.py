"""zhunsheng explain and zhunsheng table: one indicator, whole."""

import json
from pathlib import Path

import pytest

from tests.command.conftest import SAMPLES, Type


def test_why_a_submission_has_its_points(typed: Type, repository: Path) -> None:
    text, data = (
        typed("explain", "one", "-s", "mine.yaml"),
        typed("explain", "one", "-s", "mine.yaml", "--json"),
    )
    assert (text.code, data.code, text.err) == (0, 0, "")
    told = json.loads(data.out)
    assert (told["low"], told["high"], told["defined"]) == ("4", "4", "rules/t/1/1-a.yaml:3:3")
    assert told["line"].startswith("rules/t/1/1-a.yaml:6:")
    for said in (
        "甲项（one）满分 10",
        told["defined"],
        f"得分 4  {told['sentence']}",
        f"依据的行：{told['line']}",
        *(f"下一步：{step}" for step in told["next"]),
        "≥ 90%，< 95%  4",
        "依据 [原文所载] 某法 第 3 条（须核对）",
        "依据 [建议稿] 我们的建议",
        "失分怎么办：组织补考",
    ):
        assert said in text.out, said


def test_without_a_submission_only_the_rule_is_told(typed: Type, repository: Path) -> None:
    done = typed("explain", "one", "--standard", "t")
    assert done.code == 0
    assert "得分 " not in done.out.split("培训合格率")[0]
    assert "失分怎么办：组织补考" in done.out
    assert "失分怎么办" not in typed("explain", "extra").out
    assert typed("explain", "one", "--standard", "t/1").out == done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["onee"], "试行标准 没有指标或否决项 onee。最接近的是 one。"),
        (["别的"], "试行标准 没有指标或否决项 别的。\n"),
        (["one", "--standard", "tt"], "没有标准 tt。最接近的是 t。"),
        (["one", "--standard", "quux"], "没有标准 quux。有：t/1。"),
    ],
)
def test_names_that_are_none(typed: Type, repository: Path, words: list[str], said: str) -> None:
    for command in ("explain", "table"):
        done = typed(command, *words)
        assert (done.code, done.out) == (2, "")
        assert said in done.err


def test_of_several_editions_one_must_be_named(typed: Type, repository: Path) -> None:
    typed("new", "standard", "other")
    assert typed("table", "one").code == 0
    done = typed("table", "onee")
    assert (done.code, done.err) == (2, "没有一个标准有指标或否决项 onee。最接近的是 one。\n")
    assert typed("table", "quux").err == "没有一个标准有指标或否决项 quux。\n"
    twin = repository / "rules/u/1"
    twin.mkdir(parents=True)
    for path in (repository / "rules/t/1").iterdir():
        (twin / path.name).write_text(path.read_text("utf-8").replace("id: t\n", "id: u\n"), "utf-8")
    done = typed("table", "one")
    assert (done.code, done.err) == (2, "要说明是哪个版本：other/draft、t/1、u/1。\n")
    assert typed("table", "one", "--standard", "t").code == 0


def test_a_veto_is_explained_too(typed: Type, repository: Path) -> None:
    text, data = typed("explain", "v", "-s", "mine.yaml"), typed("explain", "v", "-s", "mine.yaml", "--json")
    assert (text.code, data.code) == (0, 0)
    told = json.loads(data.out)
    assert (told["state"], told["sentence"], told["missing"]) == ("不成立", "“使用燃气”为否", [])
    assert told["rule"] == ["成立：“使用燃气”为是。"]
    for said in ("事故（v）否决项", "不成立  “使用燃气”为否", "否决条件", "怎么改：停用燃气"):
        assert said in text.out
    assert "还不知道" in json.loads(typed("explain", "v", "--json").out)["state"]
    assert [row["cells"]["结果"] for row in json.loads(typed("table", "v", "--json").out)[0]["rows"]] == [
        "成立",
        "不成立",
    ]


@pytest.mark.parametrize(
    ("veto", "said"),
    [
        (
            "when: {c.gas: true}, applies_when: {c.kind: 承包}, doubt_when: {c.faults: 1}, doubt: 边界",
            ["适用条件", "没有成立时", "边界"],
        ),
        ("when_result: {keys_missed_at_least: 1}", ["成立：关键项至少 1 项不符。"]),
        ("when: {c.gas: true}, from: 2030-01-01", ["评定日不适用"]),
    ],
)
def test_red_lines_of_every_kind(typed: Type, repository: Path, veto: str, said: list[str]) -> None:
    book = repository / "rules/t/1/standard.yaml"
    text = book.read_text("utf-8").replace("when: {c.gas: true}, effect", f"{veto}, effect")
    book.write_text(text, "utf-8")
    out = typed("explain", "v", "-s", "mine.yaml").out
    assert [one for one in said if one not in out] == []


def test_a_table_as_text_and_as_data(typed: Type, repository: Path) -> None:
    text, data = typed("table", "one"), json.loads(typed("table", "one", "--json").out)
    assert [line.split() for line in text.out.splitlines()[1:]] == [
        ["计分"],
        ["培训合格率", "得分"],
        ["≥", "95%", "10"],
        ["≥", "90%，<", "95%", "4"],
        ["<", "90%", "0"],
    ]
    assert [(row["cells"]["培训合格率"], row["low"]) for row in data[0]["rows"]] == [
        ("≥ 95%", "10"),
        ("≥ 90%，< 95%", "4"),
        ("< 90%", "0"),
    ]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("party-rules", ["计分（共 7 项）", "各项：“党组织制度"]),
        ("accountant-handover", ["适用条件", "其余                  缺项"]),
        ("bookkeeping", ["不合规凭证处数  扣分", "≥ 5 处          15"]),
        ("party-records", ["评审专家评定，每档 0.5 分  0–10"]),
        ("authority-rating", ["是                —                 优                15"]),
    ],
)
def test_tables_of_the_real_book_read_well(
    typed: Type, monkeypatch: pytest.MonkeyPatch, name: str, lines: list[str]
) -> None:
    monkeypatch.chdir(SAMPLES)
    done = typed("table", name)
    assert done.code == 0
    assert [line for line in lines if line not in done.out] == []


def test_a_table_with_too_many_cases_says_so(
    typed: Type, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.cases.MOST_CASES", 0)
    assert "情形太多，不逐行列出；得分在 0–10 之间。" in typed("table", "one").out

"""zhunsheng new: a drafter starts from something that passes the check, and nothing that exists is overwritten."""

from pathlib import Path

import pytest

from engine.load import load
from tests.command.conftest import Type


def test_a_new_standard_passes_the_check(typed: Type, repository: Path) -> None:
    done = typed("new", "standard", "5-star-library", "--title", "绿色图书馆（试行）", "--edition", "2026")
    assert (done.code, done.err) == (0, "")
    assert [line.split("/")[-1] for line in done.out.splitlines()] == [
        "standard.yaml",
        "1-first.yaml",
        "d_5_star_library.yaml",
    ]
    library, problems = load(repository)
    assert [str(problem) for problem in problems if problem.severity == "error"] == []
    edition = library.editions["5-star-library", "2026"]
    assert (edition.standard.title, [leaf.id for leaf in edition.leaves]) == (
        "绿色图书馆（试行）",
        ["5-star-library-first"],
    )
    assert typed("check").code == 0


def test_the_next_edition_asks_the_same_checklist(typed: Type, repository: Path) -> None:
    typed("new", "standard", "library")
    asked = (repository / "checklists/library.yaml").read_text("utf-8")
    assert typed("new", "standard", "library", "--edition", "next", "--title", 'a: "b" # [c]').code == 0
    assert (repository / "checklists/library.yaml").read_text("utf-8") == asked
    assert load(repository)[0].editions["library", "next"].standard.title == 'a: "b" # [c]'
    again = typed("new", "standard", "library")
    assert (again.code, again.out) == (2, "")
    assert "standard.yaml 已经有了，没有改动。请换一个编号或版本。" in again.err


@pytest.mark.parametrize("words", [["Library"], ["a/b"], ["a", "--edition", "../../b"], ["图书馆"]])
def test_names_are_checked_before_anything_is_written(
    typed: Type, repository: Path, words: list[str]
) -> None:
    before = sorted(repository.rglob("*"))
    done = typed("new", "standard", *words)
    assert done.code == 2
    assert "写法不对。用小写字母、数字和连字符，如 staff-training。" in done.err
    assert sorted(repository.rglob("*")) == before


def test_a_new_indicator_is_added_to_the_last_group(typed: Type, repository: Path) -> None:
    section = repository / "rules/t/1/1-a.yaml"
    section.write_text(section.read_text("utf-8").rstrip("\n"), "utf-8")
    done = typed("new", "indicator", section, "fresh", "--fact", "c.licence", "--title", "新的一项")
    assert (done.code, done.err) == (0, "")
    edition = load(repository)[0].editions["t", "1"]
    assert [(leaf.id, leaf.title) for leaf in edition.leaves] == [("one", "甲项"), ("fresh", "新的一项")]


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("section: {id: a, title: 甲, points: 10}\n", ["x"], "里没有 indicators:，不知道加在哪一组。"),
        ("indicators:\n- {id: a}\nother:\n  key: 1\n", ["x"], "的最后不是一组 indicators:，没有改动。"),
        ("indicators:\n", ["X"], "编号 X 写法不对"),
        ("indicators:\n", ["x", "--fact", "licence"], "事实号 licence 写法不对。写成“清单.名称”"),
    ],
)
def test_an_indicator_that_cannot_be_added_changes_nothing(
    typed: Type, repository: Path, text: str, words: list[str], said: str
) -> None:
    section = repository / "section.yaml"
    section.write_text(text, "utf-8")
    done = typed("new", "indicator", section, *words)
    assert (done.code, said in done.err) == (2, True), done.err
    assert section.read_text("utf-8") == text


def test_a_new_fact_stands_before_what_is_derived(typed: Type, repository: Path) -> None:
    checklist = repository / "checklists/c.yaml"
    assert typed("new", "fact", checklist, "c.fresh", "--title", "有无新事实：A").code == 0
    library, problems = load(repository)
    assert [problem for problem in problems if problem.severity == "error"] == []
    fact = library.words.fact("c.fresh")
    assert fact is not None
    assert fact.ask == "有无新事实：A"
    assert library.words.defined["c.rate"].place.line > library.words.defined["c.fresh"].place.line
    plain = repository / "checklists/plain.yaml"
    plain.write_text(
        "checklist: {id: p, title: 丙, desk: 丁}\nfacts:\n- {id: p.one, ask: 一, answer: yes_no}", "utf-8"
    )
    assert typed("new", "fact", plain, "p.two").code == 0
    assert load(repository)[0].words.fact("p.two") is not None


def test_a_fact_needs_a_name_and_a_file(typed: Type, repository: Path) -> None:
    assert "事实号 fresh 写法不对" in typed("new", "fact", "checklists/c.yaml", "fresh").err
    assert (
        typed("new", "fact", "没有.yaml", "c.x").err.strip() == "打不开文件 没有.yaml。请检查文件名和权限。"
    )
    assert typed("new", "indicator", "没有.yaml", "x", "--fact", "c.x").code == 2

"""The standards to read: the tree, the search, one item, what changed, two editions, and what is wrong with the files."""

from dataclasses import replace

import pytest
from visits import words

from app_pages.components import standard_parts as parts
from engine.compare import compare
from engine.load import Library, load_texts
from engine.problem import Place, Problem
from engine.questionnaire import questionnaire
from portal.library import Trouble
from portal.web.here import serve_pages_of
from portal.web.keys import Keys
from tests.portal import desks

PAGE = "standards/browse.py"


def read(visit, who="filler", edition="t/1", **more):
    query = {"standard": edition, **more.pop("query", {})}
    page = visit(PAGE, who, query=query, **more)
    assert not page.exception
    return page


@pytest.fixture
def told(desk):
    library = desk.portal.library()
    return questionnaire(library, library.editions["t", "1"])


@pytest.mark.parametrize("who", ["filler", "stranger", "inspector", "secretary", "observer"])
def test_anybody_signed_in_reads_them(visit, who):
    page = read(visit, who)
    assert "5 个指标" in words(page)
    assert any("试行标准" in one for one in page.selectbox(key="standard-edition").options)


def test_nobody_else_does(visit):
    page = read(visit)
    visit.sign_out()
    page.run()
    assert "请重新登录" in page.error[0].value
    assert not page.selectbox


def test_without_editions_it_says_so(desk, visit):
    serve(desk, library=Library)
    page = visit(PAGE, "filler")
    assert "还没有可用的标准" in words(page)


@pytest.mark.parametrize(
    ("wanted", "hits"),
    [
        ("培训", ["trained"]),
        ("TRAINED", ["trained"]),
        ("s.plan", ["plan"]),
        ("甲区 留样", ["cold"]),
        ("没有的字", []),
    ],
)
def test_the_search_finds_by_words_and_by_number(visit, told, wanted, hits):
    assert [one.item["id"] for one in parts.found(told, wanted)] == hits
    page = read(visit, **{"standard-search": wanted})
    assert [one.key.removeprefix("item-") for one in page.button if one.key.startswith("item-")] == hits


def test_an_item_is_opened_and_left_again(visit):
    page = read(visit, **{"standard-search": "培训"})
    page.button(key="item-trained").click().run()
    assert not page.exception
    shown = words(page)
    for text in ("培训", "4 分", "甲区", "判定表", "合格率", "从业人员数", "c.passed"):
        assert text in shown, text
    page.button(key="standard-下一项").click().run()
    assert page.header[0].value == "计划"
    page.button(key="standard-back").click().run()
    assert not page.header
    assert page.text_input(key="standard-search")


def test_an_item_has_an_address(visit):
    page = read(visit, query={"item": "lots"})
    assert page.header[0].value == "抽检"
    assert page.button(key="standard-下一项").disabled
    assert not read(visit, query={"item": "nothing"}).header


def test_grades_and_general_rules_are_told(visit):
    shown = words(read(visit, **{"standard-view": "等级与通则"}))
    assert "不低于 6 分" in shown
    assert "不达标" in shown
    assert "缺项的分值在" in shown


def test_a_standard_without_changes_says_so(visit):
    assert "没有写变更" in words(read(visit, **{"standard-view": "变更"}))


def test_two_editions_are_compared(desk, visit):
    assert "两版读起来完全一样" in words(read(visit, **{"standard-view": "与另一版比"}))
    assert "只有这一版" in words(read(visit, edition="u/1", **{"standard-view": "与另一版比"}))
    files = desks.library() | desks.library(edition="2")
    name = "rules/t/2/1-a.yaml"
    files[name] = files[name].replace("title: 培训".encode(), "title: <b>训练</b>".encode())
    library, problems = load_texts(files)
    assert [str(one) for one in problems] == []
    serve(desk, library=lambda: library)
    changes = compare(library, library.editions["t", "1"], library.editions["t", "2"])
    assert [(one.kind, one.id) for one in changes] == [("changed", "trained")]
    shown = words(read(visit, edition="t/2", **{"standard-view": "与另一版比"}))
    assert "<del>培训</del><ins>&lt;b&gt;训练&lt;/b&gt;</ins>" in shown


def serve(desk, **changes):
    """Let the pages show a portal that is another in something."""
    desk.portal = replace(desk.portal, **changes)
    serve_pages_of(desk.portal, Keys(b"k" * 32))


def troubled(desk):
    wrong = Problem(Place("rules/t/1/standard.yaml", 4, 1), "不认识的键 <titel>", "请改成 title", "unknown")
    trouble = Trouble("2026-11-26T08:00:00.000000Z", (wrong,))
    serve(desk, trouble=lambda: trouble)


def test_what_is_wrong_with_the_files_is_told_to_those_who_run_it(desk, visit):
    troubled(desk)
    page = read(visit, "secretary")
    assert "有 1 处错误" in page.error[0].value
    shown = words(page)
    assert "rules/t/1/standard.yaml" in shown
    assert "&lt;titel&gt;" in shown
    assert "5 个指标" in shown


def test_others_read_the_last_good_edition_and_hear_nothing_of_it(desk, visit):
    troubled(desk)
    page = read(visit, "filler")
    assert not page.error
    assert "5 个指标" in words(page)

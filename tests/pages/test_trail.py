"""The page of the trail: empty, half, full, filtered, and not for others."""

import pytest
from stages import go
from visits import words

FILE = "manage/trail.py"


def test_in_a_draft_the_secretariat_has_nothing_to_read_yet(desk, visit):
    assert "没有您能看的审计日志" in words(visit(FILE, "secretary"))


def test_the_approver_reads_what_was_done_at_the_own_university(desk, visit):
    desk.save("filler", "c.staff", 40)
    page = visit(FILE, "approver")
    shown = words(page)
    assert "保存回答" in shown
    assert "从业人员数" in shown
    assert "张三" in shown
    assert "B 大学" not in shown


def test_one_looks_under_a_heading_and_for_words(desk, visit):
    go(desk, "评审完成")
    page = visit(FILE, "secretary")
    assert "评审中 → 评审完成" in words(page)
    page.selectbox(key="trail-group").set_value("填报").run()
    assert "评审中 → 评审完成" not in words(page)
    page.text_input(key="trail-text").set_value("没有这样的话").run()
    assert "没有符合条件的记录" in words(page)


def test_the_file_is_made_when_it_is_asked_for(desk, visit):
    go(desk, "已提交")
    page = visit(FILE, "secretary")
    assert not page.get("download_button")
    page.button(key="trail-export").click().run()
    assert len(page.get("download_button")) == 1


def test_a_university_does_not_read_what_inspectors_find(desk, visit):
    go(desk, "评审完成")
    shown = words(visit(FILE, "approver"))
    assert "签署" not in shown.replace("最新的签名检查点", "")
    assert "钱七" not in shown


def test_more_lines_come_on_request(desk, visit, monkeypatch):
    go(desk, "评审完成")
    case = desk.ids["a"]
    page = visit(FILE, "secretary", **{f"trail-limit-{case}": 5})
    assert page.button(key="trail-more").label == "再看 100 行"
    before = words(page).count("<tr>")
    page.button(key="trail-more").click().run()
    assert words(page).count("<tr>") > before


@pytest.mark.parametrize("who", ["filler", "inspector", "observer"])
def test_others_see_nothing(desk, visit, who):
    go(desk, "已提交")
    assert "没有您能看的审计日志" in words(visit(FILE, who))

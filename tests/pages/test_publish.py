"""The page of publications: empty, ready, public, contested, graded, and not for others."""

from dataclasses import replace

import pytest
from stages import contest, go
from visits import words

from portal.policy import Member
from portal.store.tables import appeals, publications

FILE = "manage/publish.py"


def at(desk, part):
    return {"round": desk.ids["round"], "part": part}


def sure(page, name):
    page.checkbox(key=f"{name}-sure").check().run()
    page.button(key=f"{name}-do").click().run()
    return page


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("公示", "还没有评审完成、等着公示的学校"),
        ("异议", "没有学校提出异议"),
        ("定级", "没有等着定级的学校"),
        ("公布记录", "还没有公布过"),
        ("归档", "没有等着归档的学校"),
    ],
)
def test_nothing_to_do_is_said(desk, visit, part, said):
    page = visit(FILE, "secretary", at(desk, part))
    assert not page.exception
    assert said in words(page)
    assert not page.button


def test_what_becomes_public_is_shown_before_it_does(desk, visit):
    go(desk, "评审完成")
    page = visit(FILE, "secretary", at(desk, "公示"))
    shown = words(page)
    assert "这次新增 1 所" in shown
    assert "A 一食堂" in shown
    assert "/ 10 分" in shown
    assert page.button(key="publicise-do").disabled
    sure(page, "publicise")
    assert "已办：公示" in page.success[0].value
    assert desk.state() == "公示"
    assert "还没有评审完成" in words(page)


def test_an_appeal_is_given_to_somebody_who_did_not_review(desk, visit):
    go(desk, "公示")
    contest(desk)
    page = visit(FILE, "secretary", at(desk, "异议"))
    assert "漏看了名册" in words(page)
    assert "还没有指派" in words(page)
    (appeal,) = desk.rows(appeals)
    page.multiselect(key="appeal-which").set_value([appeal.id]).run()
    free = page.selectbox(key="appeal-who").options
    assert [one.partition("（")[0] for one in free] == ["third"]
    page.selectbox(key="appeal-who").set_value(desk.people["third"].id).run()
    page.button(key="appeal-do").click().run()
    assert "已指派复核专家：A 大学：培训" in page.success[0].value
    assert desk.rows(appeals)[0].reviewer_id == desk.people["third"].id


def test_grades_are_decided_and_then_published(desk, visit):
    go(desk, "公示")
    page = sure(visit(FILE, "secretary", at(desk, "定级")), "grade")
    assert "已定级：A 大学" in page.success[0].value
    assert desk.state() == "定级"
    assert "这次新增 1 所" in words(page)
    sure(page, "grades")
    assert "已办：公布定级" in page.success[0].value
    assert len(desk.rows(publications)) == 2


def test_what_stands_against_grading_is_said(desk, visit):
    go(desk, "复核")
    page = visit(FILE, "secretary", at(desk, "定级"))
    assert "还有 1 条异议没有复核" in words(page)
    assert not page.button


def test_a_withdrawal_shows_who_goes_back_and_needs_a_reason(desk, visit):
    go(desk, "公示")
    page = visit(FILE, "secretary", at(desk, "公布记录"))
    assert "公开着" in words(page)
    (row,) = desk.rows(publications)
    assert f'href="/public/{row.id}"' in words(page)
    page.selectbox(key="withdraw-which").set_value(row.id).run()
    assert "下面 1 所学校退回“评审完成”" in words(page)
    sure(page, "withdraw")
    assert "没有写" in page.warning[0].value
    page.text_area(key="withdraw-reason").set_value("名称有误").run()
    sure(page, "withdraw")
    assert "已撤回" in page.success[0].value
    assert "名称有误" in words(page)
    assert desk.state() == "评审完成"


def test_the_archive_warns_of_grades_that_are_not_public(desk, visit):
    go(desk, "定级")
    page = visit(FILE, "secretary", at(desk, "归档"))
    assert "定级还没有公布" in page.warning[0].value
    sure(page, "archive")
    assert "已归档：A 大学" in page.success[0].value
    assert desk.state() == "归档"


def test_who_reviewed_is_told_to_leave_it_to_others(desk, visit):
    go(desk, "评审完成")
    both = desk.people["inspector"]
    desk.people["inspector"] = replace(both, members=(*both.members, Member("secretariat")))
    from portal.use_cases.roles import grant  # noqa: PLC0415

    from_admin = replace(desk.people["secretary"], members=(Member("administrator"),))
    grant(desk.portal, from_admin, desk.op(), both.id, Member("secretariat"))
    page = visit(FILE, "inspector", at(desk, "公示"))
    assert "您评审过或填报过" in page.error[0].value


@pytest.mark.parametrize("who", ["filler", "approver", "inspector", "observer"])
def test_others_see_nothing(desk, visit, who):
    page = visit(FILE, who, at(desk, "公示"))
    assert "没有这项权限" in page.error[0].value

"""The page of accounts: for the secretariat, for administrators, and for approvers of their own university only."""

import pytest
from desks import account
from visits import words

from portal.policy import Member
from portal.store.tables import accounts, memberships, recusals

FILE = "manage/users.py"


def opened(page, login, name):
    page.text_input(key="new-login").set_value(login).run()
    page.text_input(key="new-name").set_value(name).run()
    return page


def held(desk, who):
    return {
        (row.role, row.university_id)
        for row in desk.rows(memberships, memberships.c.account_id == who, memberships.c.ended_at.is_(None))
    }


def test_the_secretariat_sees_everybody_with_roles_in_words(desk, visit):
    page = visit(FILE, "secretary")
    shown = words(page)
    assert "填报员：A 大学" in shown
    assert "填报员：B 大学" in shown
    page.text_input(key="users-text").set_value("B 大").run()
    assert "张三" not in words(page)
    assert "赵六" in words(page)


def test_an_approver_sees_the_people_of_the_own_university_only(desk, visit):
    shown = words(visit(FILE, "approver"))
    assert "张三" in shown
    assert "赵六" not in shown
    assert "钱七" not in shown


def test_an_account_is_opened_and_its_password_is_shown_once(desk, visit):
    page = opened(visit(FILE, "secretary", {"part": "新开账号"}), "xinren", "新人")
    page.button(key="new-do").click().run()
    assert "还没有选角色" in page.warning[0].value
    page.selectbox(key="new-role").set_value("filler").run()
    page.selectbox(key="new-university").set_value(desk.ids["B"]).run()
    page.button(key="new-do").click().run()
    (password,) = page.code
    assert len(password.value) >= 12
    (row,) = desk.rows(accounts, accounts.c.login == "xinren")
    assert held(desk, row.id) == {("filler", desk.ids["B"])}
    page.run()
    assert not page.code


def test_an_approver_opens_accounts_of_fillers_of_the_own_university(desk, visit):
    page = opened(visit(FILE, "approver", {"part": "新开账号"}), "bangshou", "帮手")
    assert page.selectbox(key="new-role").options == ["填报员"]
    assert len(page.selectbox(key="new-university").options) == 1
    page.button(key="new-do").click().run()
    (row,) = desk.rows(accounts, accounts.c.login == "bangshou")
    assert held(desk, row.id) == {("filler", desk.ids["A"])}


def test_a_login_that_is_taken_is_refused(desk, visit):
    page = opened(visit(FILE, "approver", {"part": "新开账号"}), "bangshou", "帮手")
    page.button(key="new-do").click().run()
    page.button(key="new-do").click().run()
    assert "已经有人用了" in page.warning[0].value


def test_a_password_is_reset_and_shown_once(desk, visit):
    page = visit(FILE, "approver", {"part": "一个账号"})
    page.selectbox(key="user-which").set_value(desk.people["filler"].id).run()
    page.button(key="reset-do").click().run()
    assert len(page.code) == 1
    assert desk.rows(accounts, accounts.c.id == desk.people["filler"].id)[0].must_change


def test_an_approver_does_not_manage_another_approver(desk, visit):
    desk.people["other"] = account(desk, "另一负责人", Member("approver", desk.ids["A"]))
    page = visit(FILE, "approver", {"part": "一个账号"})
    page.selectbox(key="user-which").set_value(desk.people["other"].id).run()
    page.button(key="reset-do").click().run()
    assert "没有找到" in page.error[0].value
    assert not page.code


def test_an_account_is_disabled_with_a_reason_and_enabled_again(desk, visit):
    who = desk.people["stranger"].id
    page = visit(FILE, "secretary", {"part": "一个账号"})
    page.selectbox(key="user-which").set_value(who).run()
    page.button(key="disable-do").click().run()
    assert "还没有写理由" in page.warning[0].value
    page.text_input(key="disable-reason").set_value("离职").run()
    page.button(key="disable-do").click().run()
    assert "已办：停用赵六" in page.success[0].value
    assert "已停用" in words(page)
    page.button(key="enable-do").click().run()
    assert desk.rows(accounts, accounts.c.id == who)[0].disabled_at is None


def test_roles_are_given_and_taken(desk, visit):
    who = desk.people["observer"].id
    page = visit(FILE, "secretary", {"part": "一个账号"})
    page.selectbox(key="user-which").set_value(who).run()
    page.selectbox(key=f"give-{who}-role").set_value("inspector").run()
    page.button(key="give-do").click().run()
    assert "给孙八开通评审专家" in page.success[0].value
    assert held(desk, who) == {("observer", None), ("inspector", None)}
    mine = desk.rows(memberships, memberships.c.account_id == who, memberships.c.role == "observer")[0].id
    page.button(key=f"revoke-{mine}").click().run()
    assert held(desk, who) == {("inspector", None)}


def test_recusals_are_declared_and_lifted(desk, visit):
    who = desk.people["inspector"].id
    page = visit(FILE, "secretary", {"part": "一个账号"})
    page.selectbox(key="user-which").set_value(who).run()
    page.selectbox(key=f"recuse-{who}").set_value(desk.ids["A"]).run()
    page.text_input(key="recuse-reason").set_value("曾在该校任教").run()
    page.button(key="recuse-do").click().run()
    assert "A 大学：曾在该校任教" in words(page)
    (row,) = desk.rows(recusals, recusals.c.account_id == who)
    page.selectbox(key=f"lift-{who}").set_value(row.id).run()
    page.text_input(key="recuse-reason").set_value("已满三年").run()
    page.button(key="lift-do").click().run()
    assert "没有登记回避" in words(page)


def test_an_administrator_gives_every_role_and_does_not_see_recusals(desk, visit):
    desk.people["admin"] = account(desk, "管理员", Member("administrator"))
    page = visit(FILE, "admin", {"part": "新开账号"})
    assert "管理员" in page.selectbox(key="new-role").options
    page = visit(FILE, "admin", {"part": "一个账号"})
    page.selectbox(key="user-which").set_value(desk.people["inspector"].id).run()
    assert "没有登记回避" not in words(page)


def test_the_own_account_is_not_there(desk, visit):
    page = visit(FILE, "secretary", {"part": "一个账号"})
    assert not any("秘书" in one for one in page.selectbox(key="user-which").options)


@pytest.mark.parametrize("who", ["filler", "inspector", "observer"])
def test_others_see_nothing(desk, visit, who):
    page = visit(FILE, who)
    assert "没有这项权限" in page.error[0].value
    assert "张三" not in words(page)

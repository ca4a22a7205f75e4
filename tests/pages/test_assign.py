"""The page of assignments and stages: empty, half, full, and not for others."""

import pytest
from stages import contest, go, more_inspectors
from visits import words

from portal.store.tables import assignments
from portal.use_cases.roles import recuse

FILE = "manage/assign.py"


def at(desk, part):
    return {"round": desk.ids["round"], "part": part}


def step(page, name):
    """Choose what to do."""
    found = next(one for one in page.button_group if one.key == "step-name")
    found.set_value([name]).run() if isinstance(found.value, list) else found.set_value(name).run()
    return page


def test_before_anybody_handed_in_there_is_nothing_to_assign(desk, visit):
    assert "现在没有等评审的学校" in words(visit(FILE, "secretary", at(desk, "指派")))
    assert "现在没有能推进的学校" in words(visit(FILE, "secretary", at(desk, "推进")))


def test_several_are_assigned_at_once_and_conflicts_are_seen_before(desk, visit):
    go(desk, "已提交")
    people = {name: desk.people[name].id for name in ("inspector", "second", "third")}
    recuse(desk.portal, desk.people["secretary"], desk.op(), people["third"], desk.ids["A"], "曾在该校任教")
    page = visit(FILE, "secretary", at(desk, "指派"))
    assert "还差专家的 1 所" in words(page)
    page.multiselect(key="assign-schools").set_value([desk.ids["a"]]).run()
    page.multiselect(key="assign-people").set_value(list(people.values())).run()
    assert "third对A 大学已申报回避" in words(page)
    assert page.button(key="assign-do").label == "指派 2 对"
    page.button(key="assign-do").click().run()
    assert "A 大学—钱七、A 大学—second" in page.success[0].value
    assert {row.account_id for row in desk.rows(assignments)} == {people["inspector"], people["second"]}
    assert "未签署" in words(page)


def test_who_is_taken_off_needs_a_reason(desk, visit):
    go(desk, "评审中")
    page = visit(FILE, "secretary", at(desk, "指派"))
    pair = f"{desk.ids['a']}/{desk.people['second'].id}"
    page.selectbox(key="end-which").set_value(pair).run()
    page.button(key="end-do").click().run()
    assert "A 大学—second" in page.warning[0].value
    page.selectbox(key="end-which").set_value(pair).run()
    page.text_input(key="end-reason").set_value("出差").run()
    page.button(key="end-do").click().run()
    assert "已撤下：A 大学—second" in page.success[0].value


def test_what_stands_in_the_way_is_said_of_each(desk, visit):
    go(desk, "已提交")
    page = visit(FILE, "secretary", at(desk, "推进"))
    assert "至少要指派 1 位评审专家，现在是 0 位" in words(page)
    assert not page.button
    go_on = page.button_group
    assert go_on


def test_a_review_is_begun(desk, visit):
    go(desk, "已提交")
    page = visit(FILE, "secretary", at(desk, "指派"))
    page.multiselect(key="assign-schools").set_value([desk.ids["a"]]).run()
    page.multiselect(key="assign-people").set_value([desk.people["inspector"].id]).run()
    page.button(key="assign-do").click().run()
    page = visit(FILE, "secretary", at(desk, "推进"))
    page.multiselect(key="step-review-schools").set_value([desk.ids["a"]]).run()
    page.button(key="step-do").click().run()
    assert "已办：A 大学" in page.success[0].value
    assert desk.state() == "评审中"


def test_giving_back_needs_a_second_word_and_a_reason(desk, visit):
    go(desk, "评审中")
    page = step(visit(FILE, "secretary", at(desk, "推进")), "reopen")
    page.multiselect(key="step-reopen-schools").set_value([desk.ids["a"]]).run()
    assert page.button(key="step-do").disabled
    page.checkbox(key="step-reopen-sure").check().run()
    page.button(key="step-do").click().run()
    assert "要写明理由" in page.warning[0].value
    assert desk.state() == "评审中"
    step(page, "reopen")
    page.multiselect(key="step-reopen-schools").set_value([desk.ids["a"]]).run()
    page.text_area(key="step-reopen-reason").set_value("漏填").run()
    page.checkbox(key="step-reopen-sure").check().run()
    page.button(key="step-do").click().run()
    assert "已办：A 大学" in page.success[0].value
    assert desk.state() == "填报中"


def test_an_appeal_is_taken_up(desk, visit):
    go(desk, "公示")
    contest(desk)
    page = step(visit(FILE, "secretary", at(desk, "推进")), "appeal")
    page.multiselect(key="step-appeal-schools").set_value([desk.ids["a"]]).run()
    page.button(key="step-do").click().run()
    assert desk.state() == "复核"


def test_inspectors_are_there_with_their_load(desk, visit):
    go(desk, "评审中")
    page = visit(FILE, "secretary", at(desk, "专家"))
    assert "钱七" in words(page)
    page.text_input(key="inspectors-text").set_value("second").run()
    assert "钱七" not in words(page)


def test_without_inspectors_it_says_where_they_come_from(desk, visit):
    more_inspectors(desk)
    from portal.store.tables import accounts  # noqa: PLC0415

    def work(connection):
        connection.execute(
            accounts.update()
            .values(disabled_at=desk.step())
            .where(accounts.c.name.in_(("钱七", "second", "third")))
        )

    desk.portal.database.write(work)
    assert "还没有评审专家" in words(visit(FILE, "secretary", at(desk, "专家")))


@pytest.mark.parametrize("who", ["filler", "approver", "inspector", "observer"])
def test_others_see_nothing(desk, visit, who):
    page = visit(FILE, who, at(desk, "指派"))
    assert "没有这项权限" in page.error[0].value
    assert "B 大学" not in words(page)

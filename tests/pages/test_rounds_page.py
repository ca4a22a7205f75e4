"""The page of the rounds: empty, half, full, and not for others."""

import pytest
from desks import new_round
from stages import go
from visits import Visit, words

from app_pages.components.states import bar
from app_pages.components.taking_part import by_code, columns_of
from portal.policy import STATES
from portal.store.tables import assessments, metadata, rounds
from portal.use_cases.assigning import assign
from portal.use_cases.directory import University

FILE = "manage/rounds.py"


def at(desk, part):
    return {"round": desk.ids["round"], "part": part}


def test_without_rounds_it_offers_to_make_one(bare, monkeypatch):
    page = Visit(bare, monkeypatch)(FILE, "secretary")
    assert not page.exception
    assert "还没有批次" in words(page)
    assert page.text_input(key="create-title").value == ""


def test_all_rounds_are_there_with_their_states_in_words(desk, visit):
    page = visit(FILE, "secretary")
    assert "首批" in words(page)
    assert 'aria-label="填报中 2 所"' in words(page)


def test_the_progress_says_how_far_everybody_is(desk, visit):
    desk.save("filler", "c.staff", 40)
    page = visit(FILE, "secretary", at(desk, "进度"))
    assert not page.exception
    shown = words(page)
    assert "A 大学" in shown
    assert "B 大学" in shown
    assert "1 / 9" in shown
    assert "还有 30 天" in shown or "还有 29 天" in shown


def test_one_finds_a_university(desk, visit):
    page = visit(FILE, "secretary", at(desk, "进度"))
    page.text_input(key="progress-text").set_value("B 大").run()
    assert "A 大学" not in words(page)
    assert "1 / 2 所" in words(page)


def test_what_is_late_is_said_in_words(desk, visit):
    desk.step(days=31)
    page = visit(FILE, "secretary", at(desk, "进度"))
    assert "已过期" in words(page)


def test_who_is_to_be_reminded_can_be_copied(desk, visit):
    desk.save("filler", "c.staff", 40)
    page = visit(FILE, "secretary", at(desk, "催办"))
    (letter,) = page.code
    assert letter.value.splitlines()[1:] == [
        "1. B 大学：提交填报，已答 0 题（共 9 题），2026-10-01 08:00 截止",
        "2. A 大学：提交填报，已答 1 题（共 9 题），2026-10-01 08:00 截止",
    ]
    assert "王五" in words(page)


def test_nobody_to_remind_is_said(desk, visit):
    from_start = desk.ids["round"]
    go(desk, "已提交")
    page = visit(FILE, "secretary", {"round": from_start, "part": "催办"})
    assert "B 大学" in words(page)
    assert "A 大学" not in words(page)


def test_universities_are_invited_by_their_codes(desk, visit):
    chief = desk.people["secretary"]
    page = visit(FILE, "secretary", at(desk, "参评学校"))
    page.text_area(key="register-universities").set_value("9001，新大学，本科\n9002，另大学").run()
    page.button(key="register-universities-do").click().run()
    assert "已登记：新大学、另大学" in page.success[0].value
    page.text_area(key="invite-codes").set_value("9001 9002\n7777").run()
    assert "有 1 个代码不在册：7777" in page.warning[0].value
    page.button(key="invite-do").click().run()
    assert "已邀请：新大学、另大学" in page.success[0].value
    assert len(desk.rows(assessments)) == 4
    assert chief


def test_a_code_that_is_taken_is_refused_and_the_rest_is_done(desk, visit):
    page = visit(FILE, "secretary", at(desk, "参评学校"))
    taken = desk.rows(metadata.tables["universities"])[0].code
    page.text_area(key="register-universities").set_value(f"{taken}，又一所\n9002，另大学").run()
    page.button(key="register-universities-do").click().run()
    assert "另大学" in page.success[0].value
    assert "又一所：代码" in page.warning[0].value
    assert page.text_area(key="register-universities").value == f"{taken}，又一所", (
        "what was refused stays to be corrected"
    )


def test_what_is_assessed_is_chosen_for_one_university(desk, visit):
    page = visit(FILE, "secretary", at(desk, "参评对象"))
    page.selectbox(key="choose-university").set_value(desk.ids["a"]).run()
    key = f"choose-{desk.ids['a']}-{desk.version()}"
    page.multiselect(key=key).set_value([]).run()
    page.button(key="choose-do").click().run()
    assert "已选定参评对象：A 大学" in page.success[0].value
    assert page.button(key="choose-all").label == "给 1 所学校选上全部在册的食堂"
    page.button(key="choose-all").click().run()
    assert "已选定参评对象：A 大学" in page.success[0].value


def test_places_are_registered_by_lines(desk, visit):
    page = visit(FILE, "secretary", at(desk, "参评对象"))
    code = desk.rows(metadata.tables["universities"])[0].code
    page.text_area(key="register-places").set_value(f"{code}，canteen-9，九食堂\n0000，x，y").run()
    assert "0000" in page.warning[0].value
    assert page.button(key="register-places-do").disabled
    page.text_area(key="register-places").set_value(f"{code}，canteen-9，九食堂").run()
    page.button(key="register-places-do").click().run()
    assert "九食堂" in page.success[0].value


def test_closing_needs_a_second_word(desk, visit):
    page = visit(FILE, "secretary", at(desk, "日期与开关"))
    assert page.button(key="close-do").disabled
    page.checkbox(key="close-sure").check().run()
    page.button(key="close-do").click().run()
    assert "已办：提前截止" in page.success[0].value
    (row,) = desk.rows(rounds)
    assert row.fill_until is not None
    assert row.version == 3
    desk.step(minutes=1)
    page.checkbox(key="archive-sure").check().run()
    page.button(key="archive-do").click().run()
    assert "已办：归档批次" in page.success[0].value
    assert "批次已经归档，不再改动。" in words(page)


def test_the_number_of_inspectors_is_changed_until_a_review_begins(desk, visit):
    go(desk, "已提交")
    page = visit(FILE, "secretary", at(desk, "日期与开关"))
    assert page.button(key="least-save").disabled
    page.number_input[0].set_value(2).run()
    page.button(key="least-save").click().run()
    assert "已办：每校至少 2 位专家" in page.success[0].value
    for who in ("inspector", "second"):
        assign(desk.portal, desk.people["secretary"], desk.ids["a"], desk.people[who].id, op_id=desk.op())
    desk.advance("评审中")
    page.number_input[0].set_value(3).run()
    page.button(key="least-save").click().run()
    assert "已有 1 所学校开始评审" in page.warning[0].value


def test_a_draft_is_opened(desk, visit):
    new_round(desk, edition="2", title="次年", opened=False)
    desk.ids["round"] = desk.rows(rounds, rounds.c.title == "次年")[0].id
    page = visit(FILE, "secretary", at(desk, "日期与开关"))
    page.checkbox(key="open-sure").check().run()
    page.button(key="open-do").click().run()
    assert "已办：开放填报" in page.success[0].value
    assert {row.state for row in desk.rows(assessments)} == {"填报中"}


def test_a_round_is_made_with_its_edition(desk, visit):
    page = visit(FILE, "secretary")
    page.button(key="create-do").click().run()
    assert "还没有选标准" in page.warning[0].value
    page.text_input(key="create-title").set_value("第二批").run()
    page.selectbox(key="create-standard").set_value(("t", "2")).run()
    page.date_input(key="create-as-of").set_value("2027-06-30").run()
    page.button(key="create-do").click().run()
    assert not page.exception
    assert {row.title for row in desk.rows(rounds)} == {"首批", "第二批"}


@pytest.mark.parametrize("who", ["filler", "approver", "inspector", "observer"])
def test_others_see_nothing(desk, visit, who):
    page = visit(FILE, who, at(desk, "进度"))
    assert "没有这项权限" in page.error[0].value
    assert "B 大学" not in words(page)


def test_what_was_taken_is_gone_at_the_next_click(desk, visit):
    page = visit(FILE, "secretary", at(desk, "进度"))
    visit.sign_in("stranger")
    page.run()
    assert "没有这项权限" in page.error[0].value
    assert "A 大学" not in words(page)


def test_pasted_codes_are_found_however_they_are_separated():
    known = [University(str(n), f"10{n}", f"{n} 大学", "", "") for n in range(4)]
    assert by_code("100，101\n102;103 999", known, {"1"}) == (["0", "2", "3"], ["999"], 1)
    assert columns_of(" 10001,某大学 \n\n10002\t另大学\t本科") == [
        ("10001", "某大学"),
        ("10002", "另大学", "本科"),
    ]


def test_the_bar_says_in_words_what_it_shows():
    assert "还没有邀请学校" in bar(dict.fromkeys(STATES, 0))
    assert 'aria-label="填报中 3 所、公示 1 所"' in bar({"填报中": 3, "公示": 1, "归档": 0})

"""Filling in, around the component: which assessment, which place, handing in. What happens inside: tests/browser."""

import json

import pytest
from desks import new_round
from reviewed import house
from stages import go
from visits import Visit, words

from portal.use_cases.filling_in import score_of
from portal.use_cases.forms import read_section
from portal.use_cases.materials import ask_material
from tests.portal.in_review import GOOD, ok


def given(page):
    """Return what the component is told."""
    (found,) = page.get("bidi_component")
    return json.loads(found.proto.json)


def test_the_component_is_told_who_fills_in_what(desk, visit):
    page = visit("fill.py", "filler")
    assert not page.exception
    told = given(page)
    assert (told["assessment"], told["account"]) == (desk.ids["a"], desk.people["filler"].id)


def test_it_opens_on_the_round_that_can_be_filled_in_not_on_the_newest(desk, visit):
    first = desk.ids["a"]
    desk.ids["round"] = new_round(desk, edition="2", title="次年")
    go(desk, "公示")
    page = visit("fill.py", "filler")
    assert given(page)["assessment"] == first
    assert page.selectbox(key="fill-assessment").options == ["首批", "次年"]
    assert given(visit("fill.py", "filler", {"assessment": desk.ids["a"]}))["assessment"] == desk.ids["a"]


def test_it_opens_on_the_first_place_with_questions(tmp_path, monkeypatch):
    world, found = house(tmp_path)
    case = world.university("u9", GOOD, GOOD)
    seats = ok(read_section(world.portal, world.people["u9填报员"], case, world.subject(case, "u9"))).seats
    assert [one.asked > 0 for one in seats] == [False, True, True]
    page = Visit(found, monkeypatch)("fill.py", "u9填报员")
    assert given(page)["subject"] == world.subject(case, "c1")
    world.portal.database.close()


def test_only_who_answers_for_the_university_hands_in(desk, visit):
    assert not [one for one in visit("fill.py", "filler").button if one.key == "fill-submit"]
    page = visit("fill.py", "approver")
    page.button(key="fill-submit").click().run()
    page.button(key="fill-confirm").click().run()
    assert "没有" in words(page), "nothing is answered yet"
    desk.save("filler", "c.staff", 40)
    page = visit("fill.py", "approver")
    page.button(key="fill-submit").click().run()
    brief = score_of(desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"]).brief
    assert f"已答 1 / {brief.asked} 个问题，得分 {brief.low}–{brief.high} / {brief.points}" in words(page)
    page.button(key="fill-confirm").click().run()
    assert desk.state() == "已提交"
    assert "已提交：首批" in page.success[0].value
    assert not [one for one in page.run().button if one.key == "fill-submit"]


def test_what_was_handed_in_is_taken_back_with_a_reason(desk, visit):
    go(desk, "已提交")
    assert not [one for one in visit("fill.py", "filler").button if one.key == "fill-back"]
    page = visit("fill.py", "approver")
    page.button(key="fill-back").click().run()
    assert "理由" in page.warning[0].value
    page.text_input(key="fill-back-reason").set_value("漏了一处")
    page.button(key="fill-back").click().run()
    assert "已撤回" in page.success[0].value
    assert desk.state() == "填报中"


def test_what_inspectors_ask_for_is_answered_and_handed_in(desk, visit):
    go(desk, "评审中")
    place = (desk.portal, desk.people["inspector"], desk.ids["a"], "canteen-a", "trained")
    ask_material(*place, "请补培训名册", base=0, op_id=desk.op())
    assert "请补培训名册" not in words(visit("fill.py", "filler")), "before it was sent"
    desk.advance("补充材料")
    page = visit("fill.py", "filler")
    assert "请补培训名册" in words(page)
    assert "钱七" not in words(page)
    assert given(page)["subject"] == desk.ids["canteen"]
    assert f"/fill?assessment={desk.ids['a']}&amp;subject={desk.ids['canteen']}#i-trained" in words(page)
    (box,) = page.text_area
    box.set_value("名册已附在培训一项")
    next(one for one in page.button if one.label == "回复").click().run()
    assert "已回复：培训" in page.success[0].value
    page = visit("fill.py", "approver")
    assert "名册已附在培训一项" in words(page)
    page.button(key="fill-submit").click().run()
    page.button(key="fill-confirm").click().run()
    assert desk.state() == "评审中"


def test_a_stranger_gets_only_the_own_assessment(desk, visit):
    page = visit("fill.py", "stranger", query={"assessment": desk.ids["a"]})
    assert given(page)["assessment"] != desk.ids["a"]


@pytest.mark.parametrize("who", ["inspector", "observer", "secretary"])
def test_who_does_not_fill_in_has_nothing_here(desk, visit, who):
    assert "现在没有邀请贵校参加的批次" in words(visit("fill.py", who))


def test_signed_out_between_two_clicks(desk, visit):
    page = visit("fill.py", "approver")
    visit.sign_out()
    assert "请重新登录" in page.run().error[0].value

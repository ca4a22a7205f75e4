"""Filling in, around the component: which assessment, which place, handing in. What happens inside: tests/browser."""

import json

import pytest
from desks import new_round
from reviewed import house
from stages import go
from visits import Visit, words

from portal.use_cases.forms import read_section
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
    assert page.selectbox(key="fill-assessment").options == ["首批（填报中）", "次年（公示）"]
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
    assert "已答 1 / " in words(page)
    page.button(key="fill-confirm").click().run()
    assert desk.state() == "已提交"
    assert not [one for one in page.run().button if one.key == "fill-submit"]


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

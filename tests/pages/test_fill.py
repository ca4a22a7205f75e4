"""Filling in, around the component: which assessment, which place, handing in. What happens inside: tests/browser."""

import pytest
from visits import words


def given(page):
    """Return what the component is told."""
    (found,) = page.get("bidi_component")
    return found.proto


def test_the_component_is_told_who_fills_in_what(desk, visit):
    page = visit("fill.py", "filler")
    assert not page.exception
    told = str(given(page))
    assert desk.ids["a"] in told
    assert desk.people["filler"].id in told


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
    assert desk.ids["a"] not in str(given(page))


@pytest.mark.parametrize("who", ["inspector", "observer", "secretary"])
def test_who_does_not_fill_in_has_nothing_here(desk, visit, who):
    assert "现在没有邀请贵校参加的批次" in words(visit("fill.py", who))


def test_signed_out_between_two_clicks(desk, visit):
    page = visit("fill.py", "approver")
    visit.sign_out()
    assert "请重新登录" in page.run().error[0].value

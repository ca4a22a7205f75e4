"""The list of what is assigned, and the way into a case: empty, begun, done, signed, forbidden."""

import json
import re

import pytest
from visits import words

from portal.use_cases.assigning import assign
from portal.use_cases.findings import save_finding
from portal.use_cases.signing_off import bulk_agree, sign_off

ANSWERS = {"c.staff": 40, "c.passed": 40, "c.share": "90%", "c.kind": "自营", "c.rules": ["留样"]}


@pytest.fixture
def case(desk):
    """Give the assessment of A, handed in and in review by the inspector."""
    for fact, value in ANSWERS.items():
        desk.save("filler", fact, value)
    desk.save("filler", "s.plan", True, subject="school")
    desk.save("filler", "s.meetings", 3, subject="school")
    desk.submit()
    desk.step()
    done = assign(
        desk.portal, desk.people["secretary"], desk.ids["a"], desk.people["inspector"].id, op_id=desk.op()
    )
    assert not hasattr(done, "code"), done
    desk.advance("评审中")
    return desk.ids["a"]


def conclude(desk, case):
    """Give points where the answers leave them open, agree to the rest, and sign."""
    inspector = desk.people["inspector"]
    said = save_finding(
        desk.portal,
        inspector,
        case,
        desk.ids["canteen"],
        "lots",
        "adjust",
        points="0.5",
        reason="抽检记录不全",
        op_id=desk.op(),
    )
    assert not hasattr(said, "code"), said
    desk.step()
    assert not bulk_agree(desk.portal, inspector, case, op_id=desk.op()).left


def given(page):
    """Return what the component of a page was given."""
    (made,) = page.get("bidi_component")
    return json.loads(made.proto.json)


def test_nothing_is_assigned_yet(visit):
    assert "现在没有派给您的评审" in words(visit("review.py", "inspector"))
    assert not visit("review.py", "inspector").get("bidi_component")


def test_what_is_assigned_stands_with_state_and_progress(case, desk, visit):
    shown = words(visit("review.py", "inspector"))
    assert "A 大学" in shown
    assert "评审中" in shown
    assert "定论 0 / 5 项" in shown
    assert f'href="/review?assessment={case}"' in shown
    conclude(desk, case)
    assert "定论 5 / 5 项" in words(visit("review.py", "inspector"))


def test_what_is_signed_stands_apart(case, desk, visit):
    conclude(desk, case)
    done = sign_off(desk.portal, desk.people["inspector"], case, op_id=desk.op())
    assert not hasattr(done, "code"), done
    page = visit("review.py", "inspector")
    assert "派给您的都已签署" in words(page)
    assert page.subheader[0].value == "其他"
    assert re.search(r"2026-09-01 08:\d\d 签署", words(page))


def test_a_case_opens_where_the_address_says(case, desk, visit):
    where = {"assessment": case, "subject": desk.ids["canteen"], "indicator": "trained"}
    page = visit("review.py", "inspector", query=where)
    assert not page.exception
    told = given(page)
    assert (told["page"], told["base"], told["assessment"]) == ("review", "/api/v1", case)
    assert (told["subject"], told["indicator"]) == (desk.ids["canteen"], "trained")
    assert told["account"] == desk.people["inspector"].id


def test_where_one_is_inside_a_case_does_not_open_it_anew(case, desk, visit):
    page = visit("review.py", "inspector", query={"assessment": case})
    before = given(page)
    page.query_params["indicator"] = "trained"
    page.run()
    assert given(page) == before


@pytest.mark.parametrize("who", ["filler", "stranger", "observer"])
def test_who_does_not_review_it_sees_nothing_of_it(case, visit, who):
    page = visit("review.py", who, query={"assessment": case})
    assert not page.get("bidi_component")
    assert "A 大学" not in words(page)
    assert [one.value for one in (*page.error, *page.warning)]


def test_a_case_that_is_not_there_is_not_found(visit):
    assert "没有找到" in visit("review.py", "inspector", query={"assessment": "nothing"}).error[0].value


def test_what_was_taken_away_is_gone_a_click_later(case, desk, visit):
    page = visit("review.py", "inspector", query={"assessment": case})
    visit.sign_out()
    page.run()
    assert "请重新登录" in page.error[0].value
    assert not page.get("bidi_component")


def test_on_site_the_page_brings_who_and_where(visit, desk):
    page = visit("onsite.py", "inspector")
    assert page.title[0].value == "现场核查"
    told = given(page)
    assert (told["page"], told["account"]) == ("onsite", desk.people["inspector"].id)


def test_on_site_nobody_is_nobody(visit, desk):
    page = visit("onsite.py", "inspector")
    visit.sign_out()
    page.run()
    assert "请重新登录" in page.error[0].value

"""What is on record to choose from, each list for those who choose from it."""

from dataclasses import replace

import desks
import pytest

from portal.policy import Member
from portal.refusal import FORBIDDEN, MISSING, Refusal
from portal.use_cases.directory import list_choices, list_recusals, list_universities
from portal.use_cases.places import register_place
from portal.use_cases.roles import lift_recusal, recuse


@pytest.fixture
def desk(database, tmp_path):
    return desks.make(database, tmp_path / "blobs")


def test_those_who_run_rounds_see_every_university_and_others_their_own(desk):
    titles = {
        who: [one.title for one in list_universities(desk.portal, desk.people[who])]
        for who in ("secretary", "approver")
    }
    assert titles == {"secretary": ["A 大学", "B 大学"], "approver": ["A 大学"]}


@pytest.mark.parametrize("who", ["filler", "inspector", "observer"])
def test_others_see_none(desk, who):
    assert list_universities(desk.portal, desk.people[who]) == FORBIDDEN


def test_a_secretary_of_one_round_can_choose_whom_to_invite(desk):
    one = replace(desk.people["secretary"], members=(Member("secretariat", None, desk.ids["round"]),))
    assert len(list_universities(desk.portal, one)) == 2
    assert not isinstance(list_choices(desk.portal, one, desk.ids["round"]), Refusal)


def test_places_of_the_kind_that_is_assessed_are_offered_and_those_chosen_are_marked(desk):
    chief = desk.people["secretary"]
    for slug, kind in (("canteen-2", "食堂"), ("tower", "公寓")):
        register_place(desk.portal, chief, desk.ids["A"], slug, kind, slug, op_id=desk.op())
    found = list_choices(desk.portal, chief, desk.ids["round"])
    first, second = found.universities
    assert found.kind == "食堂"
    assert [(one.slug, one.chosen) for one in first.places] == [("canteen-2", False), ("canteen-a", True)]
    assert [(one.slug, one.chosen) for one in second.places] == [("canteen-b", True)]
    assert first.version == desk.version()


@pytest.mark.parametrize("who", ["filler", "approver", "inspector", "observer"])
def test_only_those_who_run_the_round_see_what_may_be_chosen(desk, who):
    assert list_choices(desk.portal, desk.people[who], desk.ids["round"]) in (FORBIDDEN, MISSING)


def test_recusals_are_there_until_they_are_lifted(desk):
    chief, inspector = desk.people["secretary"], desk.people["inspector"]
    assert list_recusals(desk.portal, chief) == ()
    found = recuse(desk.portal, chief, desk.op(), inspector.id, desk.ids["A"], "曾在该校任教")
    (one,) = list_recusals(desk.portal, chief)
    assert (one.id, one.name, one.university_title, one.reason) == (
        found,
        inspector.name,
        "A 大学",
        "曾在该校任教",
    )
    lift_recusal(desk.portal, chief, desk.op(), found, "已满三年")
    assert list_recusals(desk.portal, chief) == ()


@pytest.mark.parametrize("who", ["filler", "approver", "inspector", "observer"])
def test_only_those_who_assign_see_recusals(desk, who):
    recuse(
        desk.portal, desk.people["secretary"], desk.op(), desk.people["inspector"].id, desk.ids["A"], "亲属"
    )
    assert list_recusals(desk.portal, desk.people[who]) == FORBIDDEN

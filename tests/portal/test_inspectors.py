"""Who inspects what, with how much to do; what is looked at before assigning is what assigning answers."""

from dataclasses import replace

import desks
import pytest
from sqlalchemy import true

from portal.policy import Member
from portal.refusal import FORBIDDEN, MISSING, Refusal
from portal.use_cases.assigning import assign
from portal.use_cases.inspectors import MOST_PAIRS, check_pairs, list_assignments
from portal.use_cases.roles import recuse


@pytest.fixture
def desk(database, tmp_path):
    found = desks.make(database, tmp_path / "blobs")
    found.people |= desks.accounts_of(found, {"second": ("第二", [Member("inspector")])})
    return found


def look(desk, who="secretary"):
    return list_assignments(desk.portal, desk.people[who], desk.ids["round"])


def give(desk, who, assessment="a"):
    return assign(
        desk.portal, desk.people["secretary"], desk.ids[assessment], desk.people[who].id, op_id=desk.op()
    )


def check(desk, assessments, people, **more):
    return check_pairs(
        desk.portal,
        desk.people["secretary"],
        more.get("round_id", desk.ids["round"]),
        assessments=[desk.ids[one] for one in assessments],
        accounts=[desk.people[one].id for one in people],
    )


def test_inspectors_are_there_with_what_they_have_to_do(desk):
    give(desk, "inspector")
    give(desk, "inspector", "b")
    recuse(desk.portal, desk.people["secretary"], desk.op(), desk.people["second"].id, desk.ids["B"], "亲属")
    found = look(desk)
    loads = {one.name: (one.in_hand, one.signed, one.appeals, one.keeps_away) for one in found.inspectors}
    assert loads == {"钱七": (2, 0, 0, ()), "第二": (0, 0, 0, ("B 大学",))}
    assert [(one.university_title, one.name, one.signed_at) for one in found.given] == [
        ("A 大学", "钱七", None),
        ("B 大学", "钱七", None),
    ]


@pytest.mark.parametrize("who", ["filler", "approver", "inspector", "observer"])
def test_only_those_who_assign_see_it(desk, who):
    give(desk, "inspector")
    assert look(desk, who) in (FORBIDDEN, MISSING)
    asked = check_pairs(
        desk.portal, desk.people[who], desk.ids["round"], assessments=[desk.ids["a"]], accounts=["x"]
    )
    assert asked in (FORBIDDEN, MISSING)


def test_a_secretary_with_a_conflict_does_not_see_who_inspects_that_university(desk):
    give(desk, "inspector")
    give(desk, "inspector", "b")
    away = replace(desk.people["secretary"], recused=frozenset({desk.ids["A"]}))
    found = list_assignments(desk.portal, away, desk.ids["round"])
    assert {one.university_title for one in found.given} == {"B 大学"}


def test_it_is_the_table_of_permissions_that_hides_them(desk, monkeypatch):
    """The protection bites: without the filter the same secretary would see who inspects that university."""
    give(desk, "inspector")
    away = replace(desk.people["secretary"], recused=frozenset({desk.ids["A"]}))
    assert list_assignments(desk.portal, away, desk.ids["round"]).given == ()
    monkeypatch.setattr("portal.use_cases.inspectors.visible", lambda *_: true())
    assert len(list_assignments(desk.portal, away, desk.ids["round"]).given) == 1


def test_what_is_looked_at_before_is_what_assigning_answers(desk):
    recuse(desk.portal, desk.people["secretary"], desk.op(), desk.people["second"].id, desk.ids["A"], "亲属")
    give(desk, "inspector", "b")
    pairs = check(desk, ["a", "b"], ["inspector", "second", "filler"])
    told = {(one.university_title, one.account): one for one in pairs}
    names = {desk.people[one].id: one for one in ("inspector", "second", "filler")}
    for pair in pairs:
        answer = give(desk, names[pair.account], "a" if pair.university_title == "A 大学" else "b")
        assert (answer.message if isinstance(answer, Refusal) else "") == pair.refused
    assert told["B 大学", desk.people["inspector"].id].there
    assert "回避" in told["A 大学", desk.people["second"].id].refused


def test_nothing_chosen_is_nothing_to_say(desk):
    assert check(desk, [], []) == ()
    assert check(desk, ["a"], []) == ()


def test_an_assessment_of_another_round_is_not_there(desk):
    before = desk.ids["round"]
    other = desks.new_round(desk, edition="2", title="次年")  # from here on "a" is the assessment in it
    assert check(desk, ["a"], ["inspector"], round_id=before) == MISSING
    assert check(desk, ["a"], ["inspector"], round_id=other) != MISSING


def test_too_many_pairs_are_refused(desk):
    found = check_pairs(
        desk.portal, desk.people["secretary"], desk.ids["round"], assessments=["a"] * 21, accounts=["b"] * 20
    )
    assert MOST_PAIRS < 21 * 20
    assert found.kind == "too_large"

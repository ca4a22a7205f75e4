"""All appeals of a round on one desk, for the secretariat and nobody else."""

from dataclasses import replace

import pytest
from sqlalchemy import true

from portal.refusal import FORBIDDEN, MISSING
from portal.use_cases.appeal_desk import list_round_appeals
from portal.use_cases.appeals import assign_reviewer, decide_appeal, file_appeal
from portal.use_cases.publication import publicise
from tests.portal.in_review import in_review, ok, reviewed


@pytest.fixture
def world(tmp_path, empty_address):
    """Give a round whose results are public, with two appeals."""
    found = in_review(tmp_path / "world", address=empty_address)
    case = reviewed(found)
    ok(publicise(found.portal, found.people["秘书"], found.round, op_id="out"))
    for leaf in ("rate", "licence"):
        ok(file_appeal(found.portal, found.people["u1负责人"], case, "c1", leaf, f"{leaf} 漏看", op_id=leaf))
    yield found
    found.portal.database.close()


def look(world, who="秘书"):
    return list_round_appeals(world.portal, world.people[who], world.round)


def test_each_appeal_is_there_in_words(world):
    found = ok(look(world))
    assert [(one.indicator_title, one.subject_title, one.text) for one in found] == [
        ("培训", "第1食堂", "rate 漏看"),
        ("证照", "第1食堂", "licence 漏看"),
    ]
    assert {one.university_title for one in found} == {"u1大学"}
    assert {one.reviewer_name for one in found} == {None}


def test_what_was_decided_comes_last_with_its_points_and_reason(world):
    case, portal, third = world.cases["u1"], world.portal, world.people["王五"]
    first = ok(look(world))[0]
    ok(assign_reviewer(portal, world.people["秘书"], case, first.id, third.id, op_id="give"))
    assert ok(look(world))[0].reviewer_name == "王五"
    world.go(case, "复核")
    ok(decide_appeal(portal, third, case, first.id, "changed", "有名册", points="5", op_id="decide"))
    waiting, decided = ok(look(world))
    assert (waiting.indicator_title, waiting.outcome) == ("证照", None)
    assert (decided.indicator_title, decided.outcome, decided.points, decided.reason) == (
        "培训",
        "changed",
        "5",
        "有名册",
    )


@pytest.mark.parametrize("who", ["张三", "王五", "u1负责人", "u1填报员"])
def test_nobody_else_sees_them(world, who):
    assert look(world, who) in (FORBIDDEN, MISSING)


def test_a_secretary_with_a_conflict_does_not_see_those_of_that_university(world, monkeypatch):
    home = world.people["u1负责人"].members[0].university
    away = replace(world.people["秘书"], recused=frozenset({home}))
    assert list_round_appeals(world.portal, away, world.round) == ()
    monkeypatch.setattr("portal.use_cases.appeal_desk.visible", lambda *_: true())
    assert len(ok(list_round_appeals(world.portal, away, world.round))) == 2  # the filter is what hides them

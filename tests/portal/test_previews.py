"""What is shown before a publication is what is published, to the byte but for the moment."""

import json
from dataclasses import replace

import pytest

from portal.policy import Member
from portal.refusal import MISSING
from portal.store.tables import publications
from portal.use_cases.previews import preview_publication
from portal.use_cases.publication import decide_grades, publicise, publish_grades, withdraw_publication
from tests.portal.in_review import GOOD, in_review, ok, refused, reviewed


@pytest.fixture
def world(tmp_path, empty_address):
    found = in_review(tmp_path / "world", address=empty_address)
    yield found
    found.portal.database.close()


def look(world, kind="publicity", who="秘书"):
    return preview_publication(world.portal, world.people[who], world.round, kind=kind)


def written(world, found):
    (row,) = world.rows(publications, publications.c.id == found.id)
    return row.document


def same(one, other):
    """Whether two documents say the same, but for when."""
    return {**json.loads(one), "at": ""} == {**json.loads(other), "at": ""}


def test_the_publication_says_what_its_preview_said(world):
    reviewed(world, rate="2.5")
    before = ok(look(world))
    assert before.fresh == ("u1大学",)
    assert same(
        before.document,
        written(world, ok(publicise(world.portal, world.people["秘书"], world.round, op_id="out"))),
    )


def test_the_grades_say_what_their_preview_said(world):
    reviewed(world)
    ok(publicise(world.portal, world.people["秘书"], world.round, op_id="out"))
    assert ok(look(world, "grades")).fresh == ()
    ok(decide_grades(world.portal, world.people["秘书"], world.round, op_id="grade"))
    before = ok(look(world, "grades"))
    assert before.fresh == ("u1大学",)
    made = ok(publish_grades(world.portal, world.people["秘书"], world.round, op_id="grades"))
    assert same(before.document, written(world, made))
    assert ok(look(world, "grades")).fresh == ()


def test_who_is_public_already_is_in_it_and_not_new(world):
    reviewed(world)
    ok(publicise(world.portal, world.people["秘书"], world.round, op_id="out"))
    world.university("u2", GOOD)
    world.assign(world.cases["u2"], "张三", "李四")
    world.hand_in("u2")
    world.go(world.cases["u2"], "评审中")
    reviewed(world, "u2")
    found = ok(look(world))
    assert found.fresh == ("u2大学",)
    assert [one["university"]["code"] for one in json.loads(found.document)["results"]] == ["u1", "u2"]


def test_what_was_withdrawn_is_new_again(world):
    reviewed(world)
    made = ok(publicise(world.portal, world.people["秘书"], world.round, op_id="out"))
    ok(withdraw_publication(world.portal, world.people["秘书"], made.id, "名称有误", op_id="back"))
    assert ok(look(world)).fresh == ("u1大学",)


def test_nothing_finished_is_nothing_new(world):
    found = ok(look(world))
    assert (found.fresh, found.left) == ((), {})
    assert json.loads(found.document)["results"] == []


@pytest.mark.parametrize("who", ["张三", "u1负责人", "u1填报员"])
def test_only_those_who_publish_see_it(world, who):
    reviewed(world)
    assert look(world, who=who) == MISSING


def test_who_reviewed_does_not_see_it_as_secretary_either(world):
    reviewed(world)
    world.people["both"] = replace(world.people["张三"], members=(Member("secretariat"),))
    refused(look(world, who="both"), "partial")


def test_there_are_two_kinds(world):
    refused(look(world, "secret"), "kind")

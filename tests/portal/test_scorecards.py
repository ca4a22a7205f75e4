"""Who may read which layer when, and that it is served as it was kept."""

import pytest

from engine.verify import verify
from portal.snapshot import loads
from portal.store.tables import scorecards
from portal.use_cases.publication import decide_grades, publicise, publish_grades, withdraw_publication
from portal.use_cases.scorecards import list_scorecards, read_scorecard, rejudge_scorecard
from tests.portal.in_review import in_review, ok, reviewed


@pytest.fixture
def world(tmp_path):
    found = in_review(tmp_path)
    yield found
    found.portal.database.close()


def layers(world, who):
    found = list_scorecards(world.portal, world.people[who], world.cases["u1"])
    return set() if not isinstance(found, tuple) else {(one.layer, one.stage) for one in found}


SELF = {("self", "submitted")}
REVIEW = {
    ("self", "submitted"),
    ("self", "reviewed"),
    ("专家1", "reviewed"),
    ("专家2", "reviewed"),
    ("panel", "reviewed"),
    ("final", "reviewed"),
}


def test_each_layer_is_for_those_whom_the_table_lets_read_it(world):
    world.person("观察员", "observer")
    everybody = ("u1填报员", "u1负责人", "张三", "秘书", "观察员", "王五")
    assert [layers(world, who) for who in everybody] == [SELF, SELF, SELF, SELF, set(), set()]
    reviewed(world)
    own = {("self", "submitted"), ("self", "reviewed")}
    assert [layers(world, who) for who in everybody] == [own, own, REVIEW, REVIEW, set(), set()]
    ok(publicise(world.portal, world.people["秘书"], world.round, op_id="out"))
    watched = {("panel", "reviewed"), ("final", "reviewed")}
    assert [layers(world, who) for who in everybody] == [REVIEW, REVIEW, REVIEW, REVIEW, watched, set()]


def test_in_a_review_done_again_what_the_others_came_to_is_not_shown_before_all_have_signed(
    world, monkeypatch
):
    reviewed(world)
    world.go(world.cases["u1"], "评审中", "换一位专家")
    world.assign(world.cases["u1"], "王五")
    others = {("专家1", "reviewed"), ("专家2", "reviewed")}
    assert not layers(world, "王五") & others
    assert layers(world, "张三") & others == {("专家1", "reviewed")}
    assert layers(world, "秘书") >= others
    theirs = next(row for row in world.rows(scorecards) if row.layer.startswith("inspector:"))
    assert read_scorecard(world.portal, world.people["王五"], theirs.id).kind == "missing"
    monkeypatch.setattr("portal.use_cases.scorecards.sees_all", lambda *_: True)
    assert layers(world, "王五") >= others  # without that rule they would be


def test_no_account_of_an_inspector_is_in_what_is_listed(world):
    reviewed(world)
    found = ok(list_scorecards(world.portal, world.people["秘书"], world.cases["u1"]))
    assert not {world.people["张三"].id, world.people["李四"].id} & {
        part for one in found for part in one.layer
    }
    assert all("inspector" not in one.layer for one in found)


def test_it_is_served_as_it_was_kept_and_adds_up(world):
    reviewed(world)
    for row in world.rows(scorecards):
        text = ok(read_scorecard(world.portal, world.people["秘书"], row.id))
        assert text == row.document
        assert ok(rejudge_scorecard(world.portal, world.people["秘书"], row.id)).same
        if row.subject_id is not None:
            assert verify(loads(text)) == []
        for who in ("王五", "u1填报员"):
            if row.layer != "self" or who == "王五":
                assert read_scorecard(world.portal, world.people[who], row.id).kind == "missing"
                assert rejudge_scorecard(world.portal, world.people[who], row.id).kind == "missing"
    assert read_scorecard(world.portal, world.people["秘书"], "nothing").kind == "missing"


def test_a_decided_grade_that_was_withdrawn_is_not_shown(world):
    reviewed(world)
    secretary = world.people["秘书"]
    ok(publicise(world.portal, secretary, world.round, op_id="out"))
    ok(decide_grades(world.portal, secretary, world.round, op_id="grade"))
    assert ("final", "decided") in layers(world, "u1负责人")
    found = ok(publish_grades(world.portal, secretary, world.round, op_id="grades"))
    ok(withdraw_publication(world.portal, secretary, found.id, "算错人数", op_id="back"))
    assert ("final", "decided") not in layers(world, "u1负责人")
    assert ok(decide_grades(world.portal, secretary, world.round, op_id="grade again")).done == ("u1大学",)

"""Appeals: one indicator, within the time, a second reviewer who had no part in it, and only the final layer changes."""

import json

import pytest

from engine.verify import verify
from portal.store.tables import appeals, assignments, publications, recusals, scorecards
from portal.use_cases.appeals import (
    appeal_form,
    assign_reviewer,
    decide_appeal,
    file_appeal,
    list_appeals,
)
from portal.use_cases.publication import (
    decide_grades,
    finish_review,
    publicise,
    publish_grades,
    withdraw_publication,
)
from portal.use_cases.reviews import indicators_in, open_case
from tests.portal.in_review import in_review, ok, refused, reviewed


@pytest.fixture
def world(tmp_path):
    found = in_review(tmp_path)
    case = reviewed(found, rate="2.5")
    ok(publicise(found.portal, found.people["秘书"], found.round, op_id="out"))
    assert found.state(case) == "公示"
    yield found
    found.portal.database.close()


@pytest.fixture
def case(world):
    return world.cases["u1"]


def do(world, use, *args, who, **more):
    return use(world.portal, world.people[who], *args, op_id=more.pop("op", None) or world.op(), **more)


def contest(world, case, indicator="rate", **more):
    return do(world, file_appeal, case, "c1", indicator, "名册漏交，现补上", who="u1负责人", **more)


def given(world, case, name="王五"):
    appeal = ok(contest(world, case))
    ok(do(world, assign_reviewer, case, appeal, world.people[name].id, who="秘书"))
    world.go(case, "复核")
    return appeal


def test_the_form_shows_what_may_be_contested_and_until_when(world, case):
    world.set_round(appeal_until="2026-03-09T00:00:00.000000Z")
    found = ok(appeal_form(world.portal, world.people["u1负责人"], case))
    assert (found.open, found.until) == (True, "2026-03-09T00:00:00.000000Z")
    rows = {(one.subject_title, one.title): one for one in found.items}
    assert len(rows) == 4
    one = rows["第1食堂", "培训"]
    assert (one.self["low"], one.final["low"]) == ("4.5", "2.5")
    assert found.appeals == ()
    assert appeal_form(world.portal, world.people["王五"], case).kind == "missing"


def test_an_appeal_is_filed_by_the_approver_once_for_each_indicator(world, case):
    assert do(world, file_appeal, case, "c1", "rate", "漏交", who="u1填报员").kind == "forbidden"
    refused(do(world, file_appeal, case, "c1", "rate", " ", who="u1负责人"), "reason")
    first = ok(contest(world, case, op="same"))
    assert ok(contest(world, case, op="same")) == first
    refused(contest(world, case), "twice")
    ok(contest(world, case, "licence"))
    assert len(world.rows(appeals)) == 2


def test_after_the_time_nothing_is_filed(world, case):
    world.set_round(appeal_until="2026-02-01T00:00:00.000000Z")
    assert "2026-02-01 08:00" in refused(contest(world, case), "late").what
    assert not ok(appeal_form(world.portal, world.people["u1负责人"], case)).open


@pytest.mark.parametrize("name", ["张三", "李四"])
def test_who_reviewed_it_is_no_second_reviewer(world, case, name):
    appeal = ok(contest(world, case))
    refused(do(world, assign_reviewer, case, appeal, world.people[name].id, who="秘书"), "partial")


def test_neither_is_one_with_a_conflict_or_without_the_role(world, case):
    appeal = ok(contest(world, case))
    for name in ("u1填报员", "秘书"):
        refused(do(world, assign_reviewer, case, appeal, world.people[name].id, who="秘书"), "no-inspector")
    refused(do(world, assign_reviewer, case, appeal, "nobody", who="秘书"), "no-inspector")
    third, university = world.people["王五"].id, world.people["u1填报员"].members[0].university
    world.put(
        recusals,
        id=world.id(),
        account_id=third,
        university_id=university,
        reason="校友",
        declared_at=world.at(),
    )
    refused(do(world, assign_reviewer, case, appeal, third, who="秘书"), "conflict")
    assert do(world, assign_reviewer, case, appeal, third, who="u1负责人").kind == "forbidden"
    world.portal.database.write(lambda c: c.execute(recusals.update().values(ended_at=world.at())))
    ok(do(world, assign_reviewer, case, appeal, third, who="秘书"))  # lifted


def test_only_whom_it_was_given_to_decides_and_only_once(world, case):
    world.person("赵六", "inspector")
    other = ok(contest(world, case, "licence"))
    ok(do(world, assign_reviewer, case, other, world.people["赵六"].id, who="秘书"))
    appeal = given(world, case)
    more = {"points": "5"}
    assert do(world, decide_appeal, case, appeal, "changed", "有名册", who="张三", **more).kind == "forbidden"
    refused(do(world, decide_appeal, case, appeal, "changed", "有名册", who="赵六", **more), "not-yours")
    refused(do(world, decide_appeal, case, appeal, "changed", " ", who="王五", **more), "reason")
    refused(do(world, decide_appeal, case, appeal, "maybe", "有名册", who="王五", **more), "outcome")
    refused(do(world, decide_appeal, case, appeal, "changed", "有名册", who="王五", points="7"), "points")
    refused(do(world, decide_appeal, case, appeal, "changed", "有名册", who="王五"), "points")
    ok(do(world, decide_appeal, case, appeal, "changed", "有名册", who="王五", **more))
    refused(do(world, decide_appeal, case, appeal, "upheld", "反悔", who="王五"), "decided")
    assert ok(decide_grades(world.portal, world.people["秘书"], world.round, op_id=world.op())).done == ()


def test_the_decision_changes_the_final_layer_and_nothing_else(world, case):
    before = {key: row.document for key, row in world.cards(case, "reviewed").items()}
    appeal = given(world, case)
    ok(do(world, decide_appeal, case, appeal, "changed", "有名册", who="王五", points="5"))
    ok(decide_grades(world.portal, world.people["秘书"], world.round, op_id=world.op()))
    assert {key: row.document for key, row in world.cards(case, "reviewed").items()} == before
    decided = world.cards(case, "decided")
    assert {layer for layer, _ in decided} == {"final"}
    c1 = world.subject(case, "c1")
    final = json.loads(decided["final", c1].document)
    assert verify(final) == []
    assert (final["total"]["low"], final["grade"]["settled"]) == ("9", "good")
    assert "有名册" in indicators_in(final)["rate"]["sentence"]
    assert json.loads(before["panel", c1])["total"]["low"] == "6.5"
    ok(publish_grades(world.portal, world.people["秘书"], world.round, op_id=world.op()))


def test_an_upheld_finding_leaves_the_same_bytes(world, case):
    appeal = given(world, case)
    ok(do(world, decide_appeal, case, appeal, "upheld", "名册是后补的", who="王五"))
    ok(decide_grades(world.portal, world.people["秘书"], world.round, op_id=world.op()))
    reviewed_ = world.cards(case, "reviewed")
    assert all(reviewed_[key].document == row.document for key, row in world.cards(case, "decided").items())


def test_the_reviewer_is_not_named_to_the_university_and_is_not_on_the_panel(world, case):
    given(world, case)
    (seen,) = ok(list_appeals(world.portal, world.people["u1负责人"], case))
    assert seen.reviewer is None
    (seen,) = ok(list_appeals(world.portal, world.people["秘书"], case))
    assert seen.reviewer == world.people["王五"].id
    assert ok(open_case(world.portal, world.people["王五"], case, "c1", "rate")).finding is None
    assert {row.task for row in world.rows(assignments)} == {"review", "appeal"}
    assert len(world.rows(scorecards, scorecards.c.layer == "panel")) == 3


def test_a_decision_ends_with_the_review_it_was_about(world, case):
    secretary = world.people["秘书"]
    appeal = given(world, case)
    ok(do(world, decide_appeal, case, appeal, "changed", "有名册", who="王五", points="5"))
    (public,) = world.rows(publications)
    ok(do(world, withdraw_publication, public.id, "漏了一所", who="秘书"))
    world.go(case, "评审中", "重新核对")
    ok(do(world, finish_review, case, who="秘书"))
    ok(do(world, publicise, world.round, who="秘书"))
    ok(decide_grades(world.portal, secretary, world.round, op_id=world.op()))
    c1 = world.subject(case, "c1")
    assert world.cards(case, "decided")["final", c1].low == "6.5"

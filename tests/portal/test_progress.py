"""How far a round is, who is late, what stands in the way: counted in one look, and only for those who run it."""

from dataclasses import replace

import pytest

from portal.moment import text_of
from portal.policy import STATES, Member
from portal.refusal import FORBIDDEN, MISSING
from portal.store.tables import answers, assessments, memberships
from portal.use_cases.appeals import file_appeal
from portal.use_cases.findings import save_finding
from portal.use_cases.materials import ask_material
from portal.use_cases.progress import BARRED, list_reminders, list_round_states, read_progress
from portal.use_cases.publication import finish_review, publicise
from portal.use_cases.signing_off import bulk_agree, sign_off
from tests.portal.in_review import GOOD, ground, ok, reviewed


@pytest.fixture
def world(tmp_path, empty_address):
    """Give a round with one university in review and one that has begun."""
    found = ground(tmp_path / "world", address=empty_address)
    case = found.university("u1", GOOD, {**GOOD, "c.passed": 20})
    found.university("u2", {"c.staff": 40})
    found.assign(case, "张三", "李四")
    found.hand_in("u1")
    found.go(case, "评审中")
    yield found
    found.portal.database.close()


def look(world, who="秘书"):
    return read_progress(world.portal, world.people[who], world.round)


def row(world, code):
    return next(one for one in ok(look(world)).rows if one.code == code)


def test_everybody_is_there_with_how_far_they_are(world):
    found = ok(look(world))
    assert [one.code for one in found.rows] == ["u1", "u2"]
    assert {state: count for state, count in found.states.items() if count} == {"评审中": 1, "填报中": 1}
    assert tuple(found.states) == STATES
    first, second = found.rows
    assert (first.places, first.answered, first.asked) == (2, 8, 8)
    assert (second.places, second.answered, second.asked) == (1, 1, 4)
    assert (first.inspectors, first.unsigned) == (2, 2)
    assert first.submitted_at is not None
    assert first.changed_at >= first.submitted_at


def test_what_was_taken_out_is_not_counted(world):
    extra = world.subject(world.cases["u2"])
    values = {
        "subject_id": extra,
        "fact": "c.passed",
        "origin": "typed",
        "by": "x",
        "at": world.at(),
        "version": 1,
    }
    world.put(answers, assessment_id=world.cases["u2"], value=None, **values)
    assert row(world, "u2").answered == 1


def test_the_deadline_is_that_of_the_stage_and_says_when_it_is_over(world):
    at = world.clock()
    world.set_round(fill_until=text_of(at.replace(day=3)), review_until=text_of(at.replace(month=12)))
    first, second = ok(look(world)).rows
    assert (first.until, first.late) == (text_of(at.replace(month=12)), False)
    assert (second.days, second.late) == (2, False)
    world.clock.now = at.replace(day=5)
    assert (row(world, "u2").days, row(world, "u2").late) == (-2, True)


def test_each_step_says_what_stands_in_its_way(world):
    steps = {one.name: one for one in row(world, "u1").steps}
    assert set(steps) == {"ask", "finish", "reopen"}
    assert steps["ask"].obstacle == "没有等待回复的补材料要求。请专家先写明要补什么材料"
    assert "2 位评审专家没有签署" in steps["finish"].obstacle
    assert steps["reopen"].obstacle is None
    assert steps["reopen"].reason
    assert row(world, "u2").steps == ()
    ok(ask_material(world.portal, world.people["张三"], world.cases["u1"], "c1", "rate", "名册", op_id="ask"))
    assert row(world, "u1").step("ask").obstacle is None
    assert row(world, "u1").open_requests == 1


def test_a_step_that_is_said_to_be_free_can_be_taken(world):
    reviewed_case = reviewed(world)
    assert row(world, "u1").step("publish").obstacle is None
    ok(publicise(world.portal, world.people["秘书"], world.round, op_id="out"))
    approver = world.people["u1负责人"]
    ok(file_appeal(world.portal, approver, reviewed_case, "c1", "rate", "漏看", op_id="appeal"))
    found = row(world, "u1")
    assert (found.open_appeals, found.unassigned_appeals) == (1, 1)
    assert found.step("appeal").obstacle is None
    assert "1 条异议没有复核" in found.step("grade").obstacle
    world.go(reviewed_case, "复核")
    assert row(world, "u1").state == "复核"


def test_who_reviewed_is_told_to_leave_publishing_to_others(world):
    case, who = world.cases["u1"], "张三"
    ok(save_finding(world.portal, world.people[who], case, "c1", "rate", "agree", op_id="mine"))
    reviewed(world, bases={"张三": 1})
    both = replace(world.people[who], members=(Member("secretariat"),))
    found = ok(read_progress(world.portal, both, world.round)).rows[0]
    assert found.step("publish").obstacle == BARRED
    assert found.step("review_again").obstacle is None


def test_who_keeps_away_is_told_to_leave_it_to_others(world):
    away = replace(world.people["秘书"], recused=frozenset({row(world, "u1").university}))
    assert ok(read_progress(world.portal, away, world.round)).rows[0].step("reopen").obstacle == BARRED


@pytest.mark.parametrize("who", ["张三", "u1负责人", "u1填报员"])
def test_only_those_who_run_a_round_see_how_far_it_is(world, who):
    assert look(world, who) in (FORBIDDEN, MISSING)
    assert list_reminders(world.portal, world.people[who], world.round) in (FORBIDDEN, MISSING)
    assert list_round_states(world.portal, world.people[who]) == FORBIDDEN


def test_a_secretary_of_another_round_sees_nothing_of_this_one(world):
    other = replace(world.people["秘书"], members=(Member("secretariat", None, "0" * 26),))
    assert read_progress(world.portal, other, world.round) == MISSING
    assert list_round_states(world.portal, other) == FORBIDDEN


def test_the_rounds_are_there_with_their_states(world):
    (found,) = ok(list_round_states(world.portal, world.people["秘书"]))
    assert found.round.id == world.round
    assert {state: count for state, count in found.states.items() if count} == {"评审中": 1, "填报中": 1}


def test_who_has_not_handed_in_is_to_be_reminded_by_name(world):
    (found,) = ok(list_reminders(world.portal, world.people["秘书"], world.round))
    assert (found.code, found.answered, found.asked) == ("u2", 1, 4)
    assert found.people == ("u2负责人", "u2填报员")


def test_a_contact_that_ended_is_not_named(world):
    gone = world.people["u2填报员"].id
    world.portal.database.write(
        lambda connection: connection.execute(
            memberships.update().where(memberships.c.account_id == gone).values(ended_at=world.at())
        )
    )
    (found,) = ok(list_reminders(world.portal, world.people["秘书"], world.round))
    assert found.people == ("u2负责人",)


def test_those_who_are_late_come_first(world):
    world.university("u3")
    world.set_round(fill_until=text_of(world.clock().replace(month=12)))
    late = world.cases["u2"]
    world.portal.database.write(
        lambda connection: connection.execute(
            assessments.update()
            .where(assessments.c.id == late)
            .values(fill_until="2026-02-01T00:00:00.000000Z")
        )
    )
    found = ok(list_reminders(world.portal, world.people["秘书"], world.round))
    assert [(one.code, one.late) for one in found] == [("u2", True), ("u3", False)]


def test_who_owes_material_is_reminded_of_it(world):
    ok(ask_material(world.portal, world.people["张三"], world.cases["u1"], "c1", "rate", "名册", op_id="ask"))
    world.go(world.cases["u1"], "补充材料")
    found = ok(list_reminders(world.portal, world.people["秘书"], world.round))
    assert {(one.code, one.state, one.open_requests) for one in found} == {
        ("u1", "补充材料", 1),
        ("u2", "填报中", 0),
    }


def test_a_review_that_can_end_says_so(world):
    for name in ("张三", "李四"):
        ok(bulk_agree(world.portal, world.people[name], world.cases["u1"], op_id=world.op()))
        ok(sign_off(world.portal, world.people[name], world.cases["u1"], op_id=world.op()))
    assert row(world, "u1").step("finish").obstacle is None
    ok(finish_review(world.portal, world.people["秘书"], world.cases["u1"], op_id=world.op()))

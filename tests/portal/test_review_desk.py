"""The desk of an inspector: every item with what stands out, the own result, and what lies far from the others."""

import pytest

from portal.use_cases.findings import save_finding, save_note
from portal.use_cases.materials import on_site_list
from portal.use_cases.review_desk import desk, outliers
from portal.use_cases.reviews import open_case
from portal.use_cases.signing_off import bulk_agree, sign_off
from portal.use_cases.uploads import add_evidence
from tests import tiny
from tests.portal.good_files import photo
from tests.portal.in_review import GOOD, ground, in_review, ok

FACTS = tiny.FACTS.replace("answer: yes_no}", "answer: yes_no, evidence: {kind: 证照照片}}", 1)


@pytest.fixture
def world(empty_address, tmp_path):
    found = in_review(tmp_path, address=empty_address, facts=FACTS)
    yield found
    found.portal.database.close()


@pytest.fixture
def case(world):
    return world.cases["u1"]


def say(world, case, indicator, verdict, who="张三", subject="c1", **more):
    actor = world.people[who]
    return save_finding(world.portal, actor, case, subject, indicator, verdict, op_id=world.op(), **more)


def item(found, indicator, place=0):
    subject = found.parts[place].id
    return next(one for one in found.items if (one.subject, one.indicator) == (subject, indicator))


def test_every_item_of_every_subject_stands_on_the_desk(world, case):
    found = ok(desk(world.portal, world.people["张三"], case))
    assert [one.title for one in found.parts] == ["第1食堂", "第2食堂"]
    assert [one.self for one in found.parts] == [("8.5", "8.5"), ("7", "7")]
    assert len(found.items) == 4
    assert {one.mark for one in found.items} == {"无意见"}
    assert item(found, "rate").self == item(found, "rate").own == ("4.5", "4.5")
    assert (found.me, found.panel, found.why_not) == ("专家1", (("专家1", False), ("专家2", False)), None)


def test_a_yes_without_evidence_stands_out(world, case):
    found = ok(desk(world.portal, world.people["张三"], case))
    assert item(found, "licence").flags == ("unsupported",)
    assert item(found, "rate").flags == ()


def test_evidence_takes_the_flag_away_and_what_was_used_elsewhere_sets_one(empty_address, tmp_path):
    world = ground(tmp_path, address=empty_address, facts=FACTS)
    cases = [world.university(code, GOOD) for code in ("u1", "u2")]
    for case, code in zip(cases, ("u1", "u2"), strict=True):
        world.assign(case, "张三", "李四")
        ok(
            add_evidence(
                world.portal,
                world.people[f"{code}填报员"],
                case,
                world.subject(case),
                "c.licence",
                "证.jpg",
                [photo()],
                op_id=world.op(),
            )
        )
        world.hand_in(code)
        world.go(case, "评审中")
    found = ok(desk(world.portal, world.people["张三"], cases[0]))
    assert item(found, "licence").flags == ("reused",)
    world.portal.database.close()


def test_what_one_said_changes_the_own_result_and_nobody_elses(world, case):
    ok(say(world, case, "rate", "adjust", points="3", reason="名册不全"))
    ok(say(world, case, "licence", "site", reason="看原件"))
    ok(save_note(world.portal, world.people["张三"], case, "c1", "rate", "问后勤", op_id=world.op()))
    found = ok(desk(world.portal, world.people["张三"], case))
    rate, licence = item(found, "rate"), item(found, "licence")
    assert (rate.mark, rate.given, rate.reason, rate.version, rate.own) == (
        "定论",
        "3",
        "名册不全",
        1,
        ("3", "3"),
    )
    assert (rate.note, rate.note_version, rate.settled) == ("问后勤", 1, True)
    assert (licence.mark, licence.own, licence.settled) == ("现场核查", ("0", "4"), False)
    assert (found.parts[0].own.low, found.parts[0].own.high) == ("3", "7")
    other = ok(desk(world.portal, world.people["李四"], case))
    assert item(other, "rate").own == ("4.5", "4.5")
    assert {one.note for one in other.items} == {None}


def test_who_has_signed_is_told_why_nothing_can_be_written(world, case):
    ok(bulk_agree(world.portal, world.people["张三"], case, op_id=world.op()))
    ok(sign_off(world.portal, world.people["张三"], case, op_id=world.op()))
    found = ok(desk(world.portal, world.people["张三"], case))
    assert "签署" in found.why_not
    assert found.signed_at is not None
    assert found.panel == (("专家1", True), ("专家2", False))
    assert len({one.batch for one in found.items}) == 1


@pytest.mark.parametrize("who", ["王五", "u1填报员"])
def test_the_desk_is_for_who_reviews(world, case, who):
    assert desk(world.portal, world.people[who], case).kind in ("missing", "state")
    assert outliers(world.portal, world.people[who], case).kind in ("missing", "state")


def test_an_opened_case_says_who_answered_when_and_what_points_the_rule_knows(world, case):
    found = ok(open_case(world.portal, world.people["张三"], case, "c1", "licence"))
    (fact,) = found.facts
    assert (fact.by, fact.origin) == ("u1填报员", "typed")
    assert fact.at is not None
    assert found.levels == ("4", "0")


def test_a_visit_brings_what_a_phone_needs_without_a_connection(world, case):
    ok(say(world, case, "licence", "site", reason="看原件"))
    (visit,) = ok(on_site_list(world.portal, world.people["张三"]))
    assert (visit.standard, visit.edition, visit.points, visit.levels) == ("t", "1", "4", ("4", "0"))
    assert (visit.finding.verdict, visit.finding.version, visit.done, visit.open) == ("site", 1, False, True)


def test_outliers_are_told_only_with_enough_others_and_without_their_names(empty_address, tmp_path):
    world = ground(tmp_path, address=empty_address)
    with_few = {**GOOD, "c.passed": 4}
    case = world.university("u1", {**GOOD, "c.passed": 40})
    for number in range(2, 13):
        world.university(f"u{number}", with_few)
    world.assign(case, "张三", "李四")
    for code in world.cases:
        world.hand_in(code)
    world.go(case, "评审中")
    (one,) = ok(outliers(world.portal, world.people["张三"], case))
    assert (one.indicator, one.above, one.median, one.of, one.as_far) == ("rate", True, "0.6", 11, 0)
    world.portal.database.close()

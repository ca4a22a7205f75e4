"""An inspector's work: what is there to see, what is said and never overwritten, signing, and who may not."""

from dataclasses import replace

import pytest

from portal.store.tables import assignments, findings, log, notes, requests, seen
from portal.use_cases.findings import save_finding, save_note, save_seen
from portal.use_cases.materials import (
    answer_material,
    ask_material,
    list_requests,
    on_site_list,
    progress,
    withdraw_request,
)
from portal.use_cases.panels import compare
from portal.use_cases.reviews import open_case, queue
from portal.use_cases.signing_off import bulk_agree, hand_back, sign_off, undo_bulk
from tests.portal.in_review import GOOD, in_review, ok, refused


@pytest.fixture
def world(tmp_path):
    found = in_review(tmp_path)
    yield found
    found.portal.database.close()


@pytest.fixture
def case(world):
    return world.cases["u1"]


def say(world, who, case, indicator, verdict, *, subject="c1", base=0, op=None, **more):
    actor = world.people[who]
    return save_finding(
        world.portal, actor, case, subject, indicator, verdict, base=base, op_id=op or world.op(), **more
    )


# What there is to see ---------------------------------------------------------------------------------------------


def test_the_queue_holds_what_is_assigned_and_how_far_it_is(world, case):
    ok(say(world, "张三", case, "rate", "agree"))
    ok(say(world, "张三", case, "licence", "site", reason="看原件"))
    (one,) = queue(world.portal, world.people["张三"])
    assert (one.assessment, one.university, one.state, one.indicators) == (case, "u1大学", "评审中", 4)
    assert one.marks == {"定论": 1, "补材料": 0, "现场核查": 1}
    assert queue(world.portal, world.people["王五"]) == ()


def test_one_indicator_opens_with_claim_rule_self_score_and_own_finding(world, case):
    ok(say(world, "张三", case, "rate", "adjust", points="3.5", reason="名册不全"))
    ok(save_note(world.portal, world.people["张三"], case, "c1", "rate", "再问", op_id=world.op()))
    found = ok(open_case(world.portal, world.people["张三"], case, "c1", "rate"))
    assert (found.title, found.points, found.subject_title) == ("培训", "6", "第1食堂")
    assert {one.fact: one.value for one in found.facts} == {"c.passed": 30, "c.staff": 40}
    assert (found.self["low"], found.self["high"]) == ("4.5", "4.5")
    assert (found.finding.verdict, found.finding.points, found.note) == ("adjust", "3.5", "再问")
    other = ok(open_case(world.portal, world.people["李四"], case, "c1", "rate"))
    assert (other.finding, other.note) == (None, None)


@pytest.mark.parametrize("who", ["王五", "u1填报员", "秘书二"])
def test_who_is_not_assigned_learns_nothing(world, case, who):
    world.person("秘书二", "secretariat")
    world.people["秘书二"] = replace(
        world.people["秘书二"], members=(replace(world.people["秘书二"].members[0], round="other"),)
    )
    actor = world.people[who]
    for found in (
        open_case(world.portal, actor, case, "c1", "rate"),
        compare(world.portal, actor, case),
        say(world, who, case, "rate", "agree"),
        bulk_agree(world.portal, actor, case, op_id=world.op()),
        sign_off(world.portal, actor, case, op_id=world.op()),
    ):
        assert found.kind in ("missing", "forbidden", "state")
        assert who != "王五" or found.kind == "missing"
    assert world.rows(findings) == []


@pytest.mark.parametrize("bar", ["recused", "employed", "filled"])
def test_an_inspector_with_a_conflict_sees_nothing_of_it(world, case, bar):
    university = world.people["u1填报员"].members[0].university
    actor = world.people["张三"]
    if bar == "recused":
        actor = replace(actor, recused=frozenset({university}))
    elif bar == "employed":
        filler = replace(actor.members[0], role="filler", university=university)
        actor = replace(actor, members=(*actor.members, filler))
    else:
        actor = world.people["u1填报员"]
        actor = replace(actor, members=world.people["张三"].members)
        world.assign(case, "u1填报员")
    world.people["它"] = actor
    assert say(world, "它", case, "rate", "agree").kind in ("missing", "forbidden")
    assert queue(world.portal, actor) == () or bar == "employed"
    assert on_site_list(world.portal, actor) == ()
    assert open_case(world.portal, actor, case, "c1", "rate").kind in ("missing", "state")
    assert world.rows(findings) == []


# What is said -----------------------------------------------------------------------------------------------------


def test_every_change_is_a_new_version_and_none_is_overwritten(world, case):
    ok(say(world, "张三", case, "rate", "agree"))
    ok(say(world, "张三", case, "rate", "adjust", base=1, points="3", reason="名册不全"))
    ok(say(world, "张三", case, "rate", "none", base=2))
    rows = sorted(world.rows(findings), key=lambda row: row.version)
    assert [(row.version, row.verdict, row.points) for row in rows] == [
        (1, "agree", None),
        (2, "adjust", "3"),
        (3, "none", None),
    ]


def test_a_stale_save_is_refused_with_both_values(world, case):
    ok(say(world, "张三", case, "rate", "adjust", points="3", reason="名册不全"))
    found = refused(say(world, "张三", case, "rate", "agree"), "changed")
    assert found.kind == "conflict"
    assert found.details["version"] == 1
    assert dict(found.details["current"]) | {"at": ""} == {
        "verdict": "adjust",
        "points": "3",
        "reason": "名册不全",
        "at": "",
    }


def test_the_same_operation_is_done_once_and_answered_twice(world, case):
    first = ok(say(world, "张三", case, "rate", "agree", op="same"))
    assert ok(say(world, "张三", case, "rate", "agree", op="same")) == first
    assert len(world.rows(findings)) == 1
    assert say(world, "李四", case, "rate", "agree", op="same").kind == "conflict"


@pytest.mark.parametrize(
    ("verdict", "more", "code", "said"),
    [
        ("adjust", {"points": "3"}, "reason", "理由没有写"),
        ("adjust", {"points": "7", "reason": "多"}, "points", "应在 0 到 6 之间"),
        (
            "adjust",
            {"points": "1.001", "reason": "细"},
            "points",
            "且不比最小单位还细",
        ),
        ("adjust", {"points": "三分", "reason": "字"}, "points", "不是数字"),
        ("adjust", {"points": "NaN", "reason": "字"}, "points", "不是数字"),
        ("adjust", {"reason": "没有分"}, "points", "要写分数和理由"),
        ("material", {}, "reason", "理由没有写"),
        ("great", {}, "verdict", "不认识"),
        ("site", {"reason": "看\0"}, "characters", "不能保存的字符"),
        ("site", {"reason": "看" * 2001}, "too-long", "最多 2000 个"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(world, case, verdict, more, code, said):
    assert said in refused(say(world, "张三", case, "rate", verdict, **more), code).what
    assert world.rows(findings) == []


def test_indicators_and_subjects_that_do_not_exist_are_missing(world, case):
    refused(say(world, "张三", case, "nothing", "agree"), "indicator")
    refused(say(world, "张三", case, "rate", "agree", subject="c9"), "subject")
    refused(say(world, "张三", "no-case", "rate", "agree"), "missing")


def test_what_was_seen_stands_beside_what_was_stated(world, case):
    actor = world.people["张三"]
    ok(save_seen(world.portal, actor, case, "c1", "c.passed", 20, note="数了名册", op_id=world.op()))
    found = ok(open_case(world.portal, actor, case, "c1", "rate"))
    (fact,) = [one for one in found.facts if one.fact == "c.passed"]
    assert (fact.value, fact.seen.value, fact.seen.note) == (30, 20, "数了名册")
    rows = {
        (row.subject_title, row.indicator): row
        for row in ok(compare(world.portal, world.people["秘书"], case)).rows
    }
    row = rows["第1食堂", "rate"]
    assert row.self == ("4.5", "4.5")
    assert [(one.inspector, one.low) for one in row.inspectors] == [("专家1", "3"), ("专家2", "4.5")]
    assert row.panel == ("3.75", "3.75")
    assert row.apart
    refused(save_seen(world.portal, actor, case, "c1", "c.passed", "很多", op_id=world.op()), "answer")
    refused(save_seen(world.portal, actor, case, "c1", "c.nothing", 1, op_id=world.op()), "fact")
    stale = refused(save_seen(world.portal, actor, case, "c1", "c.passed", 21, op_id=world.op()), "changed")
    assert (stale.details["version"], stale.details["current"]["note"]) == (1, "数了名册")
    photos = ("0" * 64,)
    refused(
        save_seen(world.portal, actor, case, "c1", "c.passed", 21, photos=photos, base=1, op_id=world.op()),
        "photos",
    )
    assert len(world.rows(seen)) == 1
    ok(save_seen(world.portal, actor, case, "u1", "c.kind", "承包", op_id=world.op()))


def test_notes_have_versions(world, case):
    actor = world.people["张三"]
    ok(save_note(world.portal, actor, case, "c1", "rate", "一", op_id=world.op()))
    refused(save_note(world.portal, actor, case, "c1", "rate", "二", op_id=world.op()), "changed")
    ok(save_note(world.portal, actor, case, "c1", "rate", "", base=1, op_id=world.op()))
    assert [row.text for row in world.rows(notes)] == ["一", ""]


# Three marks ------------------------------------------------------------------------------------------------------


def test_marking_for_a_visit_yields_the_on_site_list(world, case):
    ok(say(world, "张三", case, "licence", "site", reason="看原件"))
    ok(say(world, "张三", case, "rate", "site", subject="c2", reason="数人"))
    ok(say(world, "张三", case, "rate", "agree", subject="c2", base=1))
    visits = ok(on_site_list(world.portal, world.people["张三"]))
    assert [(one.subject_title, one.title, one.reason, one.done) for one in visits] == [
        ("第1食堂", "证照", "看原件", False),
        ("第2食堂", "培训", "数人", True),
    ]
    assert visits[0].facts[0].value is True
    assert on_site_list(world.portal, world.people["李四"]) == ()
    assert ok(progress(world.portal, world.people["张三"], case)).silent == 2


def test_material_is_asked_for_sent_and_answered(world, case):
    filler, first, second = (world.people[name] for name in ("u1填报员", "张三", "李四"))
    asked = ok(ask_material(world.portal, first, case, "c1", "rate", "培训名册", op_id=world.op()))
    refused(ask_material(world.portal, first, case, "c1", "licence", " ", op_id=world.op()), "reason")
    other = ok(ask_material(world.portal, second, case, "c1", "rate", "照片", op_id=world.op()))
    assert ok(list_requests(world.portal, filler, case)) == ()
    refused(answer_material(world.portal, filler, case, asked.request, "有", op_id=world.op()), "wrong_state")
    refused(withdraw_request(world.portal, first, case, other.request, op_id=world.op()), "not-yours")
    world.go(case, "补充材料")
    assert [(one.inspector, one.text) for one in ok(list_requests(world.portal, filler, case))] == [
        ("专家1", "培训名册"),
        ("专家2", "照片"),
    ]
    ok(withdraw_request(world.portal, second, case, other.request, op_id=world.op()))
    ok(answer_material(world.portal, filler, case, asked.request, "已附", op_id=world.op()))
    refused(answer_material(world.portal, filler, case, asked.request, "再答", op_id=world.op()), "answered")
    assert [one.answer for one in ok(list_requests(world.portal, filler, case))] == ["已附"]
    mine = ok(list_requests(world.portal, first, case))
    assert [(one.mine, one.withdrawn) for one in mine] == [(True, False), (False, True)]
    assert len(world.rows(requests)) == 2
    world.hand_in("u1")
    assert world.state(case) == "评审中"


# The end of it ----------------------------------------------------------------------------------------------------


def test_agreeing_to_the_rest_leaves_what_was_said_and_can_be_taken_back(world, case):
    actor = world.people["张三"]
    ok(say(world, "张三", case, "rate", "adjust", points="3", reason="名册不全"))
    done = ok(bulk_agree(world.portal, actor, case, op_id="bulk"))
    assert (done.agreed, done.left) == (3, ())
    assert ok(bulk_agree(world.portal, actor, case, op_id="bulk")) == done
    ok(say(world, "张三", case, "licence", "site", base=1, reason="再看"))
    undone = ok(undo_bulk(world.portal, actor, case, "bulk", op_id=world.op()))
    assert undone.agreed == 2
    refused(undo_bulk(world.portal, actor, case, "bulk", op_id=world.op()), "batch")
    latest = {
        (row.subject_id, row.indicator): row.verdict
        for row in sorted(world.rows(findings), key=lambda row: row.version)
    }
    assert sorted(latest.values()) == ["adjust", "none", "none", "site"]
    some = ok(bulk_agree(world.portal, actor, case, subjects=("c2",), indicators=("rate",), op_id=world.op()))
    assert some.agreed == 1


def test_signing_needs_a_last_word_on_everything_and_freezes_it(world, case):
    actor = world.people["张三"]
    assert refused(sign_off(world.portal, actor, case, op_id=world.op()), "silent").details["count"] == 4
    ok(say(world, "张三", case, "rate", "material", reason="名册"))
    ok(bulk_agree(world.portal, actor, case, op_id=world.op()))
    refused(sign_off(world.portal, actor, case, op_id=world.op()), "waiting")
    ok(say(world, "张三", case, "rate", "adjust", base=1, points="3", reason="名册不全"))
    signed = ok(sign_off(world.portal, actor, case, op_id="sign"))
    assert ok(sign_off(world.portal, actor, case, op_id="sign")) == signed
    (line,) = world.rows(log, log.c.op_id == "sign")
    assert signed.review in line.details
    for found in (
        say(world, "张三", case, "rate", "agree", base=2),
        save_note(world.portal, actor, case, "c1", "rate", "迟", op_id=world.op()),
        save_seen(world.portal, actor, case, "c1", "c.passed", 1, op_id=world.op()),
        bulk_agree(world.portal, actor, case, op_id=world.op()),
        ask_material(world.portal, actor, case, "c1", "rate", "迟", base=2, op_id=world.op()),
        sign_off(world.portal, actor, case, op_id=world.op()),
    ):
        refused(found, "signed")
    refused(hand_back(world.portal, world.people["秘书"], case, actor.id, " ", op_id=world.op()), "reason")
    ok(hand_back(world.portal, world.people["秘书"], case, actor.id, "写错学校", op_id=world.op()))
    ok(say(world, "张三", case, "rate", "agree", base=2))
    refused(
        hand_back(world.portal, world.people["秘书"], case, actor.id, "再", op_id=world.op()), "not-signed"
    )
    assert {row.signed_at for row in world.rows(assignments)} == {None}


def test_agreeing_to_what_has_no_points_yet_is_no_last_word(tmp_path):
    world = in_review(tmp_path)
    case = world.university("u2", {key: GOOD[key] for key in ("c.licence", "c.kind")})
    world.assign(case, "张三", "李四")
    world.hand_in("u2")
    world.go(case, "评审中")
    done = ok(bulk_agree(world.portal, world.people["张三"], case, op_id=world.op()))
    assert (done.agreed, done.left) == (1, ("培训",))
    ok(say(world, "张三", case, "rate", "agree"))
    refused(sign_off(world.portal, world.people["张三"], case, op_id=world.op()), "unsettled")
    world.portal.database.close()


def test_inspectors_work_apart_until_all_have_signed(world, case):
    for name, points in (("张三", "3"), ("李四", "5")):
        ok(say(world, name, case, "rate", "adjust", points=points, reason="看过"))
        ok(bulk_agree(world.portal, world.people[name], case, op_id=world.op()))
    alone = ok(compare(world.portal, world.people["张三"], case))
    assert list(alone.names) == ["专家1"]
    assert {row.panel for row in alone.rows} == {None}
    ok(sign_off(world.portal, world.people["张三"], case, op_id=world.op()))
    assert list(ok(compare(world.portal, world.people["张三"], case)).names) == ["专家1"]
    ok(sign_off(world.portal, world.people["李四"], case, op_id=world.op()))
    both = ok(compare(world.portal, world.people["张三"], case))
    assert list(both.names.values()) == ["专家1", "专家2"]
    running = ok(compare(world.portal, world.people["秘书"], case))
    assert running.names == {"专家1": "张三", "专家2": "李四"}
    assert (running.agreement.units, running.agreement.pairs, running.agreement.percent) == (4, 4, "75")
    assert running.by_indicator["licence"].percent == "100"

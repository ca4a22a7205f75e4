"""Surveys: entered by the secretariat with who, when and how many, weighed by the engine, asked for only where wanted."""

import json

import pytest

from engine.verify import verify
from portal.scoring import FINAL, inputs_from
from portal.snapshot import kept
from portal.store.tables import log, surveys
from portal.use_cases.publication import finish_review
from portal.use_cases.scorecards import rejudge_scorecard
from portal.use_cases.signing_off import bulk_agree, sign_off
from portal.use_cases.surveys import list_surveys, save_survey
from tests.portal.in_review import STANDARD, in_review, ok, refused, reviewed

WEIGHED = STANDARD.replace("at_least: 2}}", "at_least: 2}, final: {panel: 80%, survey: 20%}}")


@pytest.fixture
def world(empty_address, tmp_path):
    found = in_review(tmp_path, address=empty_address, standard=WEIGHED)
    yield found
    found.portal.database.close()


@pytest.fixture
def case(world):
    return world.cases["u1"]


def hold(world, case, points="9", *, who="秘书", subject="c1", **more):
    said = {
        "held_by": "协会秘书处",
        "from_day": "2026-02-01",
        "to_day": "2026-02-10",
        "asked": 300,
        "answered": 240,
    }
    said |= {"op_id": world.op(), **more}
    return save_survey(world.portal, world.people[who], case, subject, points, **said)


def test_it_is_weighed_beside_the_panel(world, case):
    ok(hold(world, case, "9"))
    ok(hold(world, case, "6.5", subject="c2"))
    reviewed(world, rate="2.5")
    cards = world.cards(case, "reviewed")
    final = cards[FINAL, world.subject(case, "c1")]
    assert (cards["panel", world.subject(case, "c1")].low, final.low, final.high) == ("6.5", "7", "7")
    assert verify(json.loads(final.document)) == []
    assert ok(rejudge_scorecard(world.portal, world.people["秘书"], final.id)).same
    with world.portal.database.read() as connection:
        inputs = inputs_from(kept(connection, final.inputs))
    assert {(one.review.subject, str(one.review.survey)) for one in inputs.opinions} == {
        ("c1", "9"),
        ("c2", "13/2"),
    }


def test_without_it_the_grade_may_stay_open_and_the_reason_is_asked_for(world, case):
    for name in ("张三", "李四"):
        ok(bulk_agree(world.portal, world.people[name], case, op_id=world.op()))
        ok(sign_off(world.portal, world.people[name], case, op_id=world.op()))
    refused(finish_review(world.portal, world.people["秘书"], case, op_id=world.op()), "open-grades")
    for subject in ("c1", "c2"):
        ok(hold(world, case, subject=subject))
    ok(finish_review(world.portal, world.people["秘书"], case, op_id=world.op()))


def test_every_change_is_a_version_and_no_points_take_it_back(world, case):
    first = ok(hold(world, case, op_id="same"))
    assert ok(hold(world, case, op_id="same")) == first
    assert refused(hold(world, case, "8"), "changed").details == {"version": 1, "current": "9"}
    ok(hold(world, case, "8", base=1))
    ok(hold(world, case, None, base=2, note="样本不够"))
    assert [row.points for row in sorted(world.rows(surveys), key=lambda row: row.version)] == [
        "9",
        "8",
        None,
    ]
    (found,) = ok(list_surveys(world.portal, world.people["张三"], case))
    assert (found.points, found.version, found.held_by, found.asked, found.answered, found.note) == (
        None,
        3,
        "协会秘书处",
        300,
        240,
        "样本不够",
    )
    lines = world.rows(log, log.c.action == "survey.save")
    assert [json.loads(one.details)["answered"] for one in lines] == [240] * 3


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"points": "11"}, "points"),
        ({"points": "-1"}, "points"),
        ({"points": "很好"}, "points"),
        ({"points": "NaN"}, "points"),
        ({"held_by": " "}, "reason"),
        ({"from_day": "2026-02-30"}, "survey"),
        ({"to_day": "2026-01-01"}, "survey"),
        ({"answered": 301}, "survey"),
        ({"answered": 0}, "survey"),
        ({"asked": 2**40}, "survey"),
        ({"subject": "c9"}, "subject"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(world, case, more, code):
    refused(hold(world, case, **more), code)
    assert world.rows(surveys) == []


@pytest.mark.parametrize("who", ["张三", "王五", "u1填报员", "u1负责人"])
def test_only_the_secretariat_enters_it(world, case, who):
    assert hold(world, case, who=who).kind in ("forbidden", "missing")


def test_once_the_review_has_ended_nothing_of_it_changes(world, case):
    for subject in ("c1", "c2"):
        ok(hold(world, case, subject=subject))
    reviewed(world)
    refused(hold(world, case, "8", base=1), "wrong_state")
    assert list_surveys(world.portal, world.people["u1负责人"], case).kind == "state"


def test_a_standard_that_counts_satisfaction_in_facts_wants_none(tmp_path):
    world = in_review(tmp_path)
    found = refused(hold(world, world.cases["u1"]), "no-survey")
    assert "没有测评分" in found.what
    world.portal.database.close()

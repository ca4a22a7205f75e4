"""The trail in words: newest first, by heading, words and days; each line only to whom it is for."""

from datetime import timedelta

import pytest

from portal.moment import BEIJING
from portal.refusal import MISSING
from portal.trail_fields import FIELDS
from portal.trail_words import GROUPS, TITLES
from portal.use_cases.assigning import assign
from portal.use_cases.submissions import Entry, save_many
from portal.use_cases.trail_search import AT_ONCE, list_trails, search_trail
from portal.use_cases.trails import read_trail
from tests.portal.in_review import GOOD, in_review, ok, refused, reviewed

ELSEWHERE = (
    "account.",
    "password.",
    "place.",
    "publication.",
    "recusal.",
    "role.",
    "session.",
    "system.",
    "token.",
    "university.",
)
"""What stands in the chains of accounts, of rounds and of the system."""
NOT_HERE = {
    "assignment.manage",
    "round.archive",
    "round.close",
    "round.create",
    "round.manage",
    "round.set_inspectors",
    "round.set_times",
}


@pytest.fixture
def world(tmp_path, empty_address):
    found = in_review(tmp_path / "world", address=empty_address)
    reviewed(found, rate="2.5")
    yield found
    found.portal.database.close()


def look(world, who="秘书", code="u1", **more):
    return ok(search_trail(world.portal, world.people[who], world.cases[code], **more)).lines


def test_every_action_of_an_assessment_has_its_words():
    here = {one for one in FIELDS if not one.startswith(ELSEWHERE)}
    assert here - NOT_HERE == set(TITLES)


def test_every_action_stands_under_one_heading():
    for action in TITLES:
        assert sum(action.startswith(begin) for begins in GROUPS.values() for begin in begins) == 1, action


@pytest.mark.parametrize("who", ["秘书", "u1负责人"])
def test_it_tells_the_lines_that_one_may_read_the_newest_first(world, who):
    plain = ok(read_trail(world.portal, world.people[who], world.cases["u1"])).lines
    found = look(world, who)
    assert [one.place for one in found] == [one.place for one in reversed(plain)]
    assert [one.who for one in found] == [one.who for one in reversed(plain)]


def test_a_university_does_not_read_what_inspectors_find(world):
    assert {one.action for one in look(world, "u1负责人")} == {"assessment.submit", "assessment.advance"}
    assert look(world, "u1负责人", group="评审") == ()


def test_it_is_the_rule_of_lines_that_hides_it(world, monkeypatch):
    """The protection bites: without it the university would read what inspectors find."""
    monkeypatch.setattr("portal.use_cases.trail_search.may_read_line", lambda *_: True)
    assert look(world, "u1负责人", group="评审") != ()


def test_lines_are_told_in_words(world):
    end = look(world)[1]
    assert (end.title, end.told) == ("结束评审", (("阶段", "评审中 → 评审完成"),))
    said = look(world, text="看过原件")[0]
    assert said.title == "记下评审意见"
    assert said.told == (("对象", "第1食堂"), ("指标", "培训"), ("理由", "看过原件"))


def test_what_was_answered_is_named_by_its_questions_and_not_by_its_answers(world):
    case, filler = world.university("u2", GOOD), world.people["u2填报员"]
    answers = [
        ("c1", "c.staff", 41),
        ("c1", "c.passed", 7),
        ("c1", "c.kind", "托管"),
        ("c1", "c.licence", False),
    ]
    entries = [Entry(world.subject(case), fact, value, 1) for _, fact, value in answers]
    ok(save_many(world.portal, filler, case, entries, op_id=world.op()))
    (found,) = look(world, "u2负责人", code="u2")
    assert found.title == "保存回答"
    ((name, told),) = found.told
    assert name == "问题"
    assert told.endswith(" 等 4 项")
    assert "41" not in told
    assert look(world, "u2负责人", code="u2", text="证") == (found,)


def test_who_was_assigned_is_named_to_the_secretariat(world):
    ok(
        assign(
            world.portal, world.people["秘书"], world.cases["u1"], world.people["王五"].id, op_id=world.op()
        )
    )
    assert look(world)[0].told == (("专家", "王五"),)


def test_one_looks_under_a_heading_or_for_words(world):
    assert {one.action for one in look(world, group="流转")} == {"assessment.submit", "assessment.advance"}
    assert {one.who for one in look(world, text="张三")} == {"张三"}
    assert look(world, text="没有这样的话") == ()
    refused(search_trail(world.portal, world.people["秘书"], world.cases["u1"], group="别的"), "group")


def test_one_looks_on_where_one_stopped(world):
    every, some, before = look(world), [], 0
    while True:
        found = ok(
            search_trail(world.portal, world.people["秘书"], world.cases["u1"], before=before, limit=3)
        )
        some += found.lines
        if found.before is None:
            break
        before = found.before
    assert tuple(some) == every
    assert len(every) > 6


def test_more_lines_than_one_query_reads_are_all_there(world, monkeypatch):
    monkeypatch.setattr("portal.use_cases.trail_search.AT_ONCE", 2)
    assert AT_ONCE > 2
    assert [one.place for one in look(world)] == list(range(len(look(world)), 0, -1))


def test_days_are_those_of_beijing_and_the_last_one_counts(world):
    day = world.clock.now.astimezone(BEIJING).date()
    every = len(look(world))
    assert len(look(world, since=str(day), until=str(day))) == every
    assert look(world, since=str(day + timedelta(days=1))) == ()
    assert look(world, until=str(day - timedelta(days=1))) == ()
    refused(search_trail(world.portal, world.people["秘书"], world.cases["u1"], since="昨天"), "day")


@pytest.mark.parametrize("who", ["张三", "u1填报员"])
def test_nobody_else_reads_it(world, who):
    assert search_trail(world.portal, world.people[who], world.cases["u1"]).kind in ("missing", "forbidden")
    assert list_trails(world.portal, world.people[who]) == ()


def test_what_is_not_there_is_missing(world):
    assert search_trail(world.portal, world.people["秘书"], "0" * 26) == MISSING


def test_the_trails_one_may_read_are_listed(world):
    (found,) = list_trails(world.portal, world.people["秘书"])
    assert (found.assessment, found.university_title, found.lines) == (
        world.cases["u1"],
        "u1大学",
        len(look(world)),
    )
    assert [one.assessment for one in list_trails(world.portal, world.people["u1负责人"])] == [
        world.cases["u1"]
    ]

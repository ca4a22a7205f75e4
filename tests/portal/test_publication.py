"""From the last signature to the archive, and what of it anybody may read."""

import json
import re
from dataclasses import replace

import pytest

from portal.assessments import last_place
from portal.once import digest
from portal.store.tables import assessments, publications, scorecards
from portal.use_cases import publication
from portal.use_cases.findings import save_seen
from portal.use_cases.moves import advance
from portal.use_cases.publication import (
    archive_all,
    decide_grade,
    decide_grades,
    finish_review,
    list_publications,
    publicise,
    publish_grades,
    withdraw_publication,
)
from portal.use_cases.signing_off import bulk_agree, hand_back, sign_off
from tests.portal.in_review import GOOD, in_review, ok, refused, reviewed


@pytest.fixture
def world(tmp_path):
    found = in_review(tmp_path)
    yield found
    found.portal.database.close()


@pytest.fixture
def case(world):
    return reviewed(world, rate="2.5")


def do(world, use, *args, who="秘书", **more):
    return use(world.portal, world.people[who], *args, op_id=more.pop("op", None) or world.op(), **more)


def published(world):
    return ok(do(world, publicise, world.round))


# The end of the review --------------------------------------------------------------------------------------------


def test_a_review_ends_only_when_all_have_signed(world):
    found = refused(do(world, finish_review, world.cases["u1"]), "unsigned")
    assert "2 位评审专家没有签署" in found.what
    assert world.state(world.cases["u1"]) == "评审中"
    assert world.cards(world.cases["u1"], "reviewed") == {}


def test_ending_it_twice_is_ending_it_once(world):
    case = world.cases["u1"]
    for name in ("张三", "李四"):
        ok(do(world, bulk_agree, case, who=name))
        ok(do(world, sign_off, case, who=name))
    first = ok(do(world, finish_review, case, op="end"))
    count = len(world.rows(scorecards))
    assert ok(do(world, finish_review, case, op="end")) == first
    assert len(world.rows(scorecards)) == count
    refused(do(world, finish_review, case), "no_such_move")


@pytest.mark.parametrize("who", ["张三", "u1填报员", "u1负责人"])
def test_only_the_secretariat_ends_a_review(world, who):
    assert do(world, finish_review, world.cases["u1"], who=who).kind == "forbidden"


def test_what_leaves_a_grade_open_needs_a_reason(world):
    case = world.cases["u1"]
    ok(save_seen(world.portal, world.people["张三"], case, "c1", "c.kind", "托管", op_id=world.op()))
    for name in ("张三", "李四"):
        ok(do(world, bulk_agree, case, who=name))
        ok(do(world, sign_off, case, who=name))
    found = refused(do(world, finish_review, case), "open-grades")
    assert "第1食堂" in found.what
    assert "认定不一" in found.what
    ok(do(world, finish_review, case, reason="专家意见不能统一"))
    ok(do(world, publicise, world.round))
    (row,) = world.rows(publications)
    assert json.loads(row.document)["results"][0]["subjects"][0]["grade"] is None


def test_a_review_that_was_reopened_is_ended_anew_beside_the_first(world, case):
    first = world.cards(case, "reviewed")
    world.go(case, "评审中", "发现新的问题")
    actor = world.people["张三"]
    ok(do(world, hand_back, case, actor.id, "请改一项"))
    ok(save_seen(world.portal, actor, case, "c2", "c.passed", 10, op_id=world.op()))
    ok(do(world, sign_off, case, who="张三"))
    ok(do(world, finish_review, case))
    rows = world.rows(scorecards, scorecards.c.stage == "reviewed")
    assert len(rows) == 2 * len(first)
    published(world)
    (row,) = world.rows(publications)
    shas = {one["scorecard"] for one in json.loads(row.document)["results"][0]["subjects"]}
    assert shas == {one.sha256 for one in rows[len(first) :] if one.layer == "final" and one.subject_id}


# What is public ---------------------------------------------------------------------------------------------------


def test_a_publication_is_one_canonical_document_under_its_hash(world, case):
    found = published(world)
    (row,) = world.rows(publications)
    assert row.sha256 == found.sha256 == digest(row.document)
    data = json.loads(row.document)
    assert row.document == json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    (result,) = data["results"]
    assert result["university"] == {"code": "u1", "title": "u1大学"}
    assert [(one["title"], one["total"], one["grade"]["title"]) for one in result["subjects"]] == [
        ("第1食堂", {"low": "6.5", "high": "6.5"}, "达标"),
        ("第2食堂", {"low": "7", "high": "7"}, "达标"),
    ]
    assert result["whole"]["titles"] == [{"title": "示范校", "earned": True}]
    assert world.state(case) == "公示"


def test_what_is_public_names_nobody_and_nothing_that_was_said_or_handed_in(world, case):
    published(world)
    (row,) = world.rows(publications)
    for secret in (
        "张三",
        "李四",
        "专家",
        "看过原件",
        "自营",
        "秘书",
        *(one.id for one in world.people.values()),
    ):
        assert secret not in row.document
    keys = set(re.findall(r'"(\w+)":', row.document))
    allowed = (
        "format kind at round title standard edition hash as_of until appeal_until results university code"
    )
    allowed += " subjects whole total low high of grade id sections points scorecard mean weighted_mean titles earned"
    assert keys <= set(allowed.split())


def test_anybody_may_read_what_is_public_and_nobody_what_was_withdrawn(world, case):
    found = published(world)
    (shown,) = list_publications(world.portal)
    assert shown.document is not None
    refused(do(world, withdraw_publication, found.id, " "), "reason")
    ok(do(world, withdraw_publication, found.id, "名称有误", op="back"))
    ok(do(world, withdraw_publication, found.id, "名称有误", op="back"))
    refused(do(world, withdraw_publication, found.id, "再撤"), "withdrawn")
    (shown,) = list_publications(world.portal)
    assert (shown.document, shown.withdrawn_for) == (None, "名称有误")
    (row,) = world.rows(publications)
    assert digest(row.document) == row.sha256
    assert world.state(case) == "评审完成"
    published(world)
    assert [one.document is None for one in list_publications(world.portal)] == [False, True]


def test_publishing_twice_is_publishing_once(world, case):
    first = ok(do(world, publicise, world.round, op="out"))
    assert ok(do(world, publicise, world.round, op="out")) == first
    assert len(world.rows(publications)) == 1
    refused(do(world, publicise, world.round), "nothing")


@pytest.mark.parametrize("who", ["张三", "u1填报员"])
def test_who_reviewed_or_filled_in_does_not_publish(world, case, who):
    """One university of a round is enough: nothing that is done to the whole round is done by them."""
    other = world.university("u2", GOOD)
    world.assign(other, "王五", "李四")
    was = world.people[who]
    world.people["两任"] = replace(was, members=(*was.members, *world.people["秘书"].members))
    refused(do(world, publicise, world.round, who="两任"), "partial")
    assert world.state(case) == "评审完成"
    shown = published(world)
    refused(do(world, withdraw_publication, shown.id, "反悔", who="两任"), "partial")
    assert do(world, decide_grade, case, who="两任").kind == "forbidden"
    left = ok(do(world, decide_grades, world.round, who="两任"))
    assert (left.done, list(left.left)) == ((), ["u1大学"])
    ok(do(world, decide_grades, world.round))
    refused(do(world, publish_grades, world.round, who="两任"), "partial")


def test_it_is_who_reviewed_that_stands_against_publishing(world, case, monkeypatch):
    """The protection bites: without looking who reviewed in the round, one of the panel would publish it."""
    was = world.people["张三"]
    world.people["两任"] = replace(was, members=(*was.members, *world.people["秘书"].members))
    monkeypatch.setattr("portal.policy_sql.reviewed_in", lambda *_: frozenset())
    monkeypatch.setattr("portal.batches.allowed", lambda *_: None)
    monkeypatch.setattr("portal.cases.allowed", lambda *_: None)
    ok(do(world, publicise, world.round, who="两任"))


@pytest.mark.parametrize("who", ["张三", "u1负责人", "王五"])
def test_only_the_secretariat_publishes(world, case, who):
    assert do(world, publicise, world.round, who=who).kind == "missing"


def test_moves_that_keep_something_are_not_made_on_their_own(world, case):
    base = world.version(case)
    found = advance(world.portal, world.people["秘书"], case, "公示", base=base, op_id=world.op())
    refused(found, "apart")


# Grades and the archive -------------------------------------------------------------------------------------------


def test_grades_are_decided_once_the_time_is_over(world, case):
    world.set_round(publish_until="2026-03-02T00:00:00.000000Z", appeal_until="2026-03-02T00:00:00.000000Z")
    refused(do(world, decide_grade, case), "no_such_move")
    published(world)
    early = ok(do(world, decide_grades, world.round))
    assert early.done == ()
    assert "公示要到" in early.left["u1大学"]
    world.clock.now = world.clock.now.replace(day=3)
    assert ok(do(world, decide_grades, world.round, op="all")).done == ("u1大学",)
    assert ok(do(world, decide_grades, world.round, op="all")).done == ("u1大学",)
    finals = {key: row for key, row in world.cards(case, "reviewed").items() if key[0] == "final"}
    decided = world.cards(case, "decided")
    assert {key: row.document for key, row in finals.items()} == {
        key: row.document for key, row in decided.items()
    }
    found = ok(do(world, publish_grades, world.round))
    assert (found.kind, found.universities) == ("grades", 1)
    ok(do(world, archive_all, world.round, op="away"))
    ok(do(world, archive_all, world.round, op="away"))
    assert world.state(case) == "归档"


def test_withdrawn_grades_go_back_to_publicity(world, case):
    published(world)
    ok(do(world, decide_grades, world.round))
    found = ok(do(world, publish_grades, world.round))
    ok(do(world, withdraw_publication, found.id, "漏了一所"))
    assert world.state(case) == "公示"


def test_universities_that_are_not_ready_follow_later(world, case):
    other = world.university("u2", GOOD)
    world.assign(other, "张三", "李四")
    world.hand_in("u2")
    assert published(world).universities == 1
    world.go(other, "评审中")
    reviewed(world, "u2")
    second = published(world)
    assert second.universities == 2
    assert {row.state for row in world.rows(assessments)} == {"公示"}


def test_every_step_is_in_the_trail(world, case):
    with world.portal.database.read() as connection:
        before = last_place(connection, f"a:{case}")
    published(world)
    with world.portal.database.read() as connection:
        assert last_place(connection, f"a:{case}") == before + 1
        assert last_place(connection, f"r:{world.round}") >= 1


def test_what_was_said_while_it_was_judged_is_not_left_out(world, monkeypatch):
    case = world.cases["u1"]
    for name in ("张三", "李四"):
        ok(do(world, bulk_agree, case, who=name))
        ok(do(world, sign_off, case, who=name))
    judged = publication.conclude

    def slow(connection, portal, standing, inputs):
        found = judged(connection, portal, standing, inputs)
        actor = world.people["张三"]
        ok(do(world, hand_back, case, actor.id, "补一项"))
        ok(save_seen(world.portal, actor, case, "c1", "c.passed", 1, op_id=world.op()))
        ok(do(world, sign_off, case, who="张三"))
        return found

    monkeypatch.setattr(publication, "conclude", slow)
    refused(do(world, finish_review, case), "changed")
    assert world.cards(case, "reviewed") == {}
    monkeypatch.undo()
    ok(do(world, finish_review, case))

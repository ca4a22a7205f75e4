"""What a review promises, asked of every use case there is, and each promise broken once to see the test fail.

Who filled in does not score; who must keep away sees nothing; inspectors work apart until all have signed; what was
kept of a layer stays as it is for ever, whatever engine or rules come after.
"""

import itertools
from dataclasses import replace
from inspect import Parameter, signature

import pytest
from sqlalchemy import exc, update

import portal.assessments
import portal.policy
from engine.load import load_texts
from portal.evidence.serving import Opened
from portal.people.actors import actor_of
from portal.portal import USE_CASES
from portal.refusal import Refusal
from portal.scoring import engine_version
from portal.store.tables import evidence, findings, photos, publications, recusals, scorecards, snapshots
from portal.use_cases import register_all
from portal.use_cases.appeals import assign_reviewer, decide_appeal, file_appeal
from portal.use_cases.assigning import assign
from portal.use_cases.cohort import cohort
from portal.use_cases.findings import save_finding, save_note, save_seen
from portal.use_cases.materials import ask_material, withdraw_request
from portal.use_cases.photos import add_photo
from portal.use_cases.publication import (
    decide_grades,
    finish_review,
    list_publications,
    publicise,
    publish_grades,
)
from portal.use_cases.reports import File
from portal.use_cases.scorecards import list_scorecards, read_scorecard, rejudge_scorecard
from portal.use_cases.signing_off import bulk_agree, sign_off
from tests import tiny
from tests.portal.good_files import photo
from tests.portal.in_review import GOOD, SECTION, STANDARD, in_review, ok, reviewed
from tests.portal.trails import unguarded

MARK = "暗号"
OPENING = {"photo.open", "evidence.open", "evidence.preview"}
"""Use cases that show content and write a line about it."""
GATED = ("materials", "panels", "photos", "scorecards")
"""Modules of use cases that show what inspectors say, each through `sees_all`."""


@pytest.fixture
def world(empty_address, tmp_path):
    found = in_review(tmp_path, address=empty_address)
    yield found
    found.portal.database.close()


@pytest.fixture
def case(world):
    return world.cases["u1"]


def told(world, case, actor):
    """Ask everything that can be read on behalf of somebody; return all answers that were not refused or empty."""
    register_all()
    known = {
        "assessment": [case],
        "subject": [world.subject(case, slug) for slug in ("c1", "c2")],
        "indicator": ["rate", "licence"],
        "fact": ["c.passed", "c.licence"],
        "round_id": [world.round],
        "upload": ["nothing"],
        "kind": ["json"],
        "changes": [{}],
        **{
            name: [row.id for row in world.rows(table)]
            for name, table in (("scorecard", scorecards), ("photo", photos), ("piece", evidence))
        },
    }
    found = list[str]()
    for one in USE_CASES.values():
        if one.action is None or (one.writes and one.name not in OPENING):
            continue
        asked = list(signature(one.run).parameters.values())[2:]
        needed = [each.name for each in asked if each.default is Parameter.empty]
        for values in itertools.product(*(known[name] for name in needed)):
            answer = one.run(world.portal, actor, *values)
            answer = answer.data.decode() if isinstance(answer, File) else answer
            if isinstance(answer, Opened):
                found.append(f"{one.name} {values} {MARK if one.name == 'photo.open' else ''}")
            elif not isinstance(answer, Refusal) and answer not in ((), []):
                found.append(f"{one.name} {answer!r}")
    return found


def work(world, case, who, *, secret=""):
    """Let somebody use every way in which an inspector can say something; return what was answered."""
    actor, op = world.people[who], world.op
    text = f"{who}的{secret}"
    calls = (
        lambda: ask_material(world.portal, actor, case, "c2", "rate", text, op_id=op()),
        lambda: save_finding(
            world.portal, actor, case, "c1", "rate", "adjust", points="1.25", reason=text, op_id=op()
        ),
        lambda: save_note(world.portal, actor, case, "c1", "licence", text, op_id=op()),
        lambda: save_seen(world.portal, actor, case, "c1", "c.passed", 7, note=text, op_id=op()),
        lambda: add_photo(world.portal, actor, case, "c1", "c.passed", f"{text}.jpg", photo(), op_id=op()),
        lambda: bulk_agree(world.portal, actor, case, subjects=("c1",), op_id=op()),
    )
    return [call() for call in calls]


# Who filled in does not score -------------------------------------------------------------------------------------


def former_filler(world):
    """Return somebody who filled in at the university, has left it since, and inspects now."""
    was = world.people["u1填报员"]
    world.people["旧人"] = replace(was, members=world.people["王五"].members)
    return world.people["旧人"]


def test_who_filled_in_does_not_score(world, case):
    left = former_filler(world)
    world.assign(case, "u1填报员")  # past every check, as a mistake in the program would
    assert all(isinstance(found, Refusal) for found in work(world, case, "旧人"))
    assert isinstance(sign_off(world.portal, left, case, op_id=world.op()), Refusal)
    assert world.rows(findings) == []
    assert told(world, case, left) == []
    refused = assign(world.portal, world.people["秘书"], case, left.id, op_id=world.op())
    assert isinstance(refused, Refusal)


def test_without_looking_who_filled_in_they_would_score(world, case, monkeypatch):
    former_filler(world)
    world.assign(case, "u1填报员")
    monkeypatch.setattr(portal.assessments, "filled_by", lambda *_: False)
    assert not any(isinstance(found, Refusal) for found in work(world, case, "旧人"))
    assert world.rows(findings) != []


# Who must keep away sees nothing ----------------------------------------------------------------------------------


def recused(world):
    """Let 张三 declare that they must keep away, and return them as the next click finds them."""
    third = world.people["张三"]
    university = world.people["u1填报员"].members[0].university
    world.put(
        recusals,
        id=world.id(),
        account_id=third.id,
        university_id=university,
        reason="校友",
        declared_at=world.at(),
    )
    with world.portal.database.read() as connection:
        world.people["张三"] = actor_of(connection, third.id)
    return world.people["张三"]


def test_an_inspector_with_a_conflict_sees_nothing_and_says_nothing(world, case):
    assert told(world, case, world.people["张三"]) != []
    work(world, case, "李四")
    third = recused(world)
    assert told(world, case, third) == []
    assert all(isinstance(found, Refusal) for found in work(world, case, "张三"))
    reviewed_by = {row.account_id for row in world.rows(findings)}
    assert reviewed_by == {world.people["李四"].id}
    world.set_state(case, "公示")
    assert told(world, case, third) == []


@pytest.mark.parametrize("broken", ["the table", "the actor"])
def test_without_the_conflict_they_would_see_it(world, case, monkeypatch, broken):
    third = recused(world)
    if broken == "the table":
        monkeypatch.setattr(portal.policy, "barred", lambda *_: frozenset())
    else:
        third = replace(third, recused=frozenset())
    assert told(world, case, third) != []


# Inspectors work apart --------------------------------------------------------------------------------------------


def secrets(world, case, who):
    return [one for one in told(world, case, world.people[who]) if MARK in one]


def begun_again(world, case):
    """End the review, begin it again with somebody new, and let 李四 say more."""
    asked = ok(work(world, case, "李四", secret=MARK)[0])
    actor = world.people["李四"]
    ok(withdraw_request(world.portal, actor, case, asked.request, op_id=world.op()))
    ok(save_finding(world.portal, actor, case, "c2", "rate", "agree", base=1, op_id=world.op()))
    ok(bulk_agree(world.portal, actor, case, op_id=world.op()))
    ok(bulk_agree(world.portal, world.people["张三"], case, op_id=world.op()))
    assert secrets(world, case, "张三") == []
    for name in ("李四", "张三"):
        ok(sign_off(world.portal, world.people[name], case, op_id=world.op()))
    assert secrets(world, case, "张三") != []  # all have signed
    ok(finish_review(world.portal, world.people["秘书"], case, op_id=world.op()))
    world.go(case, "评审中", "加一位专家")
    world.assign(case, "王五")


def test_inspectors_work_apart_until_all_have_signed(world, case):
    work(world, case, "李四", secret=MARK)
    assert secrets(world, case, "张三") == []
    assert secrets(world, case, "李四") != []
    assert secrets(world, case, "秘书") != []


def test_also_who_comes_to_a_review_that_is_done_again(world, case):
    begun_again(world, case)
    assert secrets(world, case, "王五") == []


@pytest.mark.parametrize("module", GATED)
def test_each_place_that_shows_what_inspectors_say_keeps_them_apart(world, case, monkeypatch, module):
    if module == "scorecards":
        begun_again(world, case)
    else:
        work(world, case, "李四", secret=MARK)
    who = "王五" if module == "scorecards" else "张三"
    assert secrets(world, case, who) == []
    monkeypatch.setattr(f"portal.use_cases.{module}.sees_all", lambda *_: True)
    assert secrets(world, case, who) != []


# What was kept stays ----------------------------------------------------------------------------------------------


def kept(world):
    """Return every byte that was kept of what was judged and published."""
    return {
        table.name: sorted(tuple(row) for row in world.rows(table))
        for table in (scorecards, snapshots, publications)
    }


def finished(world, case):
    """Go all the way to published grades, with an appeal that changed something."""
    secretary, portal_ = world.people["秘书"], world.portal
    reviewed(world, rate="2.5")
    ok(publicise(portal_, secretary, world.round, op_id="out"))
    first = kept(world)
    appeal = ok(file_appeal(portal_, world.people["u1负责人"], case, "c1", "rate", "有名册", op_id="appeal"))
    ok(assign_reviewer(portal_, secretary, case, appeal, world.people["王五"].id, op_id="second"))
    world.go(case, "复核")
    ok(
        decide_appeal(
            portal_, world.people["王五"], case, appeal, "changed", "有", points="5", op_id="decide"
        )
    )
    ok(decide_grades(portal_, secretary, world.round, op_id="grade"))
    ok(publish_grades(portal_, secretary, world.round, op_id="grades"))
    return first


def test_layers_stay_apart_for_ever(world, case):
    before = finished(world, case)
    after = kept(world)
    for name, rows in before.items():
        assert set(rows) <= set(after[name]), name
    decided = {row.layer for row in world.rows(scorecards, scorecards.c.stage == "decided")}
    assert decided == {"final"}
    for layer in ("self", "panel"):
        with pytest.raises(exc.IntegrityError, match="append-only"):
            _overwrite(world, layer)
    assert kept(world) == after


def _overwrite(world, layer):
    change = update(scorecards).where(scorecards.c.layer == layer).values(document="{}")
    world.portal.database.write(lambda connection: connection.execute(change))


def test_without_its_guard_a_layer_could_be_overwritten(world, case):
    finished(world, case)
    after = kept(world)
    unguarded(world.portal.database, "scorecards")
    _overwrite(world, "panel")
    assert kept(world) != after


def upgraded(world, monkeypatch, upgrade):
    """Run the portal with another engine, or with other rules under the same name."""
    if upgrade == "engine":
        engine_version.cache_clear()
        monkeypatch.setattr("portal.scoring.engine_version", lambda: "9.9.9+somethingnew")
        monkeypatch.setattr("engine.document.FORMAT", "zhunsheng.scorecard/9")
        return
    text = SECTION.replace("points: 4, when", "points: 3, when")
    library, problems = load_texts(tiny.files(text, STANDARD))
    assert problems == []
    assert library.editions["t", "1"].hash != world.portal.library().editions["t", "1"].hash
    world.portal = replace(world.portal, library=lambda: library)


@pytest.mark.parametrize("upgrade", ["engine", "rules"])
def test_an_upgrade_leaves_every_finished_scorecard_as_it_is_to_the_byte(world, case, monkeypatch, upgrade):
    finished(world, case)
    secretary = world.people["秘书"]
    before, public = kept(world), list_publications(world.portal)
    texts = {row.id: row.document for row in world.rows(scorecards)}
    listed = ok(list_scorecards(world.portal, secretary, case))
    upgraded(world, monkeypatch, upgrade)
    another = world.university("u2", GOOD)
    if upgrade == "engine":  # life goes on: what is judged from now on is judged by the new one
        world.assign(another, "张三", "李四")
        world.hand_in("u2")
    world.go(case, "归档")
    cohort(world.portal, secretary, world.round)
    told(world, case, secretary)
    for one in listed:
        assert read_scorecard(world.portal, secretary, one.id) == texts[one.id]
        again = rejudge_scorecard(world.portal, secretary, one.id)
        if upgrade == "rules":
            assert isinstance(again, Refusal)
            assert again.code == "edition-gone"
        else:
            assert (again.kept_by, again.judged_by) == (one.engine, "9.9.9+somethingnew")
            assert again.same is (one.subject is None)
    assert ok(list_scorecards(world.portal, secretary, case)) == listed
    assert list_publications(world.portal) == public
    after = kept(world)
    for name, rows in before.items():
        assert [row for row in after[name] if row in set(rows)] == rows, name
    new = set(after["scorecards"]) - set(before["scorecards"])
    assert bool(new) is (upgrade == "engine")


def test_an_upgrade_that_judges_finished_ones_again_would_be_noticed(world, case, monkeypatch):
    """The comparison bites: with the guard gone, write what the new engine says, and the bytes are others."""
    finished(world, case)
    before = kept(world)
    upgraded(world, monkeypatch, "engine")
    unguarded(world.portal.database, "scorecards")
    for row in world.rows(scorecards):
        document = ok(rejudge_scorecard(world.portal, world.people["秘书"], row.id)).document
        world.portal.database.write(
            lambda c, row=row, document=document: c.execute(
                update(scorecards).where(scorecards.c.id == row.id).values(document=document)
            )
        )
    assert kept(world)["scorecards"] != before["scorecards"]

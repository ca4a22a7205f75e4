"""Lines of the trail are shown to whom they are for; documents leave the house with what proves them."""

import json
import re
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from portal.api.app import create
from portal.checkpoint import Checkpoint, read_note
from portal.policy import Actor, Member, may_read_line
from portal.refusal import MISSING
from portal.signing import Signed, verify_document
from portal.store.tables import accounts, checkpoints, log, publications, scorecards
from portal.trail_export import exported
from portal.trail_proof import Proven, verify_bundle
from portal.trail_verify import verify
from portal.use_cases import trails
from portal.use_cases.findings import save_finding
from portal.use_cases.materials import answer_material, ask_material
from portal.use_cases.publication import publicise, withdraw_publication
from portal.use_cases.tokens import issue_token
from portal.use_cases.trails import newest_checkpoint, prove_publication, prove_scorecard, read_trail
from tests.portal.in_review import GOOD, ground, ok, refused, reviewed
from tests.portal.trails import KEY, KEYS, SEAL


@pytest.fixture
def world(tmp_path, empty_address):
    """Give a case in review, with a seal."""
    found = ground(tmp_path / "world", address=empty_address)
    found.portal = replace(found.portal, seal=SEAL)
    case = found.university("u1", GOOD, {**GOOD, "c.passed": 20})
    found.university("u2", GOOD)
    found.assign(case, "张三", "李四")
    found.hand_in("u1")
    found.go(case, "评审中")
    yield found
    found.portal.database.close()


def lines(world, who, code="u1", **more):
    return ok(read_trail(world.portal, world.people[who], world.cases[code], **more)).lines


def actions(world, who):
    return [one.action for one in lines(world, who)]


# Lines ----------------------------------------------------------------------------------------------------------------


def test_a_university_reads_what_was_done_and_nothing_of_what_inspectors_find(world):
    case, first = world.cases["u1"], world.people["张三"]
    ok(save_finding(world.portal, first, case, "c1", "rate", "agree", op_id=world.op()))
    asked = ok(ask_material(world.portal, first, case, "c1", "rate", "名册", base=1, op_id=world.op()))
    assert actions(world, "u1负责人") == ["assessment.submit", "assessment.advance"]
    assert actions(world, "秘书")[2:] == ["finding.save", "request.ask"]
    world.go(case, "补充材料")
    assert "request.ask" not in actions(world, "u1负责人")
    filler = world.people["u1填报员"]
    ok(answer_material(world.portal, filler, case, asked.request, "已附", op_id=world.op()))
    world.hand_in("u1")
    assert actions(world, "u1负责人")[-2:] == ["request.answer", "assessment.submit"]
    reviewed(world, bases={"张三": 2}, rate="2.5")
    ok(publicise(world.portal, world.people["秘书"], world.round, op_id=world.op()))
    assert {"finding.save", "finding.sign", "scorecard.keep"} <= set(actions(world, "u1负责人"))


def test_a_university_is_told_no_name_and_no_id_but_those_of_its_own_people(world):
    case = reviewed(world, rate="2.5")
    ok(publicise(world.portal, world.people["秘书"], world.round, op_id=world.op()))
    found = lines(world, "u1负责人")
    assert {one.who for one in found} == {"u1负责人", "专家1", "专家2", "秘书处"}
    others = {row.id for row in world.rows(accounts)} | {"张三", "李四", '"秘书"'}
    said = json.dumps([[one.who, dict(one.details)] for one in found], ensure_ascii=False)
    assert [one for one in others if one in said] == []
    assert {"张三", "李四", "秘书", "u1负责人"} == {one.who for one in lines(world, "秘书")}
    assert json.loads(world.rows(log, log.c.chain == f"a:{case}")[0].details)["move"] == "submit"


@pytest.mark.parametrize("who", ["u1填报员", "u2负责人", "u2填报员", "张三", "王五"])
def test_nobody_else_reads_the_trail(world, who):
    assert read_trail(world.portal, world.people[who], world.cases["u1"]).kind in ("forbidden", "missing")
    assert read_trail(world.portal, world.people[who], "nothing") == MISSING


def test_a_secretary_with_a_conflict_reads_nothing(world):
    torn = replace(world.people["秘书"], recused=frozenset({world.people["u1填报员"].members[0].university}))
    assert read_trail(world.portal, torn, world.cases["u1"]).kind in ("forbidden", "missing")


def test_without_the_check_of_each_line_findings_would_be_told(world, monkeypatch):
    """The protection bites."""
    case = world.cases["u1"]
    ok(save_finding(world.portal, world.people["张三"], case, "c1", "rate", "agree", op_id=world.op()))
    assert "finding.save" not in actions(world, "u1负责人")
    monkeypatch.setattr(trails, "may_read_line", lambda *_: True)
    assert "finding.save" in actions(world, "u1负责人")


def test_lines_come_in_pages(world, monkeypatch):
    monkeypatch.setattr(trails, "AT_ONCE", 1)
    first = ok(read_trail(world.portal, world.people["秘书"], world.cases["u1"]))
    assert ([one.place for one in first.lines], first.after) == ([1], 1)
    second = lines(world, "秘书", after=1)
    assert [one.place for one in second] == [2]
    assert lines(world, "秘书", after=2) == ()


def test_what_inspectors_ask_is_theirs_until_it_may_be_read(world):
    home = Actor("a", "某人", (Member("approver", "U"),))
    about = trails.Object("R", "U", "评审中")
    for action in ("request.ask", "request.withdraw", "finding.save", "review.save_note", "scorecard.keep"):
        assert not may_read_line(home, action, about)
    for action in ("request.answer", "answer.save", "evidence.read", "assessment.advance", "appeal.file"):
        assert may_read_line(home, action, about)


def test_a_clock_that_goes_back_a_day_leaves_the_trail_whole(world):
    """Order comes from the chain and the tree, never from the time a line was written."""
    world.clock.now -= timedelta(days=1)
    reviewed(world, rate="2.5")
    world.clock.now -= timedelta(days=1)
    ok(publicise(world.portal, world.people["秘书"], world.round, op_id=world.op()))
    times = [row.at for row in world.rows(checkpoints)]
    assert times != sorted(times)
    with world.portal.database.read() as connection:
        whole = [line.encode() for line in exported(connection)]
    report = verify(whole, KEYS, [row.note for row in world.rows(checkpoints)])
    assert (report.wrong, report.unsealed) == (None, 0)
    assert [one.place for one in lines(world, "秘书")] == list(range(1, len(lines(world, "秘书")) + 1))


# Proofs ---------------------------------------------------------------------------------------------------------------


def test_the_newest_checkpoint_is_for_anybody(world):
    head = ok(newest_checkpoint(world.portal))
    found = read_note(head.checkpoint, KEYS)
    assert isinstance(found, Checkpoint)
    assert (found.size, head.key) == (len(world.rows(log)), KEY.public.text)
    assert ok(newest_checkpoint(replace(world.portal, seal=None))).key is None


def test_before_the_first_checkpoint_there_is_none(tmp_path, empty_address):
    found = ground(tmp_path, address=empty_address)
    assert refused(newest_checkpoint(found.portal), "no_checkpoint_yet").kind == "state"
    found.portal.database.close()


def proven(found):
    """Check a document with what lies beside it, and return what its line says."""
    signed = verify_document(found.document.encode(), found.signature, KEYS)
    assert signed == Signed(KEY.public, f"zhunsheng {found.name}")
    shown = verify_bundle(found.document.encode(), found.proof, KEYS)
    assert isinstance(shown, Proven), shown
    return shown.line


def test_a_publication_proves_itself_to_anybody_and_tells_nothing_else(world):
    reviewed(world, rate="2.5")
    secretary = world.people["秘书"]
    out = ok(publicise(world.portal, secretary, world.round, op_id=world.op()))
    found = ok(prove_publication(world.portal, out.id))
    assert found.document == world.rows(publications)[0].document
    line = proven(found)
    assert (line["action"], line["target"]) == ("publication.document", out.id)
    assert line["details"] == {"sha256": out.sha256, "kind": "publicity"}
    assert "u2" not in found.proof
    assert ok(prove_publication(replace(world.portal, seal=None), out.id)).signature is None
    ok(withdraw_publication(world.portal, secretary, out.id, "有误", op_id=world.op()))
    assert prove_publication(world.portal, out.id) == prove_publication(world.portal, "none") == MISSING


def test_a_scorecard_proves_itself_to_whom_it_may_be_shown(world):
    reviewed(world, rate="2.5")
    ok(publicise(world.portal, world.people["秘书"], world.round, op_id=world.op()))
    home, seen = world.people["u1负责人"], set()
    for row in world.rows(scorecards):
        found = ok(prove_scorecard(world.portal, world.people["秘书"], row.id))
        line = proven(found)
        seen.add((row.stage, line["action"]))
        assert found.document == row.document
        assert "inspector:" not in found.proof
        ids = re.findall(r"01[0-9A-Z]{24}", json.dumps(line["details"]))
        assert ids == []
        assert (prove_scorecard(world.portal, home, row.id) == found) or not row.layer.startswith(
            ("self", "final")
        )
        assert prove_scorecard(world.portal, world.people["u2负责人"], row.id) == MISSING
    assert seen == {  # the self layer of a review is, to the byte, what was judged when it was handed in
        ("submitted", "assessment.submit"),
        ("reviewed", "assessment.submit"),
        ("reviewed", "scorecard.keep"),
    }


def test_over_http_the_trail_is_behind_a_token_like_everything(world):
    reviewed(world, rate="2.5")
    home = world.people["u1负责人"]
    out = ok(publicise(world.portal, world.people["秘书"], world.round, op_id=world.op()))
    paths = ("/checkpoint", f"/publications/{out.id}/proof", f"/assessments/{world.cases['u1']}/trail")
    told = (
        newest_checkpoint(world.portal),
        prove_publication(world.portal, out.id),
        read_trail(world.portal, home, world.cases["u1"]),
    )
    token = ok(issue_token(world.portal, home, world.op(), "核对")).token
    with TestClient(create(world.portal)) as client:
        for path, expected in zip(paths, told, strict=True):
            assert client.get(path).status_code == 401
            answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.json()) == (200, json.loads(json.dumps(asdict(expected))))

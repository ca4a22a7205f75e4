"""The result and its files: who sees which layer, that nobody sees another's, and that trying keeps nothing."""

import io
import json
import zipfile
from dataclasses import replace

import desks
import pytest
from test_api import Calling, told

from engine.document import canonical
from portal.refusal import Refusal
from portal.signing import Signed, verify_document
from portal.store.tables import answer_history, answers, log, scorecards
from portal.trail_proof import Proven, verify_bundle
from portal.use_cases.forms import score
from portal.use_cases.moves import withdraw
from portal.use_cases.publication import publicise
from portal.use_cases.reports import read_report
from portal.use_cases.results import read_result
from portal.use_cases.scorecards import read_scorecard
from portal.use_cases.trying import MOST_TRIED, what_if
from tests.portal.in_review import GOOD, ground, ok, refused, reviewed
from tests.portal.trails import KEY, KEYS, SEAL


@pytest.fixture
def desk(database, tmp_path):
    return desks.make(database, tmp_path / "blobs")


@pytest.fixture
def world(tmp_path, empty_address):
    """Give a case in review, with a seal."""
    found = ground(tmp_path / "world", address=empty_address)
    found.portal = replace(found.portal, seal=SEAL)
    case = found.university("u1", GOOD, {**GOOD, "c.passed": 20})
    found.assign(case, "张三", "李四")
    found.hand_in("u1")
    found.go(case, "评审中")
    yield found
    found.portal.database.close()


def result(desk, who="filler", subject="canteen"):
    about = desk.ids[subject] if subject else None
    return read_result(desk.portal, desk.people[who], desk.ids["a"], subject=about)


def report(desk, kind, who="filler", subject="canteen", **more):
    about = desk.ids[subject] if subject else None
    return read_report(desk.portal, desk.people[who], desk.ids["a"], kind, subject=about, **more)


# What is seen ------------------------------------------------------------------------------------------------------------


def test_while_filling_in_the_own_university_sees_what_the_engine_says_now(desk):
    desk.save("filler", "c.staff", 40)
    (side,) = ok(result(desk)).sides
    assert (side.layer, side.kept, side.scorecard) == ("self", False, None)
    wanted = score(desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"])
    assert canonical(side.document) == canonical(wanted)
    desk.save("filler", "c.passed", 40)
    (after,) = ok(result(desk)).sides
    assert after.document["total"] != side.document["total"]
    whole = ok(result(desk, subject=None))
    assert whole.subject == ""
    assert whole.sides[0].document is None
    assert whole.sides[0].total["mean"] == after.total["mean"]


@pytest.mark.parametrize("who", ["stranger", "inspector", "observer"])
def test_others_do_not_see_that_it_is_there(desk, who):
    desk.save("filler", "c.staff", 40)
    assert result(desk, who).kind == "missing"
    assert report(desk, "pdf", who).kind == "missing"
    assert what_if(desk.portal, desk.people[who], desk.ids["a"], desk.ids["canteen"], {}).kind == "missing"


def test_the_secretariat_sees_it_when_it_was_handed_in_and_not_before(desk):
    desk.save("filler", "c.staff", 40)
    refused(result(desk, "secretary"), "wrong_state")
    refused(report(desk, "pdf", "secretary"), "wrong_state")
    desk.submit()
    (side,) = ok(result(desk, "secretary")).sides
    assert side.kept
    assert read_scorecard(desk.portal, desk.people["secretary"], side.scorecard) == canonical(side.document)


def test_what_was_handed_in_and_taken_back_is_not_shown_for_what_stands(desk):
    desk.save("filler", "c.staff", 40)
    desk.submit()
    assert ok(result(desk)).sides[0].kept
    who, case = desk.people["approver"], desk.ids["a"]
    ok(withdraw(desk.portal, who, case, "漏填", base=desk.version(), op_id=desk.op()))
    desk.save("filler", "c.passed", 40)
    (side,) = ok(result(desk)).sides
    assert not side.kept
    assert side.document["total"]["low"] == "4"


def test_a_subject_of_another_assessment_is_not_there(desk):
    assert result(desk, subject="other canteen").kind == "missing"
    assert report(desk, "json", subject="other canteen").kind == "missing"


def test_layers_come_when_they_are_for_these_eyes(world):
    def layers(who):
        found = read_result(world.portal, world.people[who], world.cases["u1"])
        return [one.layer for one in found.sides] if not isinstance(found, Refusal) else found.kind

    world.person("观察员", "observer")
    everybody = ("u1填报员", "u1负责人", "张三", "秘书", "观察员", "王五")
    assert [layers(who) for who in everybody] == [["self"]] * 4 + ["missing", "missing"]
    reviewed(world)
    every = ["self", "panel", "final"]
    assert [layers(who) for who in everybody] == [["self"], ["self"], every, every, "missing", "missing"]
    ok(publicise(world.portal, world.people["秘书"], world.round, op_id="out"))
    assert [layers(who) for who in everybody] == [every] * 4 + [["panel", "final"], "missing"]


# Files -------------------------------------------------------------------------------------------------------------------


def test_the_document_is_the_engines_to_the_byte(world):
    reviewed(world)
    case, who = world.cases["u1"], world.people["秘书"]
    rows = {
        (row.layer, row.subject_id): row for row in world.rows(scorecards, scorecards.c.stage == "reviewed")
    }
    for (layer, subject), row in rows.items():
        if layer.startswith("inspector"):
            continue
        found = ok(read_report(world.portal, who, case, "json", subject=subject, layer=layer))
        assert found.data.decode() == row.document


def test_a_kept_document_comes_with_what_proves_it(world):
    case, who = world.cases["u1"], world.people["u1填报员"]
    found = ok(read_report(world.portal, who, case, "zip", subject=world.subject(case)))
    with zipfile.ZipFile(io.BytesIO(found.data)) as packed:
        names = sorted(packed.namelist())
        document, signature, proof = (packed.read(one) for one in names)
    assert names == [f"{found.name}.json", f"{found.name}.json.minisig", f"{found.name}.json.proof.json"]
    assert isinstance(verify_document(document, signature.decode(), [KEY.public]), Signed)
    assert isinstance(verify_bundle(document, proof.decode(), KEYS), Proven)
    assert json.loads(document)["subject"]["id"] == "c1"


def test_what_is_not_kept_has_no_signature_and_says_so(desk):
    desk.save("filler", "c.staff", 40)
    refused(report(desk, "zip"), "not_kept")
    assert ok(report(desk, "json")).data


def test_the_whole_is_one_file_with_every_subject(world):
    case, who = world.cases["u1"], world.people["秘书"]
    found = ok(read_report(world.portal, who, case, "xlsx"))
    assert found.data[:2] == b"PK"
    assert found.name == "u1大学-自评成绩单-2024-06-30"
    assert ok(read_report(world.portal, who, case, "pdf")).data.startswith(b"%PDF")
    assert (
        json.loads(ok(read_report(world.portal, who, case, "json")).data)["format"] == "zhunsheng.roll_up/1"
    )
    assert read_report(world.portal, who, case, "pdf", layer="final").kind == "missing"


# Trying ------------------------------------------------------------------------------------------------------------------


def test_trying_tells_the_other_score_and_keeps_nothing(desk):
    desk.save("filler", "c.staff", 40)
    desk.save("filler", "c.passed", 30)
    before = [len(desk.rows(table)) for table in (answers, answer_history, log, scorecards)]
    standing = desks.standing(desk)
    done = ok(
        what_if(desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"], {"c.passed": "40"})
    )
    (one,) = done.document["indicators"]
    assert (one["id"], one["before"]["low"], one["after"]["low"]) == ("trained", "2", "4")
    assert [len(desk.rows(table)) for table in (answers, answer_history, log, scorecards)] == before
    assert desks.standing(desk) == standing
    desk.save("filler", "c.passed", 40, base=1)
    real = ok(result(desk)).sides[0].document
    assert real["total"] == {key: done.document["after"][key] for key in ("low", "high")}


def test_what_cannot_be_read_is_told_and_the_rest_is_tried(desk):
    changes = {"c.staff": "很多", "c.unknown": 1, "s.plan": True, "c.kind": None}
    done = ok(what_if(desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"], changes))
    assert [one.details["fact"] for one in done.refused] == ["c.staff", "c.unknown"]
    assert [one["id"] for one in done.document["indicators"]] == ["plan"]


def test_an_answer_can_be_tried_as_not_given(desk):
    desk.save("filler", "s.plan", True, subject="school")
    tried = ok(
        what_if(desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"], {"s.plan": None})
    )
    assert tried.document["indicators"][0]["turn"] == "less"


def test_of_a_whole_and_of_too_much_nothing_is_tried(desk):
    who = desk.people["filler"]
    assert what_if(desk.portal, who, desk.ids["a"], desk.ids["school"], {}).kind == "missing"
    many = {f"c.{number}": 1 for number in range(MOST_TRIED + 1)}
    refused(what_if(desk.portal, who, desk.ids["a"], desk.ids["canteen"], many), "too_many")


# Over HTTP ---------------------------------------------------------------------------------------------------------------


def test_files_come_over_http_with_their_name(desk):
    call = Calling(desk)
    desk.save("filler", "c.staff", 40)
    path = f"/assessments/{desk.ids['a']}/report"
    for kind, media, first in (
        ("pdf", "application/pdf", b"%PDF"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("json", "application/json", b"{"),
    ):
        got = call("GET", f"{path}.{kind}?subject={desk.ids['canteen']}&layer=self")
        assert got.status_code == 200, got.text
        assert got.headers["content-type"] == media
        assert got.content.startswith(first)
        where = got.headers["content-disposition"]
        assert where.startswith(f"attachment; filename=\"report.{kind}\"; filename*=UTF-8''A")
        assert where.isascii()
    told(call("GET", f"{path}.zip"), 409, "not_kept")
    told(call("GET", f"{path}.pdf", who="stranger"), 404)
    told(call("GET", f"{path}.docx"), 422)
    found = call("GET", f"/assessments/{desk.ids['a']}/result").json()
    assert found["sides"][0]["layer"] == "self"
